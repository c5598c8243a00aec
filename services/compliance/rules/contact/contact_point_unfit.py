"""A contact goes to a known contact point of that very person, of a kind the channel can use."""

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
}


def contact_point_unfit(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to an unknown point, another person's, or one of the wrong kind; fail closed."""
    if gate.request.channel == "portal":
        return None
    point = gate.point
    if (
        point is not None
        and gate.is_about(point.party_id)
        and point.point_kind == POINT_KIND[gate.request.channel]
        and not (gate.request.channel == "text" and point.label == "landline")
    ):
        return None
    return terms.objection(
        "deny",
        "The contact point is not known as this person's, or not fit for the channel.",
        {"contact_point_id": gate.request.contact_point_id or "", "channel": gate.request.channel},
    )
