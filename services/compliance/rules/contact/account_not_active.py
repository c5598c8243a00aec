"""Only an active account is worked: not one recalled, closed, or not yet taken on."""

from datetime import datetime

from services.compliance.rules.facts import AccountStanding
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import Terms


def account_not_active(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object unless every account asked about is known to be active (12 CFR 1006.22(b))."""
    standings = {fact.account_id: fact.lifecycle for _, fact in gate.of(AccountStanding)}
    for account_id in gate.request.account_ids:
        lifecycle = standings.get(account_id, "unknown")
        if lifecycle != "active":
            return terms.objection(
                "deny",
                "The account is not active with the agency.",
                {"account_id": account_id, "lifecycle": lifecycle},
            )
    return None
