"""A postdated check waits for its date, and for notice to the consumer in between two bounds."""

from datetime import datetime, timedelta

from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.act_request import DepositInstrument
from services.compliance.rules.business_days import business_days
from services.compliance.rules.findings import Objection
from services.compliance.rules.pack import Terms

_DAY = timedelta(days=1)


def postdated_instrument(terms: Terms, gate: ActGate, at: datetime) -> Objection | None:
    """Object to a deposit before its date, or without notice in time (12 CFR 1006.22(c)).

    A weekend or holiday at either end makes the count depend on which end is counted; both counts
    must fit.
    """
    act = gate.request.act
    if not isinstance(act, DepositInstrument):
        return None
    numbers = terms.numbers
    if act.deposit_on < act.dated_on:
        return terms.objection(
            "deny",
            "The deposit would come before the date on the instrument.",
            {"dated_on": act.dated_on.isoformat(), "deposit_on": act.deposit_on.isoformat()},
        )
    if (act.dated_on - act.received_on).days <= numbers["postdated_days"]:
        return None
    notice = act.notice_sent_on
    counts = (
        ()
        if notice is None
        else (
            business_days(notice, act.deposit_on),
            business_days(notice - _DAY, act.deposit_on - _DAY),
        )
    )
    if counts and all(
        numbers["notice_days_min"] <= each <= numbers["notice_days_max"] for each in counts
    ):
        return None
    return terms.objection(
        "deny",
        f"The consumer was not told in writing between {numbers['notice_days_max']} and"
        f" {numbers['notice_days_min']} business days before the deposit.",
        {"business_days": min(counts)} if counts else {},
    )
