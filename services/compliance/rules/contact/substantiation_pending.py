"""Collection of a charged-off debt stops from a request to substantiate it until that is done."""

from datetime import datetime

from services.compliance.rules.facts import SubstantiationRequest
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def substantiation_pending(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object while a request is open; what answers it is not collection."""
    if gate.request.purpose in terms.names["answering_purposes"]:
        return None
    for key, asked in gate.of(SubstantiationRequest):
        if asked.account_id in gate.requested and not asked.is_substantiated:
            return terms.objection(
                "deny",
                "The person has asked for the debt to be substantiated and it has not been.",
                {"fact": key, "account_id": asked.account_id},
            )
    return None
