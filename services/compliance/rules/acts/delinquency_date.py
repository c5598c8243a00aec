"""Who reports a debt says within days when its delinquency began; that has to be known by then."""

from datetime import datetime

from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.act_request import Furnish
from services.compliance.rules.findings import Flag
from services.compliance.rules.pack import Terms


def delinquency_date(terms: Terms, gate: ActGate, at: datetime) -> Flag | None:
    """Flag information about a debt whose delinquency nobody has dated (15 USC 1681s-2(a)(5)).

    Of a debt of which nobody has told anything, nothing is known to be missing.
    """
    act = gate.request.act
    if not isinstance(act, Furnish) or act.recipient == "check_specialty":
        return None
    for account_id in gate.request.account_ids:
        history = gate.histories.get(account_id)
        if history is None and gate.placed_at(account_id) is None:
            continue
        if history is None or history.defaulted_on is None:
            return terms.flag(
                "The month in which the delinquency began is to be reported within"
                f" {terms.numbers['within_days']} days, and it is not known.",
                {"account_id": account_id, "missing": "defaulted_on"},
            )
    return None
