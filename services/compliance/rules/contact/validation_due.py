"""No more contact about a debt once its validation notice is overdue, but to send it, late.

The notice is due within five calendar days after the initial communication. One that came back,
or that lacks the disclosure of an initial communication where it needs it, is none.
"""

from datetime import date, datetime

from services.compliance.rules import local_time, validation
from services.compliance.rules.facts import (
    AccountStanding,
    InitialCommunication,
    ValidationNotice,
)
from services.compliance.rules.findings import Flag, Objection
from services.compliance.rules.gate import OUTSIDE_FREQUENCY, Gate
from services.compliance.rules.pack import Terms


def validation_due(terms: Terms, gate: Gate, at: datetime) -> Objection | Flag | None:
    """Object while the notice is overdue, flag it when it goes out (12 CFR 1006.34(a)(1)(i))."""
    if gate.role in OUTSIDE_FREQUENCY:
        return None
    for key, initial in gate.of(InitialCommunication):
        if initial.account_id not in gate.requested or initial.holds_validation:
            continue
        due = validation.due_on(_first_date(gate, initial.at))
        if _latest_date(gate, at) <= due or not _is_owed(gate, initial.account_id):
            continue
        if any(_suffices(gate, initial, each) for _, each in gate.of(ValidationNotice)):
            continue
        facts: dict[str, str | int] = {
            "fact": key,
            "account_id": initial.account_id,
            "due_on": due.isoformat(),
        }
        if gate.request.purpose in terms.names["notice_purposes"]:
            return terms.flag("The validation notice goes out after the day it was due.", facts)
        return terms.objection("deny", "The validation notice of this debt is overdue.", facts)
    return None


def _suffices(gate: Gate, initial: InitialCommunication, notice: ValidationNotice) -> bool:
    return (
        notice.account_id == initial.account_id
        and not notice.is_undeliverable
        and validation.is_sufficient(
            notice.carries,
            # What goes out at that very instant is the initial communication itself.
            was_written_before=not initial.is_oral and initial.at < notice.provided_at,
        )
    )


def _is_owed(gate: Gate, account_id: str) -> bool:
    return any(fact.owes for _, fact in gate.of(AccountStanding) if fact.account_id == account_id)


def _first_date(gate: Gate, at: datetime) -> date:
    return min(local_time.local_date(each, at) for each in gate.counting_zones)


def _latest_date(gate: Gate, at: datetime) -> date:
    return max(local_time.local_date(each, at) for each in gate.counting_zones)
