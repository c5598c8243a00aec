"""Nothing is asked for that neither the agreement nor the law allows, fees for paying included."""

from datetime import datetime

from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.act_request import AddCharge
from services.compliance.rules.findings import Objection
from services.compliance.rules.pack import Terms


def unauthorized_amount(terms: Terms, gate: ActGate, at: datetime) -> Objection | None:
    """Object unless the clause or provision that allows it is named (12 CFR 1006.22(b))."""
    act = gate.request.act
    if not isinstance(act, AddCharge):
        return None
    if act.basis is not None and act.authority.strip():
        return None
    return terms.objection(
        "deny",
        "Neither a clause of the agreement nor a provision of law is named that allows the amount.",
        {"charge": act.charge},
    )
