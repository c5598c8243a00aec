"""Nobody is asked for what is not owed."""

from datetime import datetime

from services.compliance.rules.facts import AccountStanding
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def nothing_owed(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object when an account asked about has nothing owing (15 USC 1692e(2)(A), 1692f(1))."""
    settled = [
        standing.account_id
        for _, standing in gate.of(AccountStanding)
        if standing.account_id in gate.requested and not standing.owes
    ]
    if not settled:
        return None
    return terms.objection("deny", "Nothing is owed on the account.", {"account_id": settled[0]})
