"""A portal shows what it shows only while the person is in it."""

from datetime import datetime

from services.compliance.rules import exceptions
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def portal_session(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object outside the person's own session (comment 6(b)(1)-2)."""
    if gate.request.channel != "portal" or exceptions.is_in_portal(gate, at):
        return None
    return terms.objection("deny", "The person is not in the portal now.")
