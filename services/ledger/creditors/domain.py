"""Creditors: who may place accounts with the agency.

The signing secret of a creditor's webhooks is a credential, not a fact, and never in an event.
"""

from datetime import datetime
from typing import assert_never

from shared.kernel.decider import Decider
from shared.kernel.errors import DomainError
from shared.kernel.records import event, record


@record
class RegisterCreditor:
    """Take a creditor on."""

    creditor_id: str
    name: str
    now: datetime


@event("forbear.ledger.creditor-registered.v1")
class CreditorRegistered:
    """A creditor was taken on."""

    creditor_id: str
    name: str
    at: datetime
    consumer_ids: tuple[str, ...] = ()


Command = RegisterCreditor
Event = CreditorRegistered


@record
class Creditor:
    """What deciding about a creditor needs."""

    name: str | None = None

    @property
    def is_registered(self) -> bool:
        """Tell whether the creditor was taken on."""
        return self.name is not None


class CreditorExists(DomainError):
    """The id belongs to a creditor of another name."""

    kind = "conflict"
    code = "creditor-exists"


class CreditorNotFound(DomainError):
    """No creditor has this id."""

    kind = "not_found"
    code = "creditor-not-found"


def evolve(state: Creditor, event: Event) -> Creditor:
    """Apply one fact."""
    match event:
        case CreditorRegistered():
            return Creditor(name=event.name)
        case _:
            assert_never(event)


def decide(command: Command, state: Creditor) -> tuple[Event, ...]:
    """Register once.

    Raises:
        CreditorExists: registered before under another name.
    """
    if state.name == command.name:
        return ()
    if state.is_registered:
        raise CreditorExists("this creditor is registered under another name", pointer="/name")
    return (CreditorRegistered(creditor_id=command.creditor_id, name=command.name, at=command.now),)


def stream(creditor_id: str) -> str:
    """Name the stream of one creditor."""
    return f"creditor-{creditor_id}"


CREDITORS: Decider[Command, Creditor, Event] = Decider(
    initial=Creditor(),
    evolve=evolve,
    decide=decide,
    events=(CreditorRegistered,),
    state=Creditor,
)
