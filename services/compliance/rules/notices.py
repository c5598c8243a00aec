"""Notices: what was disclosed about an account and when, and what a request would disclose."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from services.compliance.rules import facts, local_time
from services.compliance.rules.gate import Gate
from services.compliance.rules.limitation import (
    accrual,
    accrues_by_activity,
    limitation,
    years_after,
)
from services.compliance.rules.pack import FEDERAL

REPORTED_YEARS = 7
DELINQUENT = timedelta(days=180)
"""A debt is reported for seven years after its first 180 days of delinquency (15 USC 1681c(a)(4),
(c)(1))."""


def sent(
    gate: Gate, account_id: str, notices: Iterable[str], at: datetime, mediums: Iterable[str] = ()
) -> datetime | None:
    """Return when one of those notices was first given about the account; None if never."""
    wanted, through = frozenset(notices), frozenset(mediums)
    return min(
        (
            fact.sent_at
            for _, fact in gate.of(facts.NoticeSent)
            if fact.account_id == account_id
            and fact.notice in wanted
            and fact.sent_at <= at
            and (not through or fact.medium in through)
        ),
        default=None,
    )


def carries(gate: Gate, notices: Iterable[str]) -> bool:
    """Tell whether the request itself gives one of those notices."""
    return not frozenset(notices).isdisjoint(gate.request.disclosures)


def is_barred(gate: Gate, account_id: str, at: datetime) -> bool:
    """Tell whether the debt can no longer be sued for, by any calendar the person may keep.

    Any period that may apply is enough: the notice is then given sooner than it must be.
    """
    day = _latest_date(gate, at)
    return gate.once(("barred", account_id, day), lambda: _is_barred(gate, account_id, day))


def unknown_of_limitation(
    gate: Gate, account_id: str, at: datetime, *, is_for_suit: bool = False
) -> str | None:
    """Name what has to be told before anybody knows whether the debt can still be sued for.

    None where that is known: somebody has said since when it cannot, or the law of every state
    involved gives a day; where a suit may be meant, law that was read. None as well of a debt of
    which nobody has told anything.
    """
    if gate.placed_at(account_id) is None and not any(_histories(gate, account_id)):
        return None
    if is_barred(gate, account_id, at) or _is_expiry_told(gate, account_id):
        return None
    day = _latest_date(gate, at)
    key = ("unknown-limitation", account_id, day, is_for_suit)
    return gate.once(key, lambda: _unknown(gate, account_id, day, is_for_suit=is_for_suit))


def _is_barred(gate: Gate, account_id: str, day: date) -> bool:
    told = (
        fact.barred_from
        for _, fact in gate.of(facts.LimitationPeriod)
        if fact.account_id == account_id
    )
    return any(each <= day for each in (*told, *_barred_from(gate, account_id, day)))


def _unknown(gate: Gate, account_id: str, day: date, *, is_for_suit: bool) -> str | None:
    for history in _histories(gate, account_id):
        for state in sorted(_states(gate, history)):
            terms = [each for each in gate.limitations.get(state, ()) if each.in_force(day, day)]
            if not terms:
                return f"limitation period of {state}"
            for each in terms:
                if accrual(each, history) is None:
                    by_activity = accrues_by_activity(each, history)
                    return "last_payment_on" if by_activity else "defaulted_on"
                found = limitation(each, history)
                if found is None or (is_for_suit and not found.period.is_verified):
                    return f"limitation period of {state}"
        return None
    return "debt_history"


def may_be_reported(gate: Gate, account_id: str, at: datetime) -> bool:
    """Tell whether the debt is known to be recent enough for consumer reports."""
    last = _latest_date(gate, at)
    found = obsolete_from(gate, account_id)
    return bool(found) and all(each is not None and last < each for each in found)


def obsolete_from(gate: Gate, account_id: str) -> list[date | None]:
    """Return since when the debt is too old to be reported, by each thing that bears on it."""
    found = [
        fact.obsolete_from
        for _, fact in gate.of(facts.LimitationPeriod)
        if fact.account_id == account_id
    ]
    for history in _histories(gate, account_id):
        defaulted_on = history.defaulted_on
        found.append(defaulted_on and years_after(defaulted_on + DELINQUENT, REPORTED_YEARS))
    return found


def _barred_from(gate: Gate, account_id: str, day: date) -> Iterator[date]:
    for history in _histories(gate, account_id):
        if history.stated_expiry is not None:
            yield history.stated_expiry + timedelta(days=1)
        for place in {*gate.jurisdictions, history.governing_state or FEDERAL}:
            for terms in gate.limitations.get(place, ()):
                period = limitation(terms, history) if terms.in_force(day, day) else None
                if period is not None:
                    yield period.barred_from


def _states(gate: Gate, history: facts.DebtHistory) -> frozenset[str]:
    """Return the states whose period the debt may have: cities have none of their own."""
    named = {*gate.jurisdictions, history.governing_state or FEDERAL} - {FEDERAL}
    return frozenset(each for each in named if len(each) == len("XX"))


def _is_expiry_told(gate: Gate, account_id: str) -> bool:
    return any(fact.account_id == account_id for _, fact in gate.of(facts.LimitationPeriod)) or any(
        each.stated_expiry is not None for each in _histories(gate, account_id)
    )


def _histories(gate: Gate, account_id: str) -> Iterator[facts.DebtHistory]:
    return (fact for _, fact in gate.of(facts.DebtHistory) if fact.account_id == account_id)


def _latest_date(gate: Gate, at: datetime) -> date:
    return max(local_time.local_date(each, at) for each in gate.counting_zones)
