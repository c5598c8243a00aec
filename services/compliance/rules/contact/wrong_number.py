"""A contact point that is not the person's is not used again."""

from datetime import datetime

from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def wrong_number(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to a point learned to be another's (12 CFR 1006.6(d)(1), comment 14(b)(2)(i)-3)."""
    if gate.request.contact_point_id not in gate.wrong_points:
        return None
    return terms.objection(
        "deny",
        "The contact point has been found not to be the person's.",
        {"contact_point_id": gate.request.contact_point_id or ""},
    )
