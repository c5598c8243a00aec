"""Flags a call to a spouse once the consumer has been called as often as allowed; house policy.

A spouse is a separate person for counting. A co-obligor owes the debt too and is not flagged.
"""

from datetime import datetime

from services.compliance.rules import counting
from services.compliance.rules.contact.call_frequency import calls_in_window
from services.compliance.rules.findings import Flag
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def spouse_at_limit(terms: Terms, gate: Gate, at: datetime) -> Flag | None:
    """Flag a call to the spouse about a debt at its limit (12 CFR 1006.14(a), 1006.6(a)(1))."""
    if gate.role != "spouse" or not counting.is_telephone(gate):
        return None
    for debt in gate.debts:
        count = len(calls_in_window(terms, gate, gate.request.consumer_id, debt, at))
        if count >= terms.numbers["calls_max"]:
            return terms.flag(
                "The consumer has been called as often as allowed; now the spouse is called.",
                {"debt": debt, "calls": count},
            )
    return None
