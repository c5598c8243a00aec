"""A contact goes to a known contact point of that very person, of a kind the channel can use.

A visit goes to a postal address like a letter. No contact point is known of a social platform:
a message there names none, and one that does is refused rather than sent past what was meant.
"""

from datetime import datetime

from services.compliance.rules.facts import Channel
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms

POINT_KIND: dict[Channel, str] = {
    "call": "phone",
    "voicemail": "phone",
    "text": "phone",
    "email": "email",
    "letter": "address",
    "in_person": "address",
}


def contact_point_unfit(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to an unknown point, another person's, or one of the wrong kind; fail closed."""
    channel, point = gate.request.channel, gate.point
    if channel == "portal" or (channel == "social" and gate.request.contact_point_id is None):
        return None
    if (
        point is not None
        and gate.is_about(point.party_id)
        and point.point_kind == POINT_KIND.get(channel)
        and not (channel == "text" and point.label == "landline")
    ):
        return None
    return terms.objection(
        "deny",
        "The contact point is not known as this person's, or not fit for the channel.",
        {"contact_point_id": gate.request.contact_point_id or "", "channel": channel},
    )
