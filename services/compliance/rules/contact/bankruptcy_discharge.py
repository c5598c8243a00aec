"""A discharged debt is never collected again as a personal liability."""

from datetime import datetime
from typing import Any

from services.compliance.rules.bankruptcies import discharged_accounts
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Known
from services.compliance.rules.pack import Terms


def bankruptcy_discharge(terms: Terms, gate: Known[Any], at: datetime) -> Objection | None:
    """Object once discharged, unless a reaffirmation is in force (11 USC 524(a)(2))."""
    if gate.doing in terms.names["permitted"]:
        return None
    discharged = discharged_accounts(gate, at)
    if not discharged:
        return None
    return terms.objection(
        "deny", "The debt was discharged in bankruptcy.", {"account_id": discharged[0]}
    )
