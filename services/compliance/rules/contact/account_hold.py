"""While an account is held, nobody is contacted about it.

What a dispute or a cease notice itself allows may still be sent under the hold it caused.
"""

from datetime import datetime

from services.compliance.rules import exceptions
from services.compliance.rules.facts import AccountHold
from services.compliance.rules.findings import Flag, Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def account_hold(terms: Terms, gate: Gate, at: datetime) -> Objection | Flag | None:
    """Object under any hold of an account asked about (15 USC 1692g(b) for disputes)."""
    lifted = None
    for key, hold in gate.of(AccountHold):
        if hold.account_id not in gate.requested:
            continue
        if gate.request.purpose in terms.names.get(hold.reason, ()):
            lifted = lifted or exceptions.on_callers_word(terms, gate, {"fact": key})
            continue
        return terms.objection(
            "deny",
            "Work on the account is on hold.",
            {
                "fact": key,
                "account_id": hold.account_id,
                "hold_id": hold.hold_id,
                "reason": hold.reason,
            },
        )
    return lifted
