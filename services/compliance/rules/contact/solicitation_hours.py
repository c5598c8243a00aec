"""Calls that sell something keep the hours for solicitations; collecting a debt sells nothing."""

from datetime import datetime

from services.compliance.rules import counting, local_time
from services.compliance.rules.contact import permitted_hours
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def solicitation_hours(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to solicitations outside the hours anywhere the person may be (64.1200(c)(1))."""
    if not applies(terms, gate.request.purpose):
        return None
    barred = permitted_hours.bars(terms, gate, at)
    earliest = local_time.first_clear(barred, at, counting.bound(gate))
    if not barred or earliest == at:
        return None
    return terms.objection(
        "deny" if earliest is None else "defer",
        "A solicitation is made only within the hours for solicitations.",
        {"purpose": gate.request.purpose},
        earliest,
    )


def applies(terms: Terms, purpose: str) -> bool:
    """Tell whether a call with that purpose is a telephone solicitation."""
    return purpose in terms.names["purposes"]
