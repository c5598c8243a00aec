"""What examples ask of a limitation period: its years, and its first and last days."""

from collections.abc import Callable
from typing import Any, Protocol

from services.compliance.rules.book import Book
from services.compliance.rules.check.story import Story
from services.compliance.rules.facts import DebtHistory
from services.compliance.rules.limitation import (
    Limitation,
    Period,
    accrual,
    limitation,
    period_of,
)
from services.compliance.rules.pack import Terms


class _Told(Protocol):
    book: Book
    given: dict[str, Any]

    @property
    def story(self) -> Story:
        """Return what was told."""
        ...


def _history(told: _Told) -> DebtHistory:
    (history, *_) = (
        fact
        for label in told.story.labels()
        if isinstance(fact := told.story.latest(label), DebtHistory)
    )
    return history


def _terms(told: _Told) -> Terms:
    """Return the terms by which suit is judged in the state that governs the debt."""
    state = _history(told).governing_state
    (found,) = (
        each
        for pack in told.book.packs
        if pack.jurisdiction == state
        for each in pack.terms
        if each.rule == "limitation-period"
    )
    return found


def _found(told: _Told) -> Limitation:
    found = limitation(_terms(told), _history(told))
    if found is None:
        raise LookupError("when the claim accrued or which period it has is not known")
    return found


def _period(told: _Told) -> Period:
    found = period_of(_terms(told), _history(told))
    if found is None:
        raise LookupError("no period is known for such a debt")
    return found


def _last_timely_day(told: _Told, expected: Any) -> str:
    return _found(told).last_timely_day.isoformat()


def _barred_from(told: _Told, expected: Any) -> str:
    return _found(told).barred_from.isoformat()


def _accrual(told: _Told, expected: Any) -> str | None:
    found = accrual(_terms(told), _history(told))
    return found.isoformat() if found else None


def _years(told: _Told, expected: Any) -> int:
    return _period(told).years


def _is_revived(told: _Told, expected: Any) -> bool:
    return _found(told).is_restarted


ANSWERS: dict[str, Callable[[Any, Any], Any]] = {
    "last_timely_day": _last_timely_day,
    "last_day_to_sue": _last_timely_day,
    "barred_from": _barred_from,
    "accrual": _accrual,
    "accrued_on": _accrual,
    "period_years": _years,
    "revived": _is_revived,
    "restarted": _is_revived,
}
