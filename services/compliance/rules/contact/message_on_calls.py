"""Flags an electronic message on top of seven calls in the same seven days.

Messages have no number, but pressure is judged over all media (comment 14(a)-2); house policy.
"""

from datetime import datetime

from services.compliance.rules.contact.many_calls_to_person import calls_in_days
from services.compliance.rules.findings import Flag
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms
from services.compliance.rules.request import ELECTRONIC


def message_on_calls(terms: Terms, gate: Gate, at: datetime) -> Flag | None:
    """Flag a message of our own accord beside that many calls (12 CFR 1006.14(a))."""
    if gate.request.channel not in ELECTRONIC or gate.request.act != "contact":
        return None
    numbers = terms.numbers
    count = calls_in_days(gate, at, numbers["days"])
    if count < numbers["calls_max"]:
        return None
    return terms.flag(
        "The person has been called as often as allowed and is written to as well.",
        {"calls": count, "days": numbers["days"]},
    )
