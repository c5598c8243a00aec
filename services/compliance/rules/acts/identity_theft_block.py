"""What a reporting agency blocked as identity theft is not reported again while blocked."""

from datetime import datetime

from services.compliance.rules import identity_theft
from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.act_request import Furnish
from services.compliance.rules.findings import Objection
from services.compliance.rules.pack import Terms


def identity_theft_block(terms: Terms, gate: ActGate, at: datetime) -> Objection | None:
    """Object while a block stands that was neither declined nor rescinded (15 USC 1681c-2)."""
    if not isinstance(gate.request.act, Furnish):
        return None
    for key, report in identity_theft.reports(gate, "agency_block"):
        if report.rescinded_at is None:
            return terms.objection(
                "deny",
                "A consumer reporting agency has blocked this information as identity theft.",
                {"fact": key, "account_id": report.account_id},
            )
    return None
