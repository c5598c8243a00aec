"""The one way to change anything: read, decide, append; again when another writer was first."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.eventstore import codec
from shared.eventstore.store import (
    Answer,
    AnswerExists,
    Batch,
    EventStore,
    Idempotency,
    LoadedStream,
    Metadata,
    NewEvent,
    Reading,
    RecordedAnswer,
    ScheduledJob,
    StateRow,
    TwinInProgress,
)
from shared.kernel.decider import Claim, Decider, StreamOf
from shared.kernel.errors import (
    ClaimTaken,
    ConcurrencyConflict,
    DomainError,
    InvariantViolated,
)
from shared.kernel.ids import Ids
from shared.kernel.records import event_name, record, replace
from shared.telemetry import metrics

ATTEMPTS_MAX = 8
TWIN_WAITS_MAX = 2  # each lasts the database's lock timeout of a second
EVENT_BYTES_MAX = 512 * 1024  # with its headers it fits into one record of a topic
PAUSE_S = 0.004  # before the second attempt; doubles with each further one


class IdempotencyKeyReused(DomainError):
    """The key was used before, with another request body."""

    kind = "invalid"
    code = "idempotency-key-reused"


@record
class Context:
    """On whose behalf, in which chain of causes, under which idempotency key."""

    tenant: str
    metadata: Metadata
    idempotency: Idempotency | None = None


@record
class Moment:
    """The outside facts that a command may carry, read together with the streams.

    `now` is domain time: the tenant's clock, never before the newest event of the streams read.
    `guards` holds each guard's state by the stream it was given by.
    """

    now: datetime
    system_now: datetime
    watermarks: Mapping[str, datetime]
    parked: tuple[str, ...]
    guards: Mapping[str | StreamOf, Any]


@record
class Issue:
    """A command for one stream, built once the moment is known.

    `then` says what follows elsewhere from the state that it leaves, in the same transaction.
    """

    stream: str
    decider: Any
    command: Callable[[Moment], Any]
    then: Callable[[Any], Sequence["Issue"]] | None = None


class StreamsWanted(Exception):
    """What was decided leads to streams that were not read; the reading is made again with them."""

    def __init__(self, streams: Sequence[str]) -> None:
        super().__init__("streams to read as well")
        self.streams = tuple(streams)


@record
class Guard:
    """A stream from whose state a command is built; it must not move meanwhile.

    A name that nobody has claimed leads to none: then the moment has no state under it.
    """

    stream: str | StreamOf
    decider: Any


@record
class Outcome:
    """What was decided: states after it, events appended, the answer to give."""

    now: datetime
    states: Mapping[str, Any]
    versions: Mapping[str, int]
    events: tuple[tuple[str, Any], ...]
    answer: Answer | None = None
    replayed: bool = False

    def state(self, stream: str) -> Any:
        """Return the state of one of the streams."""
        return self.states[stream]


class Transactor:
    """Runs deciders against a store.

    Transactions that begin with the same stream queue in this process instead of colliding; across
    processes the version check decides and the loser decides again, at most `ATTEMPTS_MAX` times.
    """

    def __init__(self, store: EventStore, ids: Ids) -> None:
        self.store = store
        self._ids = ids
        self._queues: dict[tuple[str, str], tuple[asyncio.Lock, int]] = {}

    async def transact(
        self,
        context: Context,
        issues: Sequence[Issue],
        *,
        answer: Callable[[Outcome], Answer] | None = None,
        guards: Sequence[Guard] = (),
        parked_key: str | None = None,
    ) -> Outcome:
        """Decide and append; a repeat under the same idempotency key gets the recorded answer.

        Raises:
            DomainError: a command does not fit its stream's state.
            IdempotencyKeyReused: the key was used with another body.
            ClaimTaken: a name was claimed by another stream.
            ConcurrencyConflict: other writers were first, `ATTEMPTS_MAX` times in a row.
            TwinInProgress: the same request is still running elsewhere.
            StoreUnavailable: no answer from the store; the outcome is unknown.
        """
        if not issues:
            return await self._insist(context, issues, answer, guards, parked_key)
        key = (context.tenant, issues[0].stream)
        lock, waiting = self._queues.get(key, (asyncio.Lock(), 0))
        self._queues[key] = (lock, waiting + 1)
        try:
            async with lock:
                return await self._insist(context, issues, answer, guards, parked_key)
        finally:
            lock, waiting = self._queues.pop(key)
            if waiting > 1:
                self._queues[key] = (lock, waiting - 1)

    async def consider(
        self,
        context: Context,
        issues: Sequence[Issue],
        *,
        guards: Sequence[Guard] = (),
        parked_key: str | None = None,
    ) -> Outcome:
        """Decide as `transact` would now, and append nothing.

        Raises:
            DomainError: a command does not fit its stream's state.
            StoreUnavailable: no answer from the store.
            StreamsWanted: an issue has consequences, which only `transact` follows.
        """
        streams = [each.stream for each in issues] + [each.stream for each in guards]
        reading = await self.store.load(context.tenant, streams, parked_key=parked_key)
        return Deliberation(reading, self._ids).decide(context.metadata, issues, guards)

    async def look(
        self, tenant: str, guards: Sequence[Guard], *, parked_key: str | None = None
    ) -> Moment:
        """Read streams together with what a decision about them would stand on.

        Raises:
            StoreUnavailable: no answer from the store.
        """
        streams = [each.stream for each in guards]
        reading = await self.store.load(tenant, streams, parked_key=parked_key)
        return Deliberation(reading, self._ids).moment(guards)

    async def _insist(
        self,
        context: Context,
        issues: Sequence[Issue],
        answer: Callable[[Outcome], Answer] | None,
        guards: Sequence[Guard],
        parked_key: str | None,
    ) -> Outcome:
        streams = [each.stream for each in issues] + [each.stream for each in guards]
        waits = 0
        for attempt in range(ATTEMPTS_MAX):
            if attempt:
                await asyncio.sleep(PAUSE_S * 2 ** (attempt - 1))
            reading = await self.store.load(
                context.tenant, streams, idempotency=context.idempotency, parked_key=parked_key
            )
            if reading.recorded and context.idempotency:
                return _replayed(reading, reading.recorded, context.idempotency)
            deliberation = Deliberation(reading, self._ids, streams)
            try:
                decided = deliberation.decide(context.metadata, issues, guards)
            except StreamsWanted as wanted:
                streams.extend(wanted.streams)
                continue
            outcome = _answered(decided, answer)
            batch = deliberation.batch(context.idempotency, outcome.answer)
            if not batch.events and not batch.idempotency:
                return outcome
            try:
                await self.store.append(context.tenant, batch)
            except ClaimTaken:
                raise
            except (ConcurrencyConflict, AnswerExists):
                metrics.APPEND_CONFLICTS.add(1, {})
                continue
            except TwinInProgress:
                waits += 1
                if waits == TWIN_WAITS_MAX:
                    raise
                continue
            return outcome
        raise ConcurrencyConflict("other writers were first each time")


class Deliberation:
    """Decides on one reading, command after command, and collects what is to be appended.

    Later commands see the states that earlier ones left, so one transaction may hold the effects
    of a whole page of events.

    Args:
        streams: what was read; one that does not exist yet is in no reading.
    """

    def __init__(self, reading: Reading, ids: Ids, streams: Iterable[str | StreamOf] = ()) -> None:
        self._reading = reading
        self._ids = ids
        self._read = {*streams, *reading.streams}
        self._deciders: dict[str, Decider[Any, Any, Any]] = {}
        self._states: dict[str, Any] = {}
        self._versions: dict[str, int] = {}
        self._guards: dict[str, int] = {}
        self._now = reading.now
        self._appended: list[NewEvent] = []
        self._claims: list[Claim] = []
        self._jobs: list[ScheduledJob] = []
        self._newest: dict[str, datetime] = {}

    def decide(
        self, metadata: Metadata, issues: Sequence[Issue], guards: Sequence[Guard] = ()
    ) -> Outcome:
        """Let every decider decide, in the order of the issues, and then what follows from them.

        Raises:
            DomainError: a command does not fit its stream's state.
            StreamsWanted: what follows concerns streams that were not read.
        """
        for issue in issues:
            self._take_up(issue.stream, issue.decider)
        moment = self.moment(guards)
        decided: list[tuple[str, Any]] = []
        for issue in issues:
            decided += self._decide(metadata, issue, moment)
        following = self._following(issues)
        while following:
            later = self.moment(guards)
            for issue in following:
                decided += self._decide(metadata, issue, later)
            following = self._following(following)
        return Outcome(
            now=moment.now,
            states={each.stream: self._states[each.stream] for each in issues},
            versions={each.stream: self._versions[each.stream] for each in issues},
            events=tuple(decided),
        )

    def _decide(self, metadata: Metadata, issue: Issue, moment: Moment) -> list[tuple[str, Any]]:
        command = issue.command(moment)
        decided = issue.decider.decide(command, self._states[issue.stream])
        for event in decided:
            self._append(issue.stream, event, codec.encode(metadata))
        return [(issue.stream, event) for event in decided]

    def _following(self, issues: Sequence[Issue]) -> list[Issue]:
        following = [
            each
            for issue in issues
            if issue.then is not None
            for each in issue.then(self._states[issue.stream])
        ]
        wanted = {each.stream: None for each in following if each.stream not in self._read}
        if wanted:
            raise StreamsWanted(tuple(wanted))
        for each in following:
            self._take_up(each.stream, each.decider)
        return following

    def moment(self, guards: Sequence[Guard]) -> Moment:
        """Return the outside facts, with the guards' states."""
        guarded = {
            guard.stream: self._guard(stream, guard.decider)
            for guard in guards
            if (stream := self._name(guard.stream)) is not None
        }
        return Moment(
            now=self._now,
            system_now=self._reading.system_now,
            watermarks=self._reading.watermarks,
            parked=self._reading.parked,
            guards=guarded,
        )

    def batch(self, idempotency: Idempotency | None = None, answer: Answer | None = None) -> Batch:
        """Return everything decided so far, ready to append."""
        return Batch(
            events=tuple(self._appended),
            guards=dict(self._guards) if self._appended else {},
            guarded=self._held(),
            states=tuple(
                StateRow(
                    stream=stream,
                    version=self._versions[stream],
                    state=codec.encode(self._states[stream]),
                    at=at,
                )
                for stream, at in self._newest.items()
                if self._deciders[stream].state is not None
            ),
            claims=tuple(self._claims),
            jobs=tuple(self._jobs),
            idempotency=idempotency if answer else None,
            answer=answer if idempotency else None,
        )

    def _held(self) -> tuple[str, ...]:
        existing = [stream for stream in self._newest if self._loaded(stream).version]
        several = set(existing) if len(existing) > 1 else set()
        return tuple(s for s in self._newest if self._deciders[s].is_guard or s in several)

    def _loaded(self, stream: str) -> LoadedStream:
        return self._reading.streams.get(stream, LoadedStream())

    def _take_up(self, stream: str, decider: Decider[Any, Any, Any]) -> None:
        if stream in self._deciders:
            return
        loaded = self._loaded(stream)
        self._deciders[stream] = decider
        self._states[stream] = rebuild(decider, loaded)
        self._versions[stream] = loaded.version
        if loaded.at and loaded.at > self._now:
            self._now = loaded.at

    def _name(self, stream: str | StreamOf) -> str | None:
        return stream if isinstance(stream, str) else self._reading.targets.get(stream)

    def _guard(self, stream: str, decider: Decider[Any, Any, Any]) -> Any:
        self._take_up(stream, decider)
        self._guards[stream] = self._loaded(stream).version
        return self._states[stream]

    def _append(self, stream: str, event: Any, metadata: bytes) -> None:
        decider = self._deciders[stream]
        self._states[stream] = decider.evolve(self._states[stream], event)
        self._versions[stream] += 1
        self._newest[stream] = event.at
        self._claims.extend(decider.claims(event))
        self._jobs.extend(
            ScheduledJob(change=each, context=metadata) for each in decider.jobs(event)
        )
        data = codec.encode(event)
        if len(data) > EVENT_BYTES_MAX:
            raise InvariantViolated(f"{event_name(type(event))} is larger than any event may be")
        self._appended.append(
            NewEvent(
                stream=stream,
                version=self._versions[stream],
                event_id=self._ids.new("evt"),
                type=event_name(type(event)),
                data=data,
                metadata=metadata,
                occurred_at=event.at,
            )
        )


def rebuild(decider: Decider[Any, Any, Any], loaded: LoadedStream) -> Any:
    """Fold a loaded stream, from its inline state where there is one."""
    state = decider.initial
    if loaded.state is not None and decider.state is not None:
        state = codec.decode(decider.state, loaded.state.state)
    classes = codec.classes_by_name(decider.events)
    return decider.fold((codec.decode(classes[e.type], e.data) for e in loaded.events), state)


def _answered(outcome: Outcome, answer: Callable[[Outcome], Answer] | None) -> Outcome:
    return replace(outcome, answer=answer(outcome)) if answer else outcome


def _replayed(reading: Reading, recorded: RecordedAnswer, asked: Idempotency) -> Outcome:
    if recorded.fingerprint != asked.fingerprint:
        raise IdempotencyKeyReused(
            "This Idempotency-Key was used with another request. Use a new key for a new request."
        )
    metrics.IDEMPOTENCY_REPLAYS.add(1, {})
    return Outcome(
        now=reading.now, states={}, versions={}, events=(), answer=recorded.answer, replayed=True
    )
