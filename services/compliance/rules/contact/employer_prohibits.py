"""Nobody is contacted at work whose employer forbids it, direct prior consent apart."""

from datetime import datetime

from services.compliance.rules import exceptions
from services.compliance.rules.facts import EmployerProhibition
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def employer_prohibits(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to contact points at work (12 CFR 1006.6(b)(3))."""
    if gate.point is None or gate.point.label != "work":
        return None
    if exceptions.is_consented(gate, at, "workplace"):
        return None
    for key, fact in gate.of(EmployerProhibition):
        if gate.is_about(fact.party_id):
            return terms.objection(
                "deny",
                "The employer is known not to allow such contact at work.",
                {"fact": key, "contact_point_id": gate.point.contact_point_id},
            )
    return None
