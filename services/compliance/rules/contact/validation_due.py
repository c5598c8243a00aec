"""No more contact about a debt once its validation notice is overdue, but to send it, late.

The notice is due within five calendar days after the initial communication. One that came back,
or that lacks the disclosure of an initial communication where it needs it, is none.

Where nobody has stated the initial communication, our own contacts show it. A notice may then have
gone out in a way that nobody reports, so that its absence is flagged and bars nothing.
"""

from datetime import date, datetime

from services.compliance.rules import local_time, validation
from services.compliance.rules.facts import (
    AccountStanding,
    InitialCommunication,
    ValidationNotice,
)
from services.compliance.rules.findings import Flag, Objection
from services.compliance.rules.gate import OUTSIDE_FREQUENCY, Gate, instant_text
from services.compliance.rules.initial import by_own_contact
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
        if any(_suffices(terms, gate, initial, each) for _, each in gate.of(ValidationNotice)):
            continue
        facts: dict[str, str | int] = {
            "fact": key,
            "account_id": initial.account_id,
            "due_on": due.isoformat(),
        }
        if gate.request.purpose in terms.names["notice_purposes"]:
            return terms.flag("The validation notice goes out after the day it was due.", facts)
        return terms.objection("deny", "The validation notice of this debt is overdue.", facts)
    return _flag_unstated(terms, gate, at)


def _flag_unstated(terms: Terms, gate: Gate, at: datetime) -> Flag | None:
    """Flag a debt that was first told of by ourselves, as far as is known, and by no notice."""
    for account_id in gate.request.account_ids:
        initial = by_own_contact(terms, gate, account_id, at)
        if initial is None or not _is_owed(gate, account_id):
            continue
        due = validation.due_on(_first_date(gate, initial.at))
        if _latest_date(gate, at) <= due:
            continue
        if any(_suffices(terms, gate, initial, each) for _, each in gate.of(ValidationNotice)):
            continue
        return terms.flag(
            "Nobody has said when this debt was first communicated about. By the first contact of"
            " ours its validation notice is overdue, and none is on record.",
            {
                "account_id": account_id,
                "missing": "initial_communication, validation_notice",
                "told_at": instant_text(initial.at),
                "due_on": due.isoformat(),
            },
        )
    return None


def _suffices(
    terms: Terms, gate: Gate, initial: InitialCommunication, notice: ValidationNotice
) -> bool:
    if notice.account_id != initial.account_id or notice.is_undeliverable:
        return False
    # What goes out at that very instant is the initial communication itself.
    if notice.provided_at <= initial.at and "initial_carries" in terms.names:
        return notice.carries in terms.names["initial_carries"]
    return validation.is_sufficient(notice.carries, was_written_before=not initial.is_oral)


def _is_owed(gate: Gate, account_id: str) -> bool:
    return any(fact.owes for _, fact in gate.of(AccountStanding) if fact.account_id == account_id)


def _first_date(gate: Gate, at: datetime) -> date:
    return min(local_time.local_date(each, at) for each in gate.counting_zones)


def _latest_date(gate: Gate, at: datetime) -> date:
    return max(local_time.local_date(each, at) for each in gate.counting_zones)
