"""Flags a heavy concentration of calls on one date, though the week's number is kept."""

from datetime import datetime

from services.compliance.rules import counting, pattern
from services.compliance.rules.findings import Flag
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def calls_concentrated(terms: Terms, gate: Gate, at: datetime) -> Flag | None:
    """Flag a call that makes too many to the person on one date (comment 14(b)(2)(i)-2.i)."""
    if not counting.is_telephone(gate):
        return None
    found = counting.calls(gate, gate.request.party_id, at)
    count = pattern.most_on_date(gate, found, at) + 1
    if count < terms.numbers["calls_on_date"]:
        return None
    return terms.flag(
        "With this call the person is called many times on one day, which may rebut the"
        " presumption of compliance.",
        {"calls": count},
    )
