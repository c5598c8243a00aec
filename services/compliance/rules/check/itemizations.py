"""Reads by which itemization dates an example says that the figures of a debt go."""

from datetime import date, timedelta
from typing import Any

from services.compliance.rules import message as parts
from services.compliance.rules.check import moments, vocabulary
from services.compliance.rules.check.said import Said
from services.compliance.rules.message import ItemizationChoice
from shared.kernel.records import replace

_CHOICES: tuple[tuple[str, ItemizationChoice], ...] = (
    ("statement", "last_statement"),
    ("invoice", "last_statement"),
    ("charge", "charge_off"),
    ("payment", "last_payment"),
    ("judgment", "judgment"),
    ("transaction", "transaction"),
    ("contract", "transaction"),
    ("service", "transaction"),
    ("delivery", "transaction"),
    ("delivered", "transaction"),
    ("executed", "transaction"),
    ("signed", "transaction"),
    ("performed", "transaction"),
    ("provided", "transaction"),
    ("procedure", "transaction"),
    ("membership", "transaction"),
    ("purchase", "transaction"),
)


def choice_of(said: object) -> ItemizationChoice | None:
    """Return the itemization date that words name."""
    words = vocabulary.words(said)
    return next((choice for word, choice in _CHOICES if word in words), None)


def itemization_of(told: dict[str, Any]) -> parts.ItemizationUse:
    """Return which dates a collector goes by; another collector's are none of its."""
    choices: dict[str, ItemizationChoice] = {}
    earlier: ItemizationChoice | None = None
    by = now = ""
    for key, value in told.items():
        choice = choice_of(value)
        words = set(vocabulary.words(key))
        if choice is None:
            continue
        if words & _BEFORE:
            is_ours = bool(words & _OURS) or "collector" not in words
            earlier = choice if is_ours else earlier
            by = str(value) if is_ours else by
        else:
            choices[str(key)] = choice
            now = str(value)
    told_consistent = _told_consistent(Said(told))
    by_dates = _figures_by_dates(told)
    if told_consistent is False and choices:
        earlier = earlier or next(iter(choices.values()))
    is_same = (earlier is None or by == now) and told_consistent is not False
    if by_dates is not None:
        return by_dates if is_same else _as_elsewhere_otherwise(by_dates)
    return parts.ItemizationUse(
        choices=choices,
        earlier_choice=earlier,
        reference_date=moments.UNDATED,
        # Two names of one choice, as of a contract and a service, are two dates.
        earlier_reference_date=moments.UNDATED - timedelta(days=0 if is_same else 15),
    )


_BEFORE = frozenset({"prior", "previous", "earlier", "former", "first"})
_OURS = frozenset({"this", "same", "our"})
_CONSISTENT = ("consistent", "throughout", "same", "uniform", "everywhere")
_FIGURE = (frozenset({"as", "of"}), frozenset({"itemization", "date"}), frozenset({"dated"}),
           frozenset({"reference", "date"}), frozenset({"uses"}), frozenset({"date", "used"}),
           frozenset({"goes", "by"}))  # fmt: skip
"""Words of keys that say by which date a figure goes."""


def _told_consistent(said: Said) -> bool | None:
    return next((tells for each in _CONSISTENT if (tells := said.tells(each)) is not None), None)


def _figures_by_dates(told: dict[str, Any]) -> parts.ItemizationUse | None:
    """Return by which dates the figures of a notice go, where they are told by dates alone.

    What each date is of an example says elsewhere: "contract_executed: 2025-03-02".
    """
    named: dict[date, ItemizationChoice] = {}
    figures: dict[str, date] = {}
    for key, value in _flat(told):
        days = moments.dates_of(value)
        words = set(vocabulary.words(key))
        if not days or (words & _BEFORE and "collector" in words and not words & _OURS):
            continue  # another collector's dates bind nobody
        if any(each <= words for each in _FIGURE):
            figures[key] = days[-1]
        elif (choice := choice_of(key)) is not None:
            named[days[-1]] = choice
    if not figures:
        return None
    first, *others = dict.fromkeys(figures.values())
    return parts.ItemizationUse(
        choices={key: named[day] for key, day in figures.items() if day in named},
        reference_date=first,
        earlier_reference_date=others[0] if others else None,
    )


def _as_elsewhere_otherwise(use: parts.ItemizationUse) -> parts.ItemizationUse:
    """Return the same where an earlier notice went by another date."""
    now = use.reference_date or moments.UNDATED
    return replace(use, earlier_reference_date=now - timedelta(days=15))


def _flat(told: dict[str, Any]) -> list[tuple[str, Any]]:
    inner = [
        (f"{key} {name}", value)
        for key, part in told.items()
        if isinstance(part, dict)
        for name, value in part.items()
    ]
    return [(str(key), value) for key, value in told.items()] + inner
