"""Flags voicemails left at one number within minutes of each other, or too many on one date.

Whether a call will end in a voicemail is not known when it is placed, so a call after a voicemail
is looked at like a voicemail.
"""

from datetime import datetime, timedelta

from services.compliance.rules import counting, pattern
from services.compliance.rules.findings import Flag
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms
from services.compliance.rules.slots import Slot

_LEFT = frozenset({"voicemail_left", "voicemail_left_limited_content"})


def voicemails_in_rapid_succession(terms: Terms, gate: Gate, at: datetime) -> Flag | None:
    """Flag what may be another voicemail too soon (comment 14(b)(2)(i)-2.ii)."""
    if not counting.is_telephone(gate):
        return None
    found = [each for each in pattern.calls_to_point(gate, at) if _is_voicemail(each)]
    is_rapid = pattern.is_within(found, at, timedelta(minutes=terms.numbers["minutes"]))
    count = pattern.most_on_date(gate, found, at) + 1
    if not is_rapid and count < terms.numbers["calls_on_date"]:
        return None
    return terms.flag(
        "A voicemail was left at the number moments ago, or often today.",
        {"voicemails": count, "minutes": terms.numbers["minutes"]},
    )


def _is_voicemail(slot: Slot) -> bool:
    if slot.outcome is None:
        return slot.request.channel == "voicemail"
    return slot.outcome in _LEFT
