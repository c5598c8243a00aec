"""After a notice of identity theft, nothing is reported unless it was found correct."""

from datetime import datetime

from services.compliance.rules import identity_theft
from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.act_request import Furnish
from services.compliance.rules.findings import Objection
from services.compliance.rules.pack import Terms


def identity_theft_refurnishing(terms: Terms, gate: ActGate, at: datetime) -> Objection | None:
    """Object after any notice until the information is known correct (15 USC 1681s-2(a)(6))."""
    if not isinstance(gate.request.act, Furnish):
        return None
    told = [
        report.account_id
        for _, report in identity_theft.reports(gate)
        if report.found_correct_at is None
    ]
    told += identity_theft.closed_for_it(gate)
    if not told:
        return None
    return terms.objection(
        "deny",
        "The debt was reported as identity theft and has not been found correct since.",
        {"account_id": told[0]},
    )
