"""The agency's licences, registrations and bonds, by the state or city that asks for one.

One guard stream per agency: every permit is decided together with its version, so a licence that
ends stops what was asked at the same time. Nothing recorded is told apart from nothing held.
"""

from datetime import date, datetime, timedelta
from typing import assert_never

from shared.kernel.decider import Decider
from shared.kernel.records import event, record

_EARLIEST_DATE = timedelta(hours=10)
"""Guam's date comes first in the United States; a licence ends where its last day ends first."""


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


@record
class Licence:
    """One authority's licence; none is held any more where `is_held` is False."""

    number: str = ""
    expires_on: date | None = None
    is_held: bool = False


@record
class Licences:
    """Licences by authority, ended ones kept to tell nothing held from nothing recorded."""

    by_authority: dict[str, Licence] = {}


def in_force(state: Licences, now: datetime) -> tuple[str, ...] | None:
    """Return where the agency is licensed at an instant; None where nothing was ever recorded."""
    if not state.by_authority:
        return None
    today = (now + _EARLIEST_DATE).date()
    return tuple(
        sorted(
            authority
            for authority, licence in state.by_authority.items()
            if licence.is_held and (licence.expires_on is None or today <= licence.expires_on)
        )
    )


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
    """Record a change; what is on record already changes nothing."""
    known = state.by_authority.get(command.authority)
    match command:
        case RecordLicence():
            asked = Licence(number=command.number, expires_on=command.expires_on, is_held=True)
            if known == asked:
                return ()
            recorded = LicenceRecorded(
                authority=command.authority,
                number=command.number,
                expires_on=command.expires_on,
                at=command.now,
            )
            return (recorded,)
        case EndLicence():
            if known is not None and not known.is_held:
                return ()
            # Ending one that was never on record says that there is none: that is known now.
            ended = LicenceEnded(authority=command.authority, reason=command.reason, at=command.now)
            return (ended,)
        case _:
            assert_never(command)


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
