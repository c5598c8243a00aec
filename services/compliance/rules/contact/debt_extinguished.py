"""Where expiry of the period ends the debt itself, nobody is asked to pay it any more."""

from datetime import datetime

from services.compliance.rules import local_time
from services.compliance.rules.facts import DebtHistory
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.limitation import limitation
from services.compliance.rules.pack import Terms


def debt_extinguished(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object to contact about a debt whose right has expired: it is not owed."""
    today = max(local_time.local_date(each, at) for each in gate.counting_zones)
    for _, history in gate.of(DebtHistory):
        if history.account_id not in gate.requested:
            continue
        found = limitation(terms, history)
        expiries = [history.stated_expiry] if history.stated_expiry else []
        expiries += [found.last_timely_day] if found else []
        if any(today > each for each in expiries):
            return terms.objection(
                "deny",
                "The limitation period has run out, and the debt with it.",
                {"account_id": history.account_id},
            )
    return None
