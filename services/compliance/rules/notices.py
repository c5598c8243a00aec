"""Notices: what was disclosed about an account and when, and what a request would disclose."""

from collections.abc import Iterable
from datetime import date, datetime

from services.compliance.rules import facts, local_time
from services.compliance.rules.gate import Gate


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
    """Tell whether the debt can no longer be sued for, by any calendar the person may keep."""
    last = _latest_date(gate, at)
    return any(
        fact.account_id == account_id and fact.barred_from <= last
        for _, fact in gate.of(facts.LimitationPeriod)
    )


def may_be_reported(gate: Gate, account_id: str, at: datetime) -> bool:
    """Tell whether the debt is known to be recent enough for consumer reports."""
    last = _latest_date(gate, at)
    found = [fact for _, fact in gate.of(facts.LimitationPeriod) if fact.account_id == account_id]
    return bool(found) and all(
        fact.obsolete_from is not None and last < fact.obsolete_from for fact in found
    )


def _latest_date(gate: Gate, at: datetime) -> date:
    return max(local_time.local_date(each, at) for each in gate.counting_zones)
