"""A debt disputed in writing and in time is not sued for until the dispute is answered."""

from datetime import datetime

from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.contact.dispute_open import is_timely
from services.compliance.rules.facts import Dispute, OriginalCreditorRequest
from services.compliance.rules.findings import Objection
from services.compliance.rules.pack import Terms


def dispute_unanswered(terms: Terms, gate: ActGate, at: datetime) -> Objection | None:
    """Object to acts of collection meanwhile (12 CFR 1006.38(c), (d)(2))."""
    if gate.doing not in terms.names["acts"]:
        return None
    asked: list[tuple[str, Dispute | OriginalCreditorRequest]] = [
        *gate.of(Dispute),
        *gate.of(OriginalCreditorRequest),
    ]
    for key, fact in asked:
        if fact.account_id not in gate.requested or fact.answered or not fact.in_writing:
            continue
        if is_timely(gate, fact.account_id, fact.timely, fact.received_at):
            return terms.objection(
                "deny",
                "The consumer has disputed the debt, or asked who the original creditor is, and"
                " has not been answered.",
                {"fact": key, "account_id": fact.account_id},
            )
    return None
