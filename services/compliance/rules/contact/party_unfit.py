"""About a debt only those are contacted who owe it, stand for who does, or count as the consumer.

Anyone else may be asked for location information and nothing more, unless the consumer has said to
us that the debt may be talked of with that person, or a court has; someone unknown, not at all.
"""

from datetime import datetime

from services.compliance.rules import exceptions
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def party_unfit(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to unknown parties, and to third parties but for location (12 CFR 1006.6(d)(1))."""
    names = terms.names
    if gate.is_treated_as_consumer or gate.role in names["about_the_debt"]:
        return None
    is_for_location = gate.request.purpose in names["location_purposes"]
    if gate.role != "unknown" and (is_for_location or exceptions.is_disclosure_consented(gate, at)):
        return None
    return terms.objection(
        "deny",
        "This person may not be contacted about the debt.",
        {"party_id": gate.request.party_id, "role": gate.role},
    )
