"""Once a period has run out, a debt buyer's claim stays barred: nothing revives or restarts it."""

from datetime import datetime

from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.acts.time_barred import is_suit
from services.compliance.rules.findings import Objection
from services.compliance.rules.limitation import limitation
from services.compliance.rules.pack import Terms


def time_barred_debt_buyer(terms: Terms, gate: ActGate, at: datetime) -> Objection | None:
    """Object to suit or arbitration for a debt buyer after expiry, restarts left out.

    Whoever is not said to be no debt buyer is taken for one.
    """
    if not is_suit(gate):
        return None
    for account_id, history in gate.histories.items():
        if history.is_debt_buyers is False:
            continue
        found = limitation(terms, history, with_restarts=False)
        if found is None or gate.last_date(at) > found.last_timely_day:
            return terms.objection(
                "deny",
                "The debt is time-barred for a debt buyer, whom no payment or promise helps.",
                {"account_id": account_id},
            )
    return None
