"""Load and readers for the reading test: 64 writers on hot streams, right and wrong ways to read.

Every writer but the wrong ones goes through the real `append`; what differs is what they do around
it. The wrong ones update, or lock, a row of their stream before they append.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import asyncpg

from shared.eventstore.postgres import PostgresEventStore, append_on
from shared.eventstore.store import (
    Answer,
    Idempotency,
    Metadata,
    StoreUnavailable,
    TwinInProgress,
)
from shared.eventstore.transact import Context, Deliberation, Issue, Transactor
from shared.kernel.clock import RandomIds
from shared.kernel.errors import ConcurrencyConflict
from shared.messaging.feed import START, Envelope, Feed
from shared.messaging.postgres import PARTITION
from tests.contract.tally import tallying

METADATA = Metadata(actor="key_test", correlation_id="c-1")
TENANTS = ("agy_1", "agy_2")
HOT = range(3)  # what long transactions hold
WARM = range(3, 9)
QUIET = range(9, 15)  # or else a page over four streams would hardly ever win
ALL = range(15)
KEYS = 40

WRONG_APPENDS = (
    "CREATE TABLE counters (stream text PRIMARY KEY, version integer NOT NULL)",
    """
    CREATE FUNCTION append_updating_first(p_streams text[], p_event_ids text[]) RETURNS void
    LANGUAGE plpgsql AS $$
    DECLARE
      v integer;
      versions integer[] := '{}';
    BEGIN
      PERFORM set_config('forbear.tenant', 'agy_1', true);
      FOR n IN 1 .. cardinality(p_streams) LOOP
        UPDATE counters SET version = version + 1 WHERE stream = p_streams[n]
          RETURNING version INTO v;
        versions := versions || v;
      END LOOP;
      INSERT INTO events (tenant_id, stream, version, event_id, type, data, metadata, occurred_at)
        SELECT 'agy_1', e.*, 't', '', '', now()
        FROM unnest(p_streams, versions, p_event_ids) AS e(stream, version, event_id);
    END $$
    """,
    # An idempotency row, a state row, an inbox row: whatever is written first has the same effect.
    """
    CREATE FUNCTION append_writing_first(p_streams text[], p_event_ids text[]) RETURNS void
    LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM set_config('forbear.tenant', 'agy_1', true);
      INSERT INTO inbox SELECT 'agy_1', 'wrong', e FROM unnest(p_event_ids) e;
      FOR n IN 1 .. cardinality(p_streams) LOOP
        PERFORM FROM counters WHERE stream = p_streams[n] FOR UPDATE;
      END LOOP;
      INSERT INTO events (tenant_id, stream, version, event_id, type, data, metadata, occurred_at)
        SELECT 'agy_1', e.stream, 1 + coalesce((SELECT max(version) FROM events l
            WHERE l.tenant_id = 'agy_1' AND l.stream = e.stream), 0), e.event_id, 't', '', '', now()
        FROM unnest(p_streams, p_event_ids) AS e(stream, event_id);
    END $$
    """,
    "INSERT INTO counters SELECT 'wrong-updating_first-' || n, 0 FROM generate_series(0, 2) n",
    "INSERT INTO counters SELECT 'wrong-writing_first-' || n, 0 FROM generate_series(0, 2) n",
    "GRANT SELECT, UPDATE ON counters TO ledger_app",
)
WRONG_READS = {
    "by position": """
        SELECT event_id, position FROM events WHERE position > $1 ORDER BY position LIMIT 500""",
    "below the horizon, by position": """
        SELECT event_id, position FROM events
        WHERE position > $1 AND transaction_id < pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY position LIMIT 500""",
}


# What a transaction that waited longer than its role may is ended with, and what comes of that.
CUT_OFF = (
    asyncpg.TransactionTimeoutError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.QueryCanceledError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


class RolledBack(Exception):
    """Ends a transaction that must leave nothing."""


class Load:
    """Writers that run until told to stop, each with a chance of its own."""

    def __init__(self, pools: list[Any], seed: int) -> None:
        self.acknowledged: set[tuple[str, str, int]] = set()
        self.done: Counter[str] = Counter()
        self.stop = asyncio.Event()
        self._pools = pools
        self._runs = [Transactor(PostgresEventStore(p, lambda: None), RandomIds()) for p in pools]
        self._seed = seed

    def start(self) -> "list[asyncio.Task[None]]":
        """Start 64 right writers, and 12 wrong ones besides."""
        kinds: dict[Callable[..., Awaitable[None]], int] = {
            self._one_stream: 22,
            self._two_streams: 12,
            self._long: 8,
            self._rolled_back: 5,
            self._reader_of_others: 8,
            self._idempotent: 5,
            self._holder_of_rows: 4,
            self._updating_first: 6,
            self._writing_first: 6,
        }
        tasks: list[asyncio.Task[None]] = []
        for kind, count in kinds.items():
            for _ in range(count):
                chance = random.Random(f"{self._seed}/{len(tasks)}")
                run, pool = self._runs[len(tasks) % 4], self._pools[len(tasks) % 4]
                tasks.append(asyncio.create_task(self._repeat(kind, run, pool, chance)))
        return tasks

    async def _repeat(
        self,
        kind: Callable[..., Awaitable[None]],
        run: Transactor,
        pool: Any,
        chance: random.Random,
    ) -> None:
        while not self.stop.is_set():
            with suppress(
                ConcurrencyConflict, TwinInProgress, StoreUnavailable, RolledBack,
                asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError,
                asyncpg.UniqueViolationError, *CUT_OFF,
            ):  # fmt: skip
                await kind(run, pool, chance)
                self.done[kind.__name__.removeprefix("_")] += 1

    async def _one_stream(self, run: Transactor, pool: Any, chance: random.Random) -> None:
        tenant = chance.choice(TENANTS)
        outcome = await run.transact(_context(tenant), [_issue(chance)])
        self._acknowledge(tenant, outcome.versions)

    async def _two_streams(self, run: Transactor, pool: Any, chance: random.Random) -> None:
        tenant = chance.choice(TENANTS)
        outcome = await run.transact(_context(tenant), [_issue(chance), _issue(chance)])
        self._acknowledge(tenant, outcome.versions)

    async def _long(self, run: Transactor, pool: Any, chance: random.Random) -> None:
        tenant = chance.choice(TENANTS)
        batch, versions = await _decided(run, tenant, [_issue(chance, HOT)])
        async with pool.acquire() as connection, connection.transaction():
            await append_on(connection, tenant, batch)
            await asyncio.sleep(chance.uniform(0.05, 0.3))
        self._acknowledge(tenant, versions)

    async def _rolled_back(self, run: Transactor, pool: Any, chance: random.Random) -> None:
        tenant = chance.choice(TENANTS)
        batch, _ = await _decided(run, tenant, [_issue(chance, HOT), _issue(chance, WARM)])
        async with pool.acquire() as connection:
            with suppress(RolledBack):
                async with connection.transaction():
                    await append_on(connection, tenant, batch)
                    await asyncio.sleep(chance.uniform(0, 0.05))
                    raise RolledBack

    async def _reader_of_others(self, run: Transactor, pool: Any, chance: random.Random) -> None:
        """Do what a subscription does: effects of two tenants, inbox and checkpoint."""
        issues = [_issue(chance, QUIET), _issue(chance, QUIET)]
        batches = {tenant: await _decided(run, tenant, issues) for tenant in TENANTS}
        name = f"s{chance.randrange(4)}"
        async with pool.acquire() as connection, connection.transaction():
            for tenant, (batch, _) in batches.items():
                await append_on(connection, tenant, batch)
                ids = [RandomIds().new("evt") for _ in range(3)]
                await connection.execute("SELECT receive($1, $2, $3)", tenant, name, ids)
            await connection.execute(
                "INSERT INTO checkpoints AS old VALUES ($1, '0', '0', 1, 'e')"
                " ON CONFLICT (subscription, partition) DO UPDATE SET position = old.position + 1",
                name,
            )
        for tenant, (_, versions) in batches.items():
            self._acknowledge(tenant, versions)

    async def _idempotent(self, run: Transactor, pool: Any, chance: random.Random) -> None:
        """Meet twins: few keys, a new stream each time, so that they wait on the key's row."""
        key = f"k{chance.randrange(KEYS)}-{self.done['idempotent'] // KEYS}"
        request = Idempotency(scope="POST /v1/things", key=key, fingerprint="b")
        context = Context(tenant="agy_1", metadata=METADATA, idempotency=request)
        issue = tallying("r", f"tally-{RandomIds().new('req')}")
        outcome = await run.transact(
            context, [issue], answer=lambda outcome: Answer(status=201, body=b"{}")
        )
        self._acknowledge("agy_1", outcome.versions)

    async def _holder_of_rows(self, run: Transactor, pool: Any, chance: random.Random) -> None:
        """Hold a state row and an idempotency key that others need, then let go."""
        async with pool.acquire() as connection:
            with suppress(RolledBack):
                async with connection.transaction():
                    await connection.execute("SELECT set_config('forbear.tenant', 'agy_1', true)")
                    await connection.execute(
                        "SELECT FROM states WHERE tenant_id = 'agy_1' AND stream = $1 FOR UPDATE",
                        f"hot-{chance.choice(ALL)}",
                    )
                    await connection.execute(
                        "INSERT INTO idempotency VALUES"
                        " ('agy_1', 'POST /v1/things', $1, 'b', 201, '') ON CONFLICT DO NOTHING",
                        f"k{chance.randrange(KEYS)}-{self.done['idempotent'] // KEYS}",
                    )
                    await asyncio.sleep(chance.uniform(0.02, 0.1))
                    raise RolledBack
        await asyncio.sleep(chance.uniform(0, 0.1))

    async def _updating_first(self, run: Transactor, pool: Any, chance: random.Random) -> None:
        await self._wrong("updating_first", pool, chance)

    async def _writing_first(self, run: Transactor, pool: Any, chance: random.Random) -> None:
        await self._wrong("writing_first", pool, chance)

    async def _wrong(self, way: str, pool: Any, chance: random.Random) -> None:
        chosen = sorted(chance.sample(range(3), chance.randint(1, 2)))  # no circles of locks
        streams = [f"wrong-{way}-{n}" for n in chosen]
        async with pool.acquire() as connection:
            await connection.execute(
                f"SELECT append_{way}($1, $2)", streams, [RandomIds().new("evt") for _ in streams]
            )
        await asyncio.sleep(chance.uniform(0, 0.02))

    def _acknowledge(self, tenant: str, versions: Any) -> None:
        self.acknowledged.update((tenant, stream, version) for stream, version in versions.items())


class RightReader:
    """Follows the feed, and looks at the order while it does."""

    def __init__(self, feed: Feed, page_size: int) -> None:
        self.ids: list[str] = []
        self.reordered: Counter[str] = Counter()
        self.stop = asyncio.Event()
        self._feed = feed
        self._page_size = page_size
        self._versions: dict[tuple[str, str], int] = {}
        self._position = START

    async def run(self) -> None:
        """Read until told to stop and nothing is left."""
        while True:
            is_last = self.stop.is_set()
            try:
                page = await self._feed.page(PARTITION, self._position, self._page_size)
            except StoreUnavailable:  # as a subscription does, it asks again from where it was
                continue
            for each in page.events:
                self._take(each)
            if not page.events:
                if is_last and page.fresh_as_of:
                    return
                await self._feed.wait(0.02)

    def _take(self, envelope: Envelope) -> None:
        assert _pair(envelope) > (self._position.transaction_id, self._position.position)
        self._position = envelope.position
        self.ids.append(envelope.event_id)
        key = (envelope.tenant, envelope.stream)
        if envelope.version != self._versions.get(key, 0) + 1:
            self.reordered[envelope.stream.rpartition("-")[0]] += 1
        self._versions[key] = envelope.version


class WrongReader:
    """Follows the log by position, as is often done."""

    def __init__(self, connection: Any, statement: str) -> None:
        self.ids: list[str] = []
        self.position = 0
        self.stop = asyncio.Event()
        self._connection = connection
        self._statement = statement

    async def run(self) -> None:
        """Read until told to stop and nothing is left."""
        while True:
            is_last = self.stop.is_set()
            try:
                rows = await self._connection.fetch(self._statement, self.position)
            except asyncpg.QueryCanceledError:  # it took longer than the role may
                continue
            self.ids += [row["event_id"] for row in rows]
            if rows:
                self.position = rows[-1]["position"]
            elif is_last:
                return
            await asyncio.sleep(0.002)

    async def has_skipped(self, observer: Any) -> bool:
        """Tell whether something below the cursor was committed and not seen."""
        seen, position = len(self.ids), self.position
        count: int = await observer.fetchval(
            "SELECT count(*) FROM events WHERE position <= $1", position
        )
        return count > seen


def _pair(envelope: Envelope) -> tuple[int, int]:
    return (envelope.position.transaction_id, envelope.position.position)


def _context(tenant: str) -> Context:
    return Context(tenant=tenant, metadata=METADATA)


def _issue(chance: random.Random, streams: range = ALL) -> Issue:
    return tallying("r", f"hot-{chance.choice(streams)}")


async def _decided(run: Transactor, tenant: str, issues: list[Issue]) -> tuple[Any, Any]:
    reading = await run.store.load(tenant, [each.stream for each in issues])
    deliberation = Deliberation(reading, RandomIds())
    outcome = deliberation.decide(METADATA, issues)
    return deliberation.batch(), outcome.versions
