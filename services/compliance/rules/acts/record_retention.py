"""Evidence of compliance is kept for three years after the last collection activity.

Refraining is evidence too, so vetoes are records. Recordings of calls are kept for three years
after each call. Keeping anything longer is always allowed, and so is keeping an accurate copy
instead of the original.
"""

from datetime import date, datetime, timedelta

from services.compliance.rules import local_time, slots
from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.act_request import Purge
from services.compliance.rules.facts import AccountHold, AccountStanding
from services.compliance.rules.findings import Objection
from services.compliance.rules.limitation import years_after
from services.compliance.rules.pack import Terms

_ENDED = ("closed", "recalled")


def record_retention(terms: Terms, gate: ActGate, at: datetime) -> Objection | None:
    """Object to destroying a record before its time, or under a legal hold (12 CFR 1006.100)."""
    act = gate.request.act
    if not isinstance(act, Purge):
        return None
    held = [key for key, fact in gate.of(AccountHold) if _binds(gate, fact)]
    if held:
        return terms.objection("deny", "The records are under a legal hold.", {"fact": held[0]})
    if act.copy_kept is not None:  # the record is kept by any method that does (comment 100(a)-2)
        return None
    since = act.recorded_on if act.records == "call_recording" else last_activity(gate, act)
    if since is None:
        return terms.objection(
            "deny", "Nothing shows that collection has ended, or when the call was."
        )
    through = keep_through(terms, since)
    earliest = gate.from_day(through + timedelta(days=1))
    if at >= earliest:
        return None
    return terms.objection(
        "defer",
        f"The records must be kept through {through.isoformat()}.",
        {"since": since.isoformat(), "keep_through": through.isoformat()},
        earliest,
    )


def keep_through(terms: Terms, since: date) -> date:
    """Return the last day on which a record must still be there."""
    return years_after(since, terms.numbers["years"])


def last_activity(gate: ActGate, act: Purge) -> date | None:
    """Return the last day of collection activity on any of the accounts; None while it goes on."""
    standings = {fact.account_id: fact for _, fact in gate.of(AccountStanding)}
    found = [act.last_activity_on] if act.last_activity_on else []
    for account_id in gate.request.account_ids:
        standing = standings.get(account_id)
        if standing is None or standing.lifecycle not in _ENDED:
            return None
        if standing.since is not None:
            found.append(_last_date(gate, standing.since))
        elif act.last_activity_on is None:
            return None
    found += [
        _last_date(gate, slots.latest_instant(slot))
        for slot in gate.slots
        if not gate.requested.isdisjoint(slot.request.account_ids)
    ]
    return max(found, default=None)


def _last_date(gate: ActGate, at: datetime) -> date:
    return max(local_time.local_date(each, at) for each in gate.counting_zones)


def _binds(gate: ActGate, hold: AccountHold) -> bool:
    return hold.account_id in gate.requested and hold.reason == "legal_hold"
