"""Flags calls to one number within minutes of each other, or too many to it on one date."""

from datetime import datetime, timedelta

from services.compliance.rules import counting, pattern
from services.compliance.rules.findings import Flag
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def calls_in_rapid_succession(terms: Terms, gate: Gate, at: datetime) -> Flag | None:
    """Flag a call after an unanswered one to the number (comment 14(b)(2)(i)-2.i)."""
    if not counting.is_telephone(gate):
        return None
    found = pattern.calls_to_point(gate, at)
    is_rapid = pattern.is_within(found, at, timedelta(minutes=terms.numbers["minutes"]))
    count = pattern.most_on_date(gate, found, at) + 1
    if not is_rapid and count < terms.numbers["calls_on_date"]:
        return None
    return terms.flag(
        "The number was called moments ago, or often today, and nobody was spoken with.",
        {"calls": count, "minutes": terms.numbers["minutes"]},
    )
