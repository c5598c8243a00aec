"""Nobody writes to the dead: the person who acts for the estate is asked for, and written to.

A deceased consumer stays the consumer; what is meant for them goes to the person who may act for
the estate, by name. Asking for that person is location information.
"""

from datetime import datetime

from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def consumer_deceased(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to contact with a consumer known to have died (comment 34(a)(1)-1; policy)."""
    if gate.role != "consumer" or not gate.is_deceased:
        return None
    return terms.objection(
        "deny",
        "The consumer has died; contact goes to the person who acts for the estate.",
        {"party_id": gate.request.party_id},
    )
