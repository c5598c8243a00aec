"""The feed port: another service's events, in order, at least once, resumable by position."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from weakref import WeakSet

from shared.eventstore import codec
from shared.eventstore.store import Metadata
from shared.kernel.records import record


@record
class Position:
    """A place in one partition of a feed. Compared as a pair; never a single number.

    In PostgreSQL the pair is transaction id and position; in Kafka the number of the publication
    (a topic may have to be filled anew) and the offset that comes next.
    """

    transaction_id: int
    position: int


START = Position(transaction_id=0, position=0)
BEHIND_MAX = 10_000


@record
class _Concerned:
    consumer_ids: tuple[str, ...] = ()
    account_id: str | None = None


@record
class Hop:
    """The Kafka record that brought an event, and the traceparent of its sending."""

    partition: int
    offset: int
    traceparent: str | None = None


@record
class Envelope:
    """A stored event as delivered: every attribute, and the data bytes exactly as hashed.

    `hop` is missing where the event was read from the log itself.
    """

    source: str
    position: Position
    tenant: str
    stream: str
    version: int
    event_id: str
    type: str
    data: bytes
    metadata_bytes: bytes
    occurred_at: datetime
    recorded_at: datetime
    hop: Hop | None = None

    @property
    def metadata(self) -> Metadata:
        """Return who acted and in which chain of causes."""
        return codec.decode(Metadata, self.metadata_bytes)

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the consumers the event concerns, else its account, else its stream."""
        try:
            concerned = codec.decode(_Concerned, self.data)
        except codec.UnreadableEvent:
            return (self.stream,)
        return tuple(dict.fromkeys(concerned.consumer_ids)) or (
            concerned.account_id or self.stream,
        )


@record
class Page:
    """Consecutive events of one partition.

    `upto` is where to read on: at or behind the last event, since not all that is read is events.
    `fresh_as_of` is set when nothing committed before that instant is missing from this page and
    all before it. `epoch` names the store; another one means the positions mean nothing here. It
    is empty while nothing was read that tells.
    """

    events: tuple[Envelope, ...]
    upto: Position
    epoch: str
    fresh_as_of: datetime | None


class Feed(Protocol):
    """One service's events. Adapters: PostgreSQL here, Kafka beside it."""

    source: str

    async def partitions(self) -> tuple[str, ...]:
        """Return the partitions this reader is to work on.

        Raises:
            StoreUnavailable: no answer.
        """
        ...

    async def all_partitions(self) -> tuple[str, ...]:
        """Return these and the ones that other readers of the same name work on.

        Raises:
            StoreUnavailable: no answer.
        """
        ...

    async def page(self, partition: str, after: Position, limit: int) -> Page:
        """Return the next events after a position.

        Raises:
            StoreUnavailable: no answer.
        """
        ...

    async def behind(self, positions: Mapping[str, Position]) -> int:
        """Return how many records lie behind positions in partitions, at most `BEHIND_MAX`.

        Raises:
            StoreUnavailable: no answer.
        """
        ...

    async def wait(self, timeout_s: float) -> None:
        """Return when there may be news, at the latest after the timeout."""
        ...

    async def close(self) -> None:
        """Let go of what the reader holds; it may be used again."""
        ...


class Bell:
    """Wakes readers in this process when something was appended."""

    def __init__(self) -> None:
        self._listeners: WeakSet[asyncio.Event] = WeakSet()  # a reader that is gone leaves no trace

    def listener(self) -> asyncio.Event:
        """Return an event that is set at every ring; its owner clears it before it looks."""
        listener = asyncio.Event()
        self._listeners.add(listener)
        return listener

    def ring(self) -> None:
        """Wake everyone who listens."""
        for each in tuple(self._listeners):
            each.set()


async def rung(listener: asyncio.Event, timeout_s: float) -> None:
    """Return when the listener is set, at the latest after the timeout."""
    try:
        # Not wait_for: in Python 3.11 it swallows a cancellation that comes with the bell.
        async with asyncio.timeout(timeout_s):
            await listener.wait()
    except TimeoutError:
        return
