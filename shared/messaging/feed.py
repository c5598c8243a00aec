"""The feed port: another service's events, in order, at least once, resumable by position."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from weakref import WeakSet

from shared.eventstore import codec
from shared.eventstore.store import Metadata
from shared.kernel.records import record, replace


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


HOP_HEADER = "traceparent"


@record
class Delivery:
    """The record of a topic that an event came in, with all that was on it but its value."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    has_value: bool = True

    @property
    def traceparent(self) -> str | None:
        """Return the traceparent of the sending, which is not the event's own."""
        sent = dict(self.headers).get(HOP_HEADER)
        return sent.decode("latin-1") if sent else None


@record
class Envelope:
    """A stored event as delivered: every attribute, and the data bytes exactly as hashed.

    `delivery` is there when it came through a topic.
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
    delivery: Delivery | None = None

    @property
    def metadata(self) -> Metadata:
        """Return who acted and in which chain of causes."""
        return codec.decode(Metadata, self.metadata_bytes)

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the consumers the event concerns, else its account, else its stream.

        Data that cannot be read may concern anybody; the key it was published under, if it was,
        still names one.
        """
        try:
            concerned = codec.decode(_Concerned, self.data)
        except codec.UnreadableEvent:
            return (self._published_under or self.stream,)
        keys = tuple(dict.fromkeys(concerned.consumer_ids)) or (
            concerned.account_id or self.stream,
        )
        if all(each.isprintable() for each in keys):
            return keys
        return (self._published_under or self.stream,)

    @property
    def _published_under(self) -> str | None:
        """Return the key of the record, if it is one that a relay could have written."""
        key = (self.delivery.key if self.delivery else None) or b""
        text = key.decode(errors="replace")
        return text if text.isascii() and text.isprintable() and text else None


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

    def halves(self) -> "tuple[Page, Page]":
        """Return it in two parts, of which only the second vouches for freshness."""
        middle = len(self.events) // 2
        first = replace(
            self,
            events=self.events[:middle],
            upto=self.events[middle - 1].position,
            fresh_as_of=None,
        )
        return first, replace(self, events=self.events[middle:])


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
