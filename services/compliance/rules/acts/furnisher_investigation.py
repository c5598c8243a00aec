"""What a reporting agency says is disputed is investigated in time, or reported no more.

Information that nobody has verified by the end of the period is modified, deleted or blocked.
"""

from datetime import datetime, timedelta

from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.act_request import Furnish
from services.compliance.rules.facts import ReportingDispute
from services.compliance.rules.findings import Objection
from services.compliance.rules.pack import Terms


def furnisher_investigation(terms: Terms, gate: ActGate, at: datetime) -> Objection | None:
    """Object once the period is over without an answer (15 USC 1681s-2(b), 1681i(a)(1)).

    Its last day counts whole, by the calendar that reaches it first.
    """
    if not isinstance(gate.request.act, Furnish):
        return None
    for key, dispute in gate.of(ReportingDispute):
        if dispute.account_id not in gate.requested:
            continue
        days = terms.numbers["within_days"]
        days += terms.numbers["extension_days"] if dispute.is_extended else 0
        due_on = gate.first_date(dispute.noticed_at) + timedelta(days=days)
        if gate.last_date(at) > due_on:
            return terms.objection(
                "deny",
                "A reporting agency's notice of a dispute was not answered in time, so the debt is"
                " not reported until it is.",
                {
                    "fact": key,
                    "account_id": dispute.account_id,
                    "due_on": due_on.isoformat(),
                },
            )
    return None
