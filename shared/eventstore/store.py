"""The store's port: what is read before a decision and what is written after it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from shared.kernel.decider import Claim, StreamOf
from shared.kernel.jobs import Cancel, Job
from shared.kernel.records import record


@record
class Idempotency:
    """Names one request of one caller; `fingerprint` tells another body under the same key."""

    scope: str
    key: str
    fingerprint: str


@record
class Answer:
    """What a caller was answered: ids and sealed values only, so that it may be kept."""

    status: int
    body: bytes


@record
class RecordedAnswer:
    """An answer given earlier under an idempotency key."""

    fingerprint: str
    answer: Answer
    at: datetime


@record
class Metadata:
    """Where an event comes from: who acted, in which chain of causes, in which trace."""

    actor: str
    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None


@record
class NewEvent:
    """One event on its way into a stream, encoded as it will be hashed."""

    stream: str
    version: int
    event_id: str
    type: str
    data: bytes
    metadata: bytes
    occurred_at: datetime


@record
class StateRow:
    """The folded state of a stream at a version."""

    stream: str
    version: int
    state: bytes
    at: datetime


@record
class ScheduledJob:
    """A job to write or withdraw, with the encoded metadata of the event that asks for it."""

    change: Job | Cancel
    context: bytes


@record
class Batch:
    """Everything one transaction appends, of one tenant.

    `guards` are streams that were read but not written, at the versions read; `guarded` are
    streams in this batch to be held exclusively: see sql/04_append.sql.
    """

    events: tuple[NewEvent, ...]
    guards: Mapping[str, int] = {}
    guarded: tuple[str, ...] = ()
    states: tuple[StateRow, ...] = ()
    claims: tuple[Claim, ...] = ()
    jobs: tuple[ScheduledJob, ...] = ()
    idempotency: Idempotency | None = None
    answer: Answer | None = None


@record
class StoredVersion:
    """One stored event of a loaded stream."""

    version: int
    type: str
    data: bytes
    at: datetime


@record
class LoadedStream:
    """A stream as read: its inline state, if kept, and the events after it."""

    state: StateRow | None = None
    events: tuple[StoredVersion, ...] = ()

    @property
    def version(self) -> int:
        """Return the version of the newest event, 0 for an empty stream."""
        if self.events:
            return self.events[-1].version
        return self.state.version if self.state else 0

    @property
    def at(self) -> datetime | None:
        """Return when the newest event happened."""
        if self.events:
            return self.events[-1].at
        return self.state.at if self.state else None


@record
class Reading:
    """What one read of the store returned.

    `now` is the tenant's clock, `system_now` the database's. `targets` are the streams that claimed
    names led to. `watermarks` say per subscription how fresh it is; `parked` names subscriptions in
    which an event of the asked key is parked.
    """

    now: datetime
    system_now: datetime
    streams: Mapping[str, LoadedStream]
    targets: Mapping[StreamOf, str] = {}
    recorded: RecordedAnswer | None = None
    watermarks: Mapping[str, datetime] = {}
    parked: tuple[str, ...] = ()


class StoreUnavailable(Exception):
    """The store did not answer; whether it acted is unknown. Retry with the same key."""


class AnswerExists(Exception):
    """A twin request was recorded first; read its answer."""


class TwinInProgress(Exception):
    """A twin request under the same idempotency key is still running."""


class EventStore(Protocol):
    """Append and read. Two adapters, one contract suite (tests/contract/event_store.py)."""

    async def load(
        self,
        tenant: str,
        streams: Sequence[str | StreamOf],
        *,
        idempotency: Idempotency | None = None,
        parked_key: str | None = None,
    ) -> Reading:
        """Read clocks, streams and a recorded answer in one round trip.

        For a name that nobody has claimed no stream is read. `parked_key` asks for watermarks and
        for parked events of that consumer too.

        Raises:
            StoreUnavailable: no answer.
        """
        ...

    async def find(
        self, tenant: str, names: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], str]:
        """Return the targets of claimed names (kind, digest); unknown ones are left out."""
        ...

    async def append(self, tenant: str, batch: Batch) -> None:
        """Append in one transaction and one round trip.

        Raises:
            ConcurrencyConflict: a version, a guard or a claim was taken by another writer.
            AnswerExists: the idempotency key was recorded by a twin.
            TwinInProgress: the twin is still at it.
            StoreUnavailable: no answer; the outcome is unknown.
        """
        ...
