"""Asking for payment of a time-barred debt is allowed, with what the state wants said.

A contact that speaks of a remedy may mean a suit: where nobody can tell whether the debt can still
be sued for, by law that was read, what is missing is flagged. Words of suit themselves are for the
check of the content, which takes an unknown period as over.
"""

from datetime import datetime

from services.compliance.rules import local_time, notices
from services.compliance.rules.facts import DebtHistory
from services.compliance.rules.findings import Flag
from services.compliance.rules.gate import Gate
from services.compliance.rules.limitation import limitation
from services.compliance.rules.pack import Terms


def time_barred_notice(terms: Terms, gate: Gate, at: datetime) -> Flag | None:
    """Flag contact about a debt that can no longer be sued for (12 CFR 1006.26(b), 1006.104)."""
    for _, history in gate.of(DebtHistory):
        if history.account_id not in gate.requested:
            continue
        today = max(local_time.local_date(each, at) for each in gate.counting_zones)
        found = limitation(terms, history) if terms.numbers else None
        last = history.stated_expiry if found is None else found.last_timely_day
        if last is not None and today > last:
            return terms.flag(
                "The debt is time-barred: say so where the state wants it said, and threaten no"
                " suit.",
                {"account_id": history.account_id, "last_timely_day": last.isoformat()},
            )
    return _flag_unknown(terms, gate, at)


def _flag_unknown(terms: Terms, gate: Gate, at: datetime) -> Flag | None:
    if gate.request.purpose not in terms.names.get("suit_purposes", ()):
        return None
    for account_id in gate.request.account_ids:
        missing = notices.unknown_of_limitation(gate, account_id, at, is_for_suit=True)
        if missing is not None:
            return terms.flag(
                "It speaks of a remedy, and whether the debt can still be sued for is not known: a"
                " suit may not be threatened.",
                {"account_id": account_id, "missing": missing},
            )
    return None
