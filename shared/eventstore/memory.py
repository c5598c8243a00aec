"""The store in memory: the same contract, for simulations and fast tests."""

from collections.abc import Callable, Sequence
from datetime import datetime

from shared.eventstore.store import (
    Answer,
    AnswerExists,
    Batch,
    Idempotency,
    LoadedStream,
    NewEvent,
    Reading,
    RecordedAnswer,
    StateRow,
    StoredVersion,
)
from shared.kernel.decider import StreamOf
from shared.kernel.errors import ClaimTaken, ConcurrencyConflict
from shared.kernel.jobs import Job
from shared.kernel.records import record


@record
class LoggedEvent:
    """An event in the log, with its tenant and its place in commit order."""

    position: int
    tenant: str
    event: NewEvent
    recorded_at: datetime


class MemoryEventStore:
    """Event store of one service in this process. Nothing survives it.

    Args:
        system_now: the database's clock.
        wake: called after each append.
    """

    def __init__(
        self, system_now: Callable[[], datetime], wake: Callable[[], None] = lambda: None
    ) -> None:
        self.log: list[LoggedEvent] = []
        self.clocks: dict[str, datetime] = {}
        self.watermarks: dict[str, datetime] = {}
        self.parked: dict[tuple[str, str], tuple[str, ...]] = {}
        self.jobs: dict[tuple[str, str], Job] = {}
        self.system_now = system_now
        self.epoch = "in-memory"
        self._wake = wake
        self._events: dict[tuple[str, str], list[NewEvent]] = {}
        self._states: dict[tuple[str, str], StateRow] = {}
        self._claims: dict[tuple[str, str, str], str] = {}
        self._answers: dict[tuple[str, str, str], RecordedAnswer] = {}

    async def load(
        self,
        tenant: str,
        streams: Sequence[str | StreamOf],
        *,
        idempotency: Idempotency | None = None,
        parked_key: str | None = None,
    ) -> Reading:
        """Read clocks, streams and a recorded answer."""
        system_now = self.system_now()
        recorded = None
        if idempotency:
            recorded = self._answers.get((tenant, idempotency.scope, idempotency.key))
        names = [each for each in streams if isinstance(each, StreamOf)]
        targets = {
            name: self._claims[tenant, name.kind, name.digest]
            for name in names
            if (tenant, name.kind, name.digest) in self._claims
        }
        asked = [*(each for each in streams if isinstance(each, str)), *targets.values()]
        return Reading(
            now=self.clocks.get(tenant, system_now),
            system_now=system_now,
            streams={name: self._loaded(tenant, name) for name in asked},
            targets=targets,
            recorded=recorded,
            watermarks=dict(self.watermarks) if parked_key else {},
            parked=self.parked.get((tenant, parked_key), ()) if parked_key else (),
        )

    async def find(
        self, tenant: str, names: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], str]:
        """Return the targets of claimed names; unknown ones are left out."""
        return {
            (kind, digest): self._claims[tenant, kind, digest]
            for kind, digest in names
            if (tenant, kind, digest) in self._claims
        }

    async def append(self, tenant: str, batch: Batch) -> None:
        """Append all of it, or nothing."""
        self.refuse_conflicts(tenant, batch)
        self.write(tenant, batch)
        self._wake()

    def write(self, tenant: str, batch: Batch) -> None:
        """Append without looking; a step of a larger transaction in this process."""
        for event in batch.events:
            self._events.setdefault((tenant, event.stream), []).append(event)
            logged = LoggedEvent(
                position=len(self.log) + 1,
                tenant=tenant,
                event=event,
                recorded_at=self.system_now(),
            )
            self.log.append(logged)
        for state in batch.states:
            self._states[tenant, state.stream] = state
        for claim in batch.claims:
            self._claims[tenant, claim.kind, claim.digest] = claim.target
        for scheduled in batch.jobs:
            change = scheduled.change
            if isinstance(change, Job):
                self.jobs[tenant, change.key] = change
            else:
                self.jobs.pop((tenant, change.key), None)
        if batch.idempotency and batch.answer:
            self._record(tenant, batch.idempotency, batch.answer)

    def refuse_conflicts(self, tenant: str, batch: Batch) -> None:
        """Check everything that `append` promises.

        Raises:
            ConcurrencyConflict, AnswerExists: as `append`.
        """
        expected: dict[str, int] = {}
        for event in batch.events:
            if event.version != expected.get(event.stream, self._version(tenant, event.stream)) + 1:
                raise ConcurrencyConflict("another writer was first")
            expected[event.stream] = event.version
        for stream, version in batch.guards.items():
            if self._version(tenant, stream) != version:
                raise ConcurrencyConflict("a stream the decision read has moved")
        taken = dict(self._claims)
        for claim in batch.claims:
            name = (tenant, claim.kind, claim.digest)
            if taken.setdefault(name, claim.target) != claim.target:
                raise ClaimTaken("the name is taken")
        request = batch.idempotency
        if request and (tenant, request.scope, request.key) in self._answers:
            raise AnswerExists

    def _version(self, tenant: str, stream: str) -> int:
        events = self._events.get((tenant, stream))
        return events[-1].version if events else 0

    def _loaded(self, tenant: str, stream: str) -> LoadedStream:
        state = self._states.get((tenant, stream))
        seen = state.version if state else 0
        events = self._events.get((tenant, stream), [])[seen:]
        return LoadedStream(
            state=state,
            events=tuple(
                StoredVersion(version=e.version, type=e.type, data=e.data, at=e.occurred_at)
                for e in events
            ),
        )

    def _record(self, tenant: str, request: Idempotency, answer: Answer) -> None:
        self._answers[tenant, request.scope, request.key] = RecordedAnswer(
            fingerprint=request.fingerprint, answer=answer, at=self.system_now()
        )
