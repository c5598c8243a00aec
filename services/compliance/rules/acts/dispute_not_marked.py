"""A disputed debt is reported as disputed, however and whenever the dispute came."""

from datetime import datetime

from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.act_request import Furnish
from services.compliance.rules.disputes import disputed_accounts
from services.compliance.rules.findings import Objection
from services.compliance.rules.pack import Terms


def dispute_not_marked(terms: Terms, gate: ActGate, at: datetime) -> Objection | None:
    """Object to information without the mark (15 USC 1681s-2(a)(3), 1692e(8))."""
    act = gate.request.act
    if not isinstance(act, Furnish) or act.is_marked_disputed:
        return None
    disputed = sorted(disputed_accounts(gate) & gate.requested)
    if not disputed:
        return None
    return terms.objection(
        "deny",
        "The debt is disputed and would be reported without saying so.",
        {"account_id": disputed[0]},
    )
