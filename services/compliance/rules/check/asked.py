"""Which answer a key of `then` asks for: by its name, or by the same words in another form."""

from collections.abc import Mapping
from typing import TypeVar

from services.compliance.rules.check import vocabulary

_FILLING = frozenset(
    {"is", "are", "a", "an", "the", "of", "for", "to", "be", "must", "may", "does", "do", "has",
     "have", "it", "this", "that"}
)  # fmt: skip
_OF_WHAT = frozenset(
    {"with", "place", "collector", "debt", "date", "by", "first", "item", "medium", "media", "in",
     "at", "on", "which", "total", "answer", "then"}
)  # fmt: skip
"""Words that only say of what something is asked."""
_ALSO = {
    "counts_toward_limit": "counts", "counts_as_call": "counts", "placed_call": "counts",
    "call_placed": "counts", "counted_toward": "counted", "calls_counted": "counted",
    "number_counted": "counted", "count_in_window": "counts",
    "calls_in_window": "counts", "number_of_calls": "counts", "calls_placed": "counts",
    "total_calls": "counts", "substantially_similar": "safe_harbor",
    "single_debt": "treated_as_single_debt", "one_debt": "treated_as_single_debt",
    "timely": "required", "in_time": "required", "must_cease": "required",
    "triggers_validation_notice": "is_initial_communication",
    "triggers_validation": "is_initial_communication",
    "notice_due_by": "due_by", "due_date": "due_by",
    "cease_request": "is_cease_notice", "cease": "is_cease_notice",
    "complete_and_accurate": "qualifies", "complete_and_accurate_database": "qualifies",
    "may_be_used": "qualifies", "can_be_used": "qualifies", "sets_date": "qualifies",
    "reasonable_and_simple": "ok", "simple": "ok", "reasonable": "ok",
    "not_reasonable_and_simple": "not_ok", "not_reasonable": "not_ok", "not_simple": "not_ok",
    "available_to_general_public": "public", "publicly_available": "public",
    "not_available_to_general_public": "not_public", "not_publicly_available": "not_public",
    "earliest_furnish_date": "earliest_date", "may_furnish_from": "earliest_date",
    "transfer_for_consideration": "is_transfer", "transferred": "is_transfer",
    "retain_until": "keep_through", "keep_until": "keep_through", "retain_through": "keep_through",
    "disclosure": "required_disclosure", "which_disclosure": "required_disclosure",
    "factors": "factors_met", "number_of_factors": "factors_met",
}  # fmt: skip
"""Other names of the same questions."""
EXPLAINING = frozenset({"reason", "because", "remedy", "recommended", "note", "why"})
"""Keys that say why an answer is right, and ask for none outside the area that has them."""

_A = TypeVar("_A")


def answer_to(table: Mapping[str, _A], key: str) -> _A | None:
    """Return the answer of a table to a key, None where it has none."""
    if key in table:
        return table[key]
    other_name = _ALSO.get(key.removeprefix("is_"), key)
    if other_name in table:
        return table[other_name]
    meant = _meaning(key)
    same = next((answer for name, answer in table.items() if _meaning(name) == meant), None)
    if same is not None or not meant - _OF_WHAT:
        return same
    return next(
        (answer for name, answer in table.items() if _meaning(name) == meant - _OF_WHAT), None
    )


def nearest(table: Mapping[str, _A], key: str) -> _A | None:
    """Return the answer whose name a key holds among other words, that with the longest name."""
    wanted = _meaning(key)
    within = [name for name in table if _meaning(name) <= wanted]
    return table[max(within, key=lambda name: len(_meaning(name)))] if within else None


def _meaning(key: str) -> frozenset[str]:
    return frozenset(
        each.rstrip("s")
        for each in vocabulary.words(key)
        if each not in _FILLING and not each.isdigit()
    )
