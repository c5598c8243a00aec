"""The store in PostgreSQL: two functions, one to load and one to append, one round trip each.

Requests of a tenant that come while others are under way go together in the next call: what a round
trip and a commit cost is then shared by all of them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar

import asyncpg

from shared.eventstore import rows
from shared.eventstore.lane import Lane
from shared.eventstore.store import (
    AnswerExists,
    Batch,
    Idempotency,
    Reading,
    StoreUnavailable,
    TwinInProgress,
)
from shared.kernel.decider import StreamOf
from shared.kernel.errors import ClaimTaken, ConcurrencyConflict, InvariantViolated
from shared.telemetry.logging import get_logger

T = TypeVar("T")
Q = TypeVar("Q")
A = TypeVar("A")

log = get_logger(__name__)

COMMAND_TIMEOUT_S = 5.0
ACQUIRE_TIMEOUT_S = 3.0
CLOSE_S = 6.0  # longer than any command that is still under way may take

GROUP_SIZE_MAX = 64

_LOAD = f"SELECT kind, name, version, type, body, at FROM load_together({rows.marks(7)})"
_FIND = "SELECT kind, digest, target FROM find_claims($1, $2, $3)"
_APPEND = f"SELECT append_together({rows.marks(29)})"

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
        self._loads: dict[str, Lane[rows.Asked, Reading]] = {}
        self._appends: dict[str, Lane[Batch, None]] = {}

    async def load(
        self,
        tenant: str,
        streams: Sequence[str | StreamOf],
        *,
        idempotency: Idempotency | None = None,
        parked_key: str | None = None,
    ) -> Reading:
        """Read clocks, streams and a recorded answer in one round trip."""
        asked = rows.Asked(
            streams=tuple(each for each in streams if isinstance(each, str)),
            names=tuple(each for each in streams if isinstance(each, StreamOf)),
            idempotency=idempotency,
            parked_key=parked_key,
        )

        async def call(group: Sequence[rows.Asked]) -> list[Reading]:
            together = rows.Together(group)
            found = await self._fetch(_LOAD, tenant, *together.arguments)
            return together.readings(found)

        return await _ask(self._loads, tenant, call, lambda each: (), asked)

    async def find(
        self, tenant: str, names: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], str]:
        """Return the targets of claimed names; unknown ones are left out."""
        columns = ([kind for kind, _ in names], [digest for _, digest in names])

        found = await self._fetch(_FIND, tenant, *columns)
        return {(row["kind"], row["digest"]): row["target"] for row in found}

    async def append(self, tenant: str, batch: Batch) -> None:
        """Append in one transaction and one round trip."""

        async def call(group: Sequence[Batch]) -> list[None]:
            async def append() -> None:
                async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                    await append_on(connection, tenant, *group)

            await reach(append)
            self._wake()
            return [None] * len(group)

        await _ask(self._appends, tenant, call, rows.taken_by, batch)

    async def _fetch(self, statement: str, *arguments: Any) -> "list[asyncpg.Record]":
        async def fetch() -> list[asyncpg.Record]:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                found: list[asyncpg.Record] = await connection.fetch(statement, *arguments)
                return found

        return await reach(fetch)


async def _ask(
    lanes: dict[str, Lane[Q, A]],
    tenant: str,
    call: Callable[[Sequence[Q]], Awaitable[Sequence[A]]],
    keys: Callable[[Q], Iterable[Hashable]],
    asked: Q,
) -> A:
    """Ask by the tenant's lane, which is there only while somebody uses it."""
    lane = lanes.get(tenant)
    if lane is None:
        lane = lanes[tenant] = Lane(
            call, size_max=GROUP_SIZE_MAX, keys=keys, fatal=(StoreUnavailable,)
        )
    try:
        return await lane.ask(asked)
    finally:
        if lane.is_idle and lanes.get(tenant) is lane:
            del lanes[tenant]


async def append_on(connection: Any, tenant: str, *batches: Batch) -> None:
    """Append on a given connection, inside its transaction if it has one: all or nothing.

    Raises:
        ConcurrencyConflict, AnswerExists, TwinInProgress: as `EventStore.append`.
    """
    try:
        await connection.execute(_APPEND, tenant, *rows.columns(batches))
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
