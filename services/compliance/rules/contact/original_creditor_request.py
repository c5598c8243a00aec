"""Collection stops from a timely written request for the original creditor until it is answered."""

from datetime import datetime

from services.compliance.rules.contact.dispute_open import is_timely
from services.compliance.rules.facts import OriginalCreditorRequest
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def original_creditor_request(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object until name and address are sent (12 CFR 1006.38(c))."""
    if gate.request.purpose in terms.names["answering_purposes"]:
        return None
    for key, asked in gate.of(OriginalCreditorRequest):
        if asked.account_id not in gate.requested or asked.answered or not asked.in_writing:
            continue
        if is_timely(gate, asked.account_id, asked.timely, asked.received_at):
            return terms.objection(
                "deny",
                "The consumer has asked for the original creditor and has not been answered.",
                {"fact": key, "account_id": asked.account_id},
            )
    return None
