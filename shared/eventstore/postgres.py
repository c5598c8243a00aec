"""The store in PostgreSQL: two functions, `load` and `append`, one round trip each."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import asyncpg

from shared.eventstore import codec
from shared.eventstore.store import (
    Answer,
    AnswerExists,
    Batch,
    Idempotency,
    LoadedStream,
    Reading,
    RecordedAnswer,
    StateRow,
    StoredVersion,
    StoreUnavailable,
    TwinInProgress,
)
from shared.kernel.decider import StreamOf
from shared.kernel.errors import ClaimTaken, ConcurrencyConflict, InvariantViolated
from shared.kernel.jobs import Cancel, Job
from shared.telemetry.logging import get_logger

T = TypeVar("T")

log = get_logger(__name__)

COMMAND_TIMEOUT_S = 5.0
ACQUIRE_TIMEOUT_S = 3.0
CLOSE_S = 6.0  # longer than any command that is still under way may take

_LOAD = "SELECT kind, name, version, type, body, at FROM load($1, $2, $3, $4, $5, $6, $7)"
_FIND = "SELECT kind, digest, target FROM find_claims($1, $2, $3)"
_APPEND = f"SELECT append({', '.join(f'${n}' for n in range(1, 30))})"

_AWAY = (
    OSError,
    asyncio.TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server died in the middle of an answer
    asyncpg.PostgresSystemError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TransactionTimeoutError,
)


async def open_pool(dsn: str, *, size_max: int = 10) -> "asyncpg.Pool[asyncpg.Record]":
    """Open a connection pool with a deadline on every command."""
    pool: asyncpg.Pool[asyncpg.Record] = await asyncpg.create_pool(
        dsn, min_size=1, max_size=size_max, command_timeout=COMMAND_TIMEOUT_S, reset=_clean_already
    )
    return pool


async def close_pool(pool: "asyncpg.Pool[Any]", name: str, *, timeout_s: float = CLOSE_S) -> None:
    """Close a pool once its connections are given back, or cut off what is left when time is up."""
    closing = asyncio.create_task(pool.close())
    try:
        await asyncio.wait([closing], timeout=timeout_s)
        if not closing.done():
            log.warning("pool-cut-off", pool=name, connections=pool.get_size())
    finally:
        closing.cancel()  # which cuts them off
        await asyncio.wait([closing])
    if not closing.cancelled():
        closing.result()


async def _clean_already(connection: Any) -> None:
    """Spare the round trip of RESET ALL at every release.

    Whatever we set or lock ends with its transaction, and an open transaction is ended before this.
    """


async def reach(work: Callable[[], Awaitable[T]]) -> T:
    """Run a database call; an unreachable server becomes `StoreUnavailable`.

    Raises:
        StoreUnavailable: no answer; the outcome is unknown.
    """
    try:
        return await work()
    except _AWAY as error:
        log.warning("dependency-unavailable", reason=type(error).__name__)
        raise StoreUnavailable("the database did not answer") from error


class PostgresEventStore:
    """Event store of one service. Connections belong to the service's app role."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", wake: Callable[[], None]) -> None:
        self._pool = pool
        self._wake = wake

    async def load(
        self,
        tenant: str,
        streams: Sequence[str | StreamOf],
        *,
        idempotency: Idempotency | None = None,
        parked_key: str | None = None,
    ) -> Reading:
        """Read clocks, streams and a recorded answer in one round trip."""
        scope, key = (idempotency.scope, idempotency.key) if idempotency else (None, None)
        own = [each for each in streams if isinstance(each, str)]
        names = [each for each in streams if isinstance(each, StreamOf)]
        kinds, digests = [each.kind for each in names], [each.digest for each in names]
        arguments = (tenant, own, kinds, digests, scope, key, parked_key)

        async def call() -> list[asyncpg.Record]:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                rows: list[asyncpg.Record] = await connection.fetch(_LOAD, *arguments)
                return rows

        return _reading(await reach(call), names)

    async def find(
        self, tenant: str, names: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], str]:
        """Return the targets of claimed names; unknown ones are left out."""
        columns = ([kind for kind, _ in names], [digest for _, digest in names])

        async def call() -> list[asyncpg.Record]:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                rows: list[asyncpg.Record] = await connection.fetch(_FIND, tenant, *columns)
                return rows

        return {(row["kind"], row["digest"]): row["target"] for row in await reach(call)}

    async def append(self, tenant: str, batch: Batch) -> None:
        """Append in one transaction and one round trip."""

        async def call() -> None:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                await append_on(connection, tenant, batch)

        await reach(call)
        self._wake()


async def append_on(connection: Any, tenant: str, batch: Batch) -> None:
    """Append on a given connection, inside its transaction if it has one.

    Raises:
        ConcurrencyConflict, AnswerExists, TwinInProgress: as `EventStore.append`.
    """
    try:
        await connection.execute(_APPEND, *_arguments(tenant, batch))
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "idempotency_pkey":
            raise AnswerExists from error
        if error.constraint_name == "claims_pkey":
            raise ClaimTaken("the name is taken") from error
        if error.constraint_name == "events_pkey":
            raise ConcurrencyConflict("another writer was first") from error
        raise InvariantViolated("a row that must be new exists") from error
    except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError) as error:
        raise ConcurrencyConflict("another writer was first") from error
    except asyncpg.LockNotAvailableError as error:
        if "INTO idempotency" in (error.context or ""):
            raise TwinInProgress from error
        raise ConcurrencyConflict("another writer is at it") from error


def _arguments(tenant: str, batch: Batch) -> tuple[Any, ...]:
    events, states, claims = batch.events, batch.states, batch.claims
    last = {each.change.key: each for each in batch.jobs}.values()  # the last word on a job counts
    jobs = [(each.change, each.context) for each in last if isinstance(each.change, Job)]
    cancelled = [each.change.key for each in last if isinstance(each.change, Cancel)]
    request, answer = batch.idempotency, batch.answer
    return (
        tenant,
        list(batch.guards.keys()),
        list(batch.guards.values()),
        list(batch.guarded),
        [each.stream for each in events],
        [each.version for each in events],
        [each.event_id for each in events],
        [each.type for each in events],
        [each.data for each in events],
        [each.metadata for each in events],
        [each.occurred_at for each in events],
        [each.stream for each in states],
        [each.version for each in states],
        [each.state for each in states],
        [each.at for each in states],
        [each.kind for each in claims],
        [each.digest for each in claims],
        [each.target for each in claims],
        [job.key for job, _ in jobs],
        [job.kind for job, _ in jobs],
        [codec.encode(job.arguments) for job, _ in jobs],
        [job.due_at for job, _ in jobs],
        [context for _, context in jobs],
        cancelled,
        request.scope if request else None,
        request.key if request else None,
        request.fingerprint if request else None,
        answer.status if answer else None,
        answer.body if answer else None,
    )


def _reading(rows: Sequence[Any], names: Sequence[StreamOf]) -> Reading:
    found: dict[str, list[Any]] = defaultdict(list)
    for kind, *columns in rows:
        found[kind].append(columns)
    if not found["clock"]:
        raise InvariantViolated("the store read no clock")
    states = {
        name: StateRow(stream=name, version=version, state=state, at=at)
        for name, version, _, state, at in found["state"]
    }
    events: dict[str, list[StoredVersion]] = defaultdict(list)
    for name, version, type_, data, at in found["event"]:
        events[name].append(StoredVersion(version=version, type=type_, data=data, at=at))
    return Reading(
        now=found["clock"][0][-1],
        system_now=found["system"][0][-1],
        streams={
            name: LoadedStream(state=states.get(name), events=tuple(events.get(name, ())))
            for name in states.keys() | events.keys()
        },
        targets={names[nth - 1]: name for name, nth, *_ in found["target"]},
        recorded=_recorded(*found["answer"][0]) if found["answer"] else None,
        watermarks={name: at for name, *_, at in found["watermark"]},
        parked=tuple(name for name, *_ in found["parked"]),
    )


def _recorded(
    name: None, status: int, fingerprint: str, body: bytes, at: datetime
) -> RecordedAnswer:
    answer = Answer(status=status, body=body)
    return RecordedAnswer(fingerprint=fingerprint, answer=answer, at=at)
