"""Effects, inbox, checkpoint and watermark in one PostgreSQL transaction."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import asyncpg

from shared.eventstore import statements
from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, append_on, reach
from shared.eventstore.store import EventStore
from shared.kernel.errors import ConcurrencyConflict
from shared.kernel.ids import Ids
from shared.kernel.records import replace
from shared.messaging import postgres_parking
from shared.messaging.effects import Deposed, Effect, StoreReplaced, Taken
from shared.messaging.feed import Envelope, Position
from shared.messaging.parking import Failure, ParkedEvent
from shared.messaging.planning import Known, Plan, by_tenant, keys_of, plan, plan_resolution

WATERMARK_STEP = timedelta(milliseconds=500)  # idle subscriptions write no more often than this

T = TypeVar("T")
Archive = Callable[[Any, str, Sequence[Envelope]], Awaitable[None]]

_RECEIVE = "SELECT receive($1, $2, $3)"
# A source whose clock is ahead of ours must not look fresh for that much longer once it is cut off.
_SETTLE = """
SELECT settle($1, $2, $3, $4, $5, $6, $7,
  CASE WHEN $8::timestamptz IS NOT NULL THEN least($8, clock_timestamp()) END, $9)
"""
_EXPECT = (
    "INSERT INTO watermarks (subscription, partition, fresh_as_of)"
    " SELECT $1, unnest($2::text[]), 'epoch' ON CONFLICT DO NOTHING"
)


class PostgresEffects:
    """Writes what subscriptions of one service do, in its own database.

    Args:
        wake: called when a page appended events of our own.
        archive: called with every event of a tenant inside the transaction (the audit trail).
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        store: EventStore,
        ids: Ids,
        wake: Callable[[], None],
        archive: Archive | None = None,
    ) -> None:
        self._pool = pool
        self._store = store
        self._ids = ids
        self._wake = wake
        self._archive = archive
        self._fresh: dict[tuple[str, str], datetime] = {}

    async def take_up(self, subscription: str, partition: str) -> Taken:
        """Read the checkpoint, or begin one."""

        async def call() -> Any:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                await connection.execute(
                    "INSERT INTO checkpoints"
                    " (subscription, partition, transaction_id, position, epoch)"
                    " VALUES ($1, $2, '0', 0, '') ON CONFLICT DO NOTHING",
                    subscription,
                    partition,
                )
                return await connection.fetchrow(
                    "SELECT transaction_id::text::bigint, position, epoch FROM checkpoints"
                    " WHERE subscription = $1 AND partition = $2",
                    subscription,
                    partition,
                )

        row = await reach(call)
        return Taken(
            subscription=subscription,
            partition=partition,
            position=Position(transaction_id=row["transaction_id"], position=row["position"]),
            epoch=row["epoch"],
        )

    async def expect(self, subscription: str, partitions: Sequence[str]) -> None:
        """Count partitions that were never read as never fresh."""

        async def call() -> None:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                await connection.execute(_EXPECT, subscription, list(partitions))

        await reach(call)

    async def commit(
        self,
        taken: Taken,
        effects: Sequence[Effect],
        upto: Position,
        fresh_as_of: datetime | None,
    ) -> Taken:
        """Write the effects of a page, its inbox rows and the checkpoint in one transaction."""
        is_archived = self._archive is not None
        plans = {}
        for tenant, those in by_tenant(effects, is_archived).items():
            known = await self._known(taken, tenant, those)
            plans[tenant] = await plan(self._store, self._ids, tenant, those, known, is_archived)
        moved = replace(taken, position=upto)
        await self._write(taken, moved, plans, fresh_as_of)
        if any(each.batch for each in plans.values()):
            self._wake()
        return moved

    async def park(
        self,
        taken: Taken,
        parking: tuple[Envelope, Failure],
        upto: Position,
        fresh_as_of: datetime | None,
    ) -> Taken:
        """Set an event aside with its error and move on."""
        moved = replace(taken, position=upto)
        planned = Plan()
        planned.parked.append(parking)
        await self._write(taken, moved, {parking[0].tenant: planned}, fresh_as_of)
        return moved

    async def resolve(self, parked: ParkedEvent, effect: Effect) -> None:
        """End the parking of an event in one transaction with its effects and who asked for it."""
        is_archived = self._archive is not None
        planned = await plan_resolution(self._store, self._ids, parked, effect, is_archived)

        async def call() -> None:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                async with connection.transaction():
                    tenant = parked.envelope.tenant
                    await self._append(connection, parked.subscription, tenant, planned, ())
                    await postgres_parking.release(connection, parked)

        await reach(lambda: _naming_conflicts(call, parked.subscription))
        if planned.batch:
            self._wake()

    async def keep_parked(self, parked: ParkedEvent, failure: Failure) -> None:
        """Note why an event stays parked."""

        async def call() -> None:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                async with connection.transaction():
                    await postgres_parking.keep(connection, parked, failure)

        await reach(call)

    async def mark_fresh(self, taken: Taken, upto: Position, fresh_as_of: datetime | None) -> Taken:
        """Note that nothing committed before an instant is missing, at most twice a second."""
        key = (taken.subscription, taken.partition)
        if fresh_as_of is None:
            return taken
        if key in self._fresh and fresh_as_of - self._fresh[key] < WATERMARK_STEP:
            return taken
        moved = await self.commit(taken, (), upto, fresh_as_of)
        self._fresh[key] = fresh_as_of
        return moved

    async def accept_epoch(self, taken: Taken, epoch: str) -> Taken:
        """Bind a new checkpoint to the feed's store."""
        if taken.epoch:
            raise StoreReplaced(f"{taken.subscription} was reading another store; rebuild it")

        async def call() -> None:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                await connection.execute(
                    "UPDATE checkpoints SET epoch = $3"
                    " WHERE subscription = $1 AND partition = $2 AND epoch = ''",
                    taken.subscription,
                    taken.partition,
                    epoch,
                )

        await reach(lambda: _naming_conflicts(call, taken.subscription))
        return replace(taken, epoch=epoch)

    async def _known(self, taken: Taken, tenant: str, effects: Sequence[Effect]) -> Known:
        keys = sorted(keys_of(effects))
        ids = [effect.envelope.event_id for effect in effects]

        async def call() -> list[Any]:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                rows: list[Any] = await connection.fetch(
                    "SELECT event_id, parked_key FROM received($1, $2, $3, $4)",
                    tenant,
                    taken.subscription,
                    ids,
                    keys,
                )
                return rows

        rows = await reach(call)
        return Known(
            event_ids=frozenset(row["event_id"] for row in rows if row["event_id"]),
            parked_keys=frozenset(row["parked_key"] for row in rows if row["parked_key"]),
        )

    async def _write(
        self, old: Taken, new: Taken, plans: dict[str, Plan], fresh_as_of: datetime | None
    ) -> None:
        async def call() -> None:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                if not plans:
                    return await _settle(connection, old, new, fresh_as_of, is_durable=False)
                async with connection.transaction():
                    for tenant, planned in plans.items():
                        await self._write_tenant(connection, new, tenant, planned)
                    await _settle(connection, old, new, fresh_as_of, is_durable=True)

        await reach(lambda: _naming_conflicts(call, new.subscription))

    async def _write_tenant(
        self, connection: Any, taken: Taken, tenant: str, planned: Plan
    ) -> None:
        new = planned.received + [envelope for envelope, _ in planned.parked]
        await self._append(connection, taken.subscription, tenant, planned, new)
        if planned.parked:
            await postgres_parking.park(connection, taken, planned.parked)

    async def _append(
        self,
        connection: Any,
        subscription: str,
        tenant: str,
        planned: Plan,
        new: Sequence[Envelope],
    ) -> None:
        """Events first: see sql/04_append.sql for why the order matters."""
        if planned.batch:
            await append_on(connection, tenant, planned.batch)
        await connection.execute(_RECEIVE, tenant, subscription, [each.event_id for each in new])
        await statements.execute_all(connection, planned.statements)
        if self._archive and planned.received:
            await self._archive(connection, tenant, planned.received)


async def _settle(
    connection: Any, old: Taken, new: Taken, fresh_as_of: datetime | None, *, is_durable: bool
) -> None:
    is_ours = await connection.fetchval(
        _SETTLE,
        new.subscription,
        new.partition,
        new.epoch,
        str(old.position.transaction_id),
        old.position.position,
        str(new.position.transaction_id),
        new.position.position,
        fresh_as_of,
        is_durable,
    )
    if not is_ours:
        raise Deposed(new.subscription)


async def _naming_conflicts(call: Callable[[], Awaitable[T]], subscription: str) -> T:
    """Tell what another writer caused from what is wrong with an event."""
    try:
        return await call()
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "inbox_pkey":  # the same reader, elsewhere, was first
            raise Deposed(subscription) from error
        raise
    except (
        asyncpg.SerializationError,
        asyncpg.DeadlockDetectedError,
        asyncpg.LockNotAvailableError,
    ) as error:
        raise ConcurrencyConflict("another writer is at it") from error
