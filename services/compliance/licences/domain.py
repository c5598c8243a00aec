"""The agency's licences, registrations and bonds, by the state or city that asks for one.

One guard stream per agency: every permit is decided together with its version, so a licence that
ends stops what was asked at the same time. Nothing recorded is told apart from nothing held.
"""

from datetime import date, datetime, timedelta
from typing import Literal, assert_never

from shared.kernel.decider import Decider
from shared.kernel.errors import DomainError
from shared.kernel.records import event, record

_EARLIEST_DATE = timedelta(hours=10)
"""Guam's date comes first in the United States; a licence ends where its last day ends first."""

YEARS_MAX = 30
"""No licence runs longer; one that does not expire has no last day."""


class LicenceNotFound(DomainError):
    """Nothing is on record of that state or city."""

    kind = "not_found"
    code = "licence-not-found"


class LicenceExpiry(DomainError):
    """The last day is over, or too far ahead to be one."""

    kind = "invalid"
    code = "licence-expiry"


@record
class RecordLicence:
    """Put a licence on record, in place of an earlier one of the same authority."""

    authority: str
    number: str
    expires_on: date | None
    now: datetime


@record
class EndLicence:
    """Take a licence off the record."""

    authority: str
    reason: str
    now: datetime


Command = RecordLicence | EndLicence


@event("forbear.compliance.licence-recorded.v1")
class LicenceRecorded:
    """The agency holds a licence, registration or bond; `expires_on` is its last day."""

    authority: str
    number: str
    expires_on: date | None
    at: datetime


@event("forbear.compliance.licence-ended.v1")
class LicenceEnded:
    """The agency holds it no more."""

    authority: str
    reason: str
    at: datetime


Event = LicenceRecorded | LicenceEnded
Status = Literal["in_force", "expired", "ended"]


@record
class Licence:
    """One authority's licence; none is held any more where `is_held` is False."""

    number: str = ""
    expires_on: date | None = None
    is_held: bool = False


@record
class Licences:
    """Licences by authority, ended ones kept to tell nothing held from nothing recorded.

    So does an end of what was never recorded, as older logs have: it said that there is none.
    """

    by_authority: dict[str, Licence] = {}


def in_force(state: Licences, now: datetime) -> tuple[str, ...] | None:
    """Return where the agency is licensed at an instant; None where nothing was ever recorded."""
    if not state.by_authority:
        return None
    return tuple(
        sorted(
            authority
            for authority, licence in state.by_authority.items()
            if status(licence, now) == "in_force"
        )
    )


def status(licence: Licence, now: datetime) -> Status:
    """Return how a licence that was ever on record stands at an instant."""
    if not licence.is_held:
        return "ended"
    is_over = licence.expires_on is not None and licence.expires_on < _today(now)
    return "expired" if is_over else "in_force"


def _today(now: datetime) -> date:
    return (now + _EARLIEST_DATE).date()


def evolve(state: Licences, event: Event) -> Licences:
    """Apply one event."""
    match event:
        case LicenceRecorded():
            licence = Licence(number=event.number, expires_on=event.expires_on, is_held=True)
        case LicenceEnded():
            licence = Licence()
        case _:
            assert_never(event)
    return Licences(by_authority={**state.by_authority, event.authority: licence})


def decide(command: Command, state: Licences) -> tuple[Event, ...]:
    """Record a change; what is on record already changes nothing.

    Raises:
        LicenceExpiry: its last day is over, or too far ahead.
        LicenceNotFound: there is nothing to end.
    """
    known = state.by_authority.get(command.authority)
    match command:
        case RecordLicence():
            asked = Licence(number=command.number, expires_on=command.expires_on, is_held=True)
            if known == asked:
                return ()
            _refuse_expiry(command.expires_on, command.now)
            recorded = LicenceRecorded(
                authority=command.authority,
                number=command.number,
                expires_on=command.expires_on,
                at=command.now,
            )
            return (recorded,)
        case EndLicence():
            if known is None:
                raise LicenceNotFound(
                    "Nothing is on record of this state or city. GET /v1/licences lists what is."
                )
            if not known.is_held:
                return ()
            ended = LicenceEnded(authority=command.authority, reason=command.reason, at=command.now)
            return (ended,)
        case _:
            assert_never(command)


def _refuse_expiry(expires_on: date | None, now: datetime) -> None:
    if expires_on is None:
        return
    today = _today(now)
    if expires_on < today:
        raise LicenceExpiry(
            "This day is over. Give the day up to which it is renewed, or end the licence.",
            pointer="/expires_on",
        )
    if expires_on.year > today.year + YEARS_MAX:
        raise LicenceExpiry(
            f"Give a day at most {YEARS_MAX} years ahead, or none if it does not expire.",
            pointer="/expires_on",
        )


def stream() -> str:
    """Name the agency's one stream of licences."""
    return "licences-agency"


LICENCES: Decider[Command, Licences, Event] = Decider(
    initial=Licences(),
    evolve=evolve,
    decide=decide,
    events=(LicenceRecorded, LicenceEnded),
    state=Licences,
    is_guard=True,
)
