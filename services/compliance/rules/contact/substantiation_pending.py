"""Collection of a charged-off debt stops from a request to substantiate it until that is done.

A dispute is such a request, also an oral one: whoever makes it would have to be told in writing how
to ask (23 NYCRR 1.4(b)), and is spared asking twice. Whether a debt was charged off is often not
known, so every one is taken for it.
"""

from datetime import datetime

from services.compliance.rules.facts import Dispute, SubstantiationRequest
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def substantiation_pending(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object while a request is open; what answers it is not collection."""
    if gate.request.purpose in terms.names["answering_purposes"]:
        return None
    asked_for = [
        *(
            (key, each.account_id, each.is_substantiated)
            for key, each in gate.of(SubstantiationRequest)
        ),
        *((key, each.account_id, each.answered) for key, each in gate.of(Dispute)),
    ]
    for key, account_id, is_done in asked_for:
        if account_id in gate.requested and not is_done:
            return terms.objection(
                "deny",
                "The person has asked for the debt to be substantiated and it has not been.",
                {"fact": key, "account_id": account_id},
            )
    return None
