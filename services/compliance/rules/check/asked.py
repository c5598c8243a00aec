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
EXPLAINING = frozenset({"reason", "because", "remedy", "recommended", "note", "why"})
"""Keys that say why an answer is right, and ask for none outside the area that has them."""

_A = TypeVar("_A")


def answer_to(table: Mapping[str, _A], key: str) -> _A | None:
    """Return the answer of a table to a key, None where it has none."""
    if key in table:
        return table[key]
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
    return frozenset(each.rstrip("s") for each in vocabulary.words(key) if each not in _FILLING)
