"""Flags more than seven calls to one person over all debts in seven days.

Each debt may be within its limit and the whole still harass (comment 14(a)-2); house policy.
A call that the person has consented to for every debt it is about presses nobody.
"""

from datetime import datetime

from services.compliance.rules import counting, slots
from services.compliance.rules.findings import Flag
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def many_calls_to_person(terms: Terms, gate: Gate, at: datetime) -> Flag | None:
    """Flag a call beyond the number in all (12 CFR 1006.14(a))."""
    if not counting.is_telephone(gate):
        return None
    numbers = terms.numbers
    count = calls_in_days(gate, at, numbers["days"])
    if count < numbers["calls_max"] or _is_consented(terms, gate, at):
        return None
    return terms.flag(
        "With this call the person is called often, over all debts together.",
        {"calls": count + 1, "days": numbers["days"]},
    )


def _is_consented(terms: Terms, gate: Gate, at: datetime) -> bool:
    bound, party_id = counting.bound(gate), gate.request.party_id
    days, with_raised = terms.numbers["consent_days"], counting.is_raised_counted(terms)
    spans = (
        counting.consent_spans(gate, party_id, debt, days, with_raised=with_raised)
        for debt in gate.debts
    )
    return bool(gate.debts) and all(counting.is_lifted(each, at, bound) for each in spans)


def calls_in_days(gate: Gate, at: datetime, days: int) -> int:
    """Count the calls to the requested person over all debts."""
    start = counting.window_start(gate.counting_zones, at, days)
    found = counting.calls(gate, gate.request.party_id, at)
    return sum(slots.latest_instant(slot) >= start for slot in found)
