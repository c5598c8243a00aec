"""Flags many contacts to one person over calls and messages together, each kept within its own.

Pressure is judged over all media (comment 14(a)-2); the number is house policy. A message on top
of as many calls as are allowed has a flag of its own.
"""

from datetime import datetime

from services.compliance.rules import counting, pattern
from services.compliance.rules.contact.many_calls_to_person import calls_in_days
from services.compliance.rules.findings import Flag
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms
from services.compliance.rules.request import ELECTRONIC


def contacts_over_media(terms: Terms, gate: Gate, at: datetime) -> Flag | None:
    """Flag a contact that makes too many over both kinds of media (12 CFR 1006.14(a))."""
    request, numbers = gate.request, terms.numbers
    is_message = request.channel in ELECTRONIC and request.act == "contact"
    if not is_message and not counting.is_telephone(gate):
        return None
    days, most = numbers["days"], numbers["contacts_max"]
    calls = calls_in_days(gate, at, days)
    found = pattern.messages(gate, at, ELECTRONIC)
    messages = len(counting.within(gate.counting_zones, found, at, days))
    is_mixed = (calls and is_message) or (messages and not is_message)
    if not is_mixed or calls + messages < most or (is_message and calls >= most):
        return None
    return terms.flag(
        "With this contact the person is called and written to often, over all media together.",
        {"calls": calls, "messages": messages, "days": days},
    )
