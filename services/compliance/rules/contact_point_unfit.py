"""A contact goes to a known contact point of that very person, of a kind the channel can use."""

from datetime import datetime

from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.request import ContactRequest

POINT_KIND = {
    "call": "phone",
    "voicemail": "phone",
    "text": "phone",
    "email": "email",
    "letter": "address",
}


def contact_point_unfit(request: ContactRequest, gate: Gate, at: datetime) -> Objection | None:
    """Object to an unknown point, another person's, or one of the wrong kind; fail closed."""
    if request.channel == "portal":
        return None
    point = gate.point
    if (
        point is not None
        and gate.is_about(point.party_id)
        and point.point_kind == POINT_KIND[request.channel]
        and not (request.channel == "text" and point.label == "landline")
    ):
        return None
    return gate.objection(
        "contact-point-unfit",
        "deny",
        "The contact point is not known as this person's, or not fit for the channel.",
        {"contact_point_id": request.contact_point_id or "", "channel": request.channel},
    )
