"""Collection of a debt disputed in writing and in time stops until it is answered.

Only the disputed part stops: what is asked for without it may go on. What answers the dispute is
not collection.
"""

from datetime import date, datetime
from typing import Any

from services.compliance.rules import local_time, validation
from services.compliance.rules.facts import Dispute, ValidationNotice, ValidationPeriodEnd
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate, Known
from services.compliance.rules.pack import Terms


def dispute_open(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object while a timely written dispute is unanswered (12 CFR 1006.38(d)(2))."""
    if gate.request.purpose in terms.names["answering_purposes"]:
        return None
    for key, dispute in gate.of(Dispute):
        if dispute.account_id not in gate.requested or dispute.answered:
            continue
        if not dispute.in_writing:
            continue
        if not is_timely(gate, dispute.account_id, dispute.timely, dispute.received_at):
            continue
        if dispute.disputed_amount is not None and gate.request.portion == "undisputed":
            continue
        return terms.objection(
            "deny",
            "The debt is disputed in writing and the dispute has not been answered.",
            {"fact": key, "account_id": dispute.account_id},
        )
    return None


def is_timely(
    gate: Known[Any], account_id: str, timely: bool | None, received_at: datetime
) -> bool:
    """Tell whether something came within the validation period; unknown is taken as yes."""
    if timely is not None:
        return timely
    ends_on = validation_period_end(gate, account_id)
    return ends_on is None or _first_local_date(gate, received_at) <= ends_on


def validation_period_end(gate: Known[Any], account_id: str) -> date | None:
    """Return the last day of an account's validation period, as stated or as its notices give it.

    A notice that came back starts no period; one sent again starts it again (34(b)(5)-2).
    """
    notices = [
        fact
        for _, fact in gate.of(ValidationNotice)
        if fact.account_id == account_id and not fact.is_undeliverable
    ]
    provided = [
        max(local_time.local_date(each, fact.provided_at) for each in gate.counting_zones)
        for fact in notices
    ]
    stated = [fact.ends_on for fact in notices if fact.ends_on is not None]
    told = [
        fact.ends_on for _, fact in gate.of(ValidationPeriodEnd) if fact.account_id == account_id
    ]
    return validation.last_day(provided, (*stated, *told))


def _first_local_date(gate: Known[Any], at: datetime) -> date:
    return min(local_time.local_date(each, at) for each in gate.counting_zones)
