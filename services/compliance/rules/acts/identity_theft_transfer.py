"""A debt that a reporting agency blocked as identity theft is not passed on."""

from datetime import datetime

from services.compliance.rules import identity_theft
from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.act_request import Transfer
from services.compliance.rules.findings import Objection
from services.compliance.rules.pack import Terms


def identity_theft_transfer(terms: Terms, gate: ActGate, at: datetime) -> Objection | None:
    """Object to sale, transfer or placement after notice (15 USC 1681m(f)(1)).

    A return to the owner, to whom the debt belongs already, is none. The statute binds whom an
    agency's block notified; a report to ourselves is taken alike, for want of the text of (f)(3).
    """
    act = gate.request.act
    if not isinstance(act, Transfer) or act.way in terms.names["excepted_ways"]:
        return None
    if act.recipient in terms.names["excepted_recipients"]:
        return None
    told = [
        report.account_id
        for _, report in identity_theft.reports(gate)
        if report.rescinded_at is None
    ]
    told += identity_theft.closed_for_it(gate)
    if not told:
        return None
    return terms.objection(
        "deny",
        "The debt was reported as identity theft and may not be sold, transferred or placed.",
        {"account_id": told[0]},
    )
