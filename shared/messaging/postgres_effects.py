"""Effects, inbox, checkpoint and watermark in one PostgreSQL transaction."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from sqlalchemy.sql import Executable

from shared.eventstore import statements
from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, append_on, reach
from shared.eventstore.store import Batch, EventStore
from shared.eventstore.transact import Deliberation, Issue
from shared.kernel.ids import Ids
from shared.messaging.effects import Deposed, Effect, StoreReplaced, Taken
from shared.messaging.feed import Envelope, Position

WATERMARK_STEP = timedelta(milliseconds=500)  # idle subscriptions write no more often than this

Archive = Callable[[Any, str, Sequence[Envelope]], Awaitable[None]]

_SETTLE = "SELECT settle($1, $2, $3, $4, $5, $6, $7, $8)"


class _Written:
    """What the events of one tenant come to."""

    def __init__(self) -> None:
        self.batch: Batch | None = None
        self.statements: list[Executable] = []
        self.received: list[Envelope] = []
        self.parked: list[tuple[Envelope, str]] = []


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
                    "INSERT INTO checkpoints (subscription, partition, transaction_id, position, epoch)"
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

    async def commit(
        self, taken: Taken, effects: Sequence[Effect], fresh_as_of: datetime | None
    ) -> Taken:
        """Write the effects of a page, its inbox rows and the checkpoint in one transaction."""
        by_tenant: dict[str, list[Effect]] = {}
        for effect in effects:
            by_tenant.setdefault(effect.envelope.tenant, []).append(effect)
        written = {
            tenant: await self._decide(taken, tenant, those) for tenant, those in by_tenant.items()
        }
        moved = Taken(
            subscription=taken.subscription,
            partition=taken.partition,
            position=effects[-1].envelope.position,
            epoch=taken.epoch,
        )
        await self._write(taken, moved, written, fresh_as_of)
        if any(each.batch for each in written.values()):
            self._wake()
        return moved

    async def park(self, taken: Taken, envelope: Envelope, error: str) -> Taken:
        """Set an event aside with its error and move on."""
        moved = Taken(
            subscription=taken.subscription,
            partition=taken.partition,
            position=envelope.position,
            epoch=taken.epoch,
        )
        written = _Written()
        written.parked.append((envelope, error))
        await self._write(taken, moved, {envelope.tenant: written}, None)
        return moved

    async def mark_fresh(self, taken: Taken, fresh_as_of: datetime | None) -> Taken:
        """Note that nothing committed before an instant is missing, at most twice a second."""
        key = (taken.subscription, taken.partition)
        if fresh_as_of is None or fresh_as_of - self._fresh.get(key, _long_before(fresh_as_of)) < WATERMARK_STEP:
            return taken
        await self._write(taken, taken, {}, fresh_as_of)
        self._fresh[key] = fresh_as_of
        return taken

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

        await reach(call)
        return Taken(
            subscription=taken.subscription,
            partition=taken.partition,
            position=taken.position,
            epoch=epoch,
        )

    async def _decide(self, taken: Taken, tenant: str, effects: Sequence[Effect]) -> _Written:
        """Run the effects of one tenant; everything is read before anything is written."""
        written = _Written()
        had, parked = await self._received(taken, tenant, effects)
        planned = []
        for effect in effects:
            envelope = effect.envelope
            if envelope.event_id in had:
                continue
            if parked.intersection(envelope.keys):
                written.parked.append((envelope, "behind-a-parked-event"))
                continue
            metadata, issues, rows = effect.run()
            if issues or rows or self._archive:
                written.received.append(envelope)
            written.statements.extend(rows)
            if issues:
                planned.append((metadata, issues))
        if planned:
            streams = {issue.stream for _, issues in planned for issue in issues}
            deliberation = Deliberation(await self._store.load(tenant, sorted(streams)), self._ids)
            for metadata, issues in planned:
                deliberation.decide(metadata, issues)
            batch = deliberation.batch()
            written.batch = batch if batch.events else None
        return written

    async def _received(
        self, taken: Taken, tenant: str, effects: Sequence[Effect]
    ) -> tuple[set[str], set[str]]:
        keys = {key for effect in effects for key in effect.envelope.keys}
        ids = [effect.envelope.event_id for effect in effects]

        async def call() -> list[Any]:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                return await connection.fetch(
                    "SELECT event_id, parked_key FROM received($1, $2, $3, $4)",
                    tenant,
                    taken.subscription,
                    ids,
                    sorted(keys),
                )

        rows = await reach(call)
        had = {row["event_id"] for row in rows if row["event_id"]}
        return had, {row["parked_key"] for row in rows if row["parked_key"]}

    async def _write(
        self, old: Taken, new: Taken, written: dict[str, _Written], fresh_as_of: datetime | None
    ) -> None:
        async def call() -> None:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                async with connection.transaction():
                    for tenant, those in written.items():
                        await self._write_tenant(connection, new.subscription, tenant, those)
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
                    )
                    if not is_ours:
                        raise Deposed(new.subscription)

        await reach(call)

    async def _write_tenant(
        self, connection: Any, subscription: str, tenant: str, written: _Written
    ) -> None:
        """Events first: see sql/04_append.sql for why the order matters."""
        if written.batch:
            await append_on(connection, tenant, written.batch)
        ids = [each.event_id for each in written.received]
        await connection.execute("SELECT receive($1, $2, $3)", tenant, subscription, ids)
        for statement in written.statements:
            await statements.execute(connection, statement)
        if self._archive and written.received:
            await self._archive(connection, tenant, written.received)
        for envelope, error in written.parked:
            await connection.executemany(_PARK, [_parked(subscription, key, envelope, error) for key in envelope.keys])
            await connection.execute("SELECT receive($1, $2, $3)", tenant, subscription, [envelope.event_id])


_PARK = (
    "INSERT INTO parked_events (tenant_id, subscription, key, transaction_id, position, stream,"
    " version, event_id, type, error)"
    " VALUES ($1, $2, $3, $4::text::xid8, $5, $6, $7, $8, $9, $10)"
)


def _parked(subscription: str, key: str, envelope: Envelope, error: str) -> tuple[Any, ...]:
    position = envelope.position
    return (
        envelope.tenant,
        subscription,
        key,
        str(position.transaction_id),
        position.position,
        envelope.stream,
        envelope.version,
        envelope.event_id,
        envelope.type,
        error,
    )


def _long_before(instant: datetime) -> datetime:
    return instant - WATERMARK_STEP
