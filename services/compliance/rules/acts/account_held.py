"""While an account is held, nobody is sued over it and nothing is added to it."""

from datetime import datetime

from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.facts import AccountHold
from services.compliance.rules.findings import Objection
from services.compliance.rules.pack import Terms


def account_held(terms: Terms, gate: ActGate, at: datetime) -> Objection | None:
    """Object to acts of collection under any hold (15 USC 1692g(b) for disputes; policy)."""
    if gate.doing not in terms.names["acts"]:
        return None
    for key, hold in gate.of(AccountHold):
        if hold.account_id in gate.requested:
            return terms.objection(
                "deny",
                "Work on the account is on hold.",
                {"fact": key, "account_id": hold.account_id, "reason": hold.reason},
            )
    return None
