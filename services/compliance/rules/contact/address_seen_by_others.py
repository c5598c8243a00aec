"""No e-mail or text to an address or number that is said to have led to others seeing it.

Whoever said so: it is knowledge, and no procedure protects its use any more.
"""

from datetime import datetime

from services.compliance.rules.facts import ThirdPartyDisclosure
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms
from services.compliance.rules.request import ELECTRONIC


def address_seen_by_others(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to the address or number (12 CFR 1006.6(d)(3)(ii), comment -1)."""
    if gate.request.channel not in ELECTRONIC:
        return None
    for key, fact in gate.of(ThirdPartyDisclosure):
        if fact.contact_point_id == gate.request.contact_point_id:
            return terms.objection(
                "deny",
                "Somebody has said that messages sent there were seen by a third party.",
                {"fact": key, "contact_point_id": fact.contact_point_id},
            )
    return None
