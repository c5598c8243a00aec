"""Events set aside: what is kept of them, and what a named person may have done about them.

A parked event waits, and what comes later of its keys waits behind it, until it is retried or let
go. Either is an event in the log of the service that reads, and so in the audit trail.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

from shared.eventstore import codec
from shared.eventstore.store import Metadata
from shared.eventstore.transact import Issue, Moment
from shared.kernel.decider import Decider
from shared.kernel.errors import InvariantViolated
from shared.kernel.records import event, record
from shared.messaging.feed import Envelope

BEHIND = "behind-a-parked-event"
ACTOR = "operator"


@record
class Failure:
    """What an event failed with, by the type of the exception, and in how many tries."""

    error: str
    attempts: int


WAITS = Failure(error=BEHIND, attempts=0)


@record
class Order:
    """What a person wants done about a parked event."""

    action: Literal["retry", "discard"]
    by: str
    reason: str


@record
class ParkedEvent:
    """An event that a subscription has set aside; `at` is when it failed last, or was parked."""

    subscription: str
    partition: str
    envelope: Envelope
    failure: Failure
    at: datetime
    order: Order | None = None

    @property
    def is_kept(self) -> bool:
        """Tell whether there is a copy of it; events were once parked without."""
        return bool(self.envelope.source)

    @property
    def is_due(self) -> bool:
        """Tell whether something is to be done about it once nothing is parked before it."""
        if self.order is not None and self.order.action == "discard":
            return True
        return self.is_kept and (self.order is not None or self.failure.error == BEHIND)


class ParkedEvents(Protocol):
    """The parked events of all tenants of a service, as whoever takes them up again sees them."""

    async def due(self, subscriptions: Sequence[str]) -> list[ParkedEvent]:
        """Return those that are due and have nothing parked before them under any of their keys.

        Raises:
            StoreUnavailable: no answer.
        """
        ...

    async def behind(self, settled: ParkedEvent) -> list[ParkedEvent]:
        """Return what is due under the keys of an event that is parked no more, in order.

        A page at most, up to the first that is not due. Something else may be parked before one
        of them, under a key that it does not share with the event.

        Raises:
            StoreUnavailable: no answer.
        """
        ...


@event("forbear.messaging.parked-event-retried.v1")
class ParkedEventRetried:
    """A person had a parked event handled after all, with the effects it should have had."""

    subscription: str
    source: str
    stream: str
    version: int
    event_id: str
    type: str
    error: str
    attempts: int
    by: str
    reason: str
    at: datetime


@event("forbear.messaging.parked-event-discarded.v1")
class ParkedEventDiscarded:
    """A person decided that a parked event has no effect here, and said why."""

    subscription: str
    source: str
    stream: str
    version: int
    event_id: str
    type: str
    error: str
    attempts: int
    by: str
    reason: str
    at: datetime


Resolution = ParkedEventRetried | ParkedEventDiscarded


@record
class Resolve:
    """Put on record what was done about a parked event."""

    parked: ParkedEvent
    order: Order
    now: datetime


def decide(command: Resolve, is_resolved: bool) -> tuple[Resolution, ...]:
    """Put it on record once."""
    if is_resolved:
        return ()
    parked, order = command.parked, command.order
    resolution = ParkedEventRetried if order.action == "retry" else ParkedEventDiscarded
    return (
        resolution(
            subscription=parked.subscription,
            source=parked.envelope.source,
            stream=parked.envelope.stream,
            version=parked.envelope.version,
            event_id=parked.envelope.event_id,
            type=parked.envelope.type,
            error=parked.failure.error,
            attempts=parked.failure.attempts,
            by=order.by,
            reason=order.reason,
            at=command.now,
        ),
    )


RESOLUTIONS: Decider[Resolve, bool, Resolution] = Decider(
    initial=False,
    evolve=lambda is_resolved, event: True,
    decide=decide,
    events=(ParkedEventRetried, ParkedEventDiscarded),
)


def stream(subscription: str, event_id: str) -> str:
    """Name the stream of what was done about one parked event."""
    return f"parked-{subscription}-{event_id}"


def resolution_of(parked: ParkedEvent, order: Order) -> tuple[Metadata, Issue]:
    """Return what puts on record who had what done about a parked event."""

    def command(moment: Moment) -> Resolve:
        return Resolve(parked=parked, order=order, now=moment.now)

    where = stream(parked.subscription, parked.envelope.event_id)
    metadata = Metadata(
        actor=ACTOR,
        correlation_id=_correlation_of(parked.envelope),
        causation_id=parked.envelope.event_id,
    )
    return metadata, Issue(stream=where, decider=RESOLUTIONS, command=command)


def _correlation_of(envelope: Envelope) -> str:
    try:
        return envelope.metadata.correlation_id
    except codec.UnreadableEvent:  # that may be why it was parked
        return envelope.event_id


class NotDiscardable(InvariantViolated):
    """An archive leaves nothing out: whoever verifies it would find a record missing."""
