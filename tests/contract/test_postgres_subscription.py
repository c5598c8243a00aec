"""Subscriptions over PostgreSQL pass the contract."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa

from shared.eventstore import codec
from shared.eventstore.postgres import PostgresEventStore, open_pool
from shared.eventstore.schema import rights, tenant_policy
from shared.eventstore.transact import Transactor
from shared.kernel.clock import RandomIds, SystemClock
from shared.kernel.errors import ConcurrencyConflict
from shared.kernel.records import event_name
from shared.messaging import postgres_parking
from shared.messaging.effects import Taken
from shared.messaging.feed import Bell, Feed
from shared.messaging.parking import BEHIND
from shared.messaging.postgres import PostgresFeed
from shared.messaging.postgres_effects import PostgresEffects
from shared.messaging.postgres_parking import PostgresParkedEvents
from shared.messaging.subscription import projection
from tests.contract.feed import arrival
from tests.contract.parking import OPERATOR, REASON, ParkingContract
from tests.contract.subscription import (
    NAME,
    NOTED,
    Archive,
    Rival,
    Rivaled,
    SubscriptionContract,
    drain,
    fresher,
    freshness,
    subscribe,
    write,
)
from tests.contract.tally import Tallied, Written
from tests.databases import Database, Server

pytestmark = pytest.mark.integration

EVER = datetime(2000, 1, 1, tzinfo=UTC)


async def make_read_model(target: Database) -> None:
    """Add a table that a projection writes, walled as every other."""
    owner = await asyncpg.connect(target.owner)
    await owner.execute(
        "CREATE TABLE noted (tenant_id text, reference text CHECK (reference <> 'poison'))"
    )
    for statement in tenant_policy("noted", target.service):
        await owner.execute(statement)
    for statement in rights({"noted": "SELECT, INSERT"}, f"{target.service}_app"):
        await owner.execute(statement)
    await owner.close()


class PostgresWorld:
    def __init__(self, source: Database, target: Database) -> None:
        self._databases = (source, target)
        self._bell = Bell()

    async def open(self) -> None:
        from_, to = self._databases
        self._owners = [await asyncpg.connect(each.owner) for each in self._databases]
        urls = (from_.app, from_.feed, to.app, to.feed, to.jobs)
        self._pools = [await open_pool(url) for url in urls]
        self._from = PostgresEventStore(self._pools[0], self._bell.ring)
        self._to = PostgresEventStore(self._pools[2], lambda: None)
        self.source = Transactor(self._from, RandomIds())
        self.target = Transactor(self._to, RandomIds())

    async def close(self) -> None:
        for each in (*self._pools, *self._owners):
            await each.close()

    def now(self) -> datetime:
        return SystemClock().now()

    def feed(self) -> Feed:
        return PostgresFeed("ledger", self._pools[1], self._bell)

    async def arrival(self) -> None:
        await arrival(self.feed())

    def outcome(self) -> PostgresFeed:
        return PostgresFeed("contact", self._pools[3], Bell())

    def effects(
        self, archive: Archive | None = None, meanwhile: Rival | None = None
    ) -> PostgresEffects:
        store: Any = Rivaled(self._to, meanwhile) if meanwhile else self._to
        return PostgresEffects(self._pools[2], store, RandomIds(), lambda: None, archive)

    async def tallied(self, tenant: str) -> list[str]:
        rows = await self._owners[1].fetch(
            "SELECT data FROM events WHERE tenant_id = $1 AND type = $2"
            " ORDER BY transaction_id, position",
            tenant,
            event_name(Tallied),
        )
        return [codec.decode(Tallied, row["data"]).reference for row in rows]

    async def projected(self, tenant: str) -> list[str]:
        rows = await self._owners[1].fetch(
            "SELECT reference FROM noted WHERE tenant_id = $1 ORDER BY ctid", tenant
        )
        return [row["reference"] for row in rows]

    async def parked(self, tenant: str) -> list[tuple[str, str, str]]:
        rows = await self._owners[1].fetch(
            "SELECT * FROM parked_events WHERE tenant_id = $1 AND subscription = $2"
            " ORDER BY transaction_id, position, key",
            tenant,
            NAME,
        )
        return [(row["key"], await self._reference(row), row["error"]) for row in rows]

    def queue(self) -> PostgresParkedEvents:
        return PostgresParkedEvents(self._pools[4])

    async def order(self, action: str, reference: str) -> None:
        await self.execute(
            "UPDATE parked_events SET ordered = $1, ordered_by = $2, order_reason = $3"
            " WHERE convert_from(data, 'UTF8')::jsonb ->> 'reference' = $4",
            action,
            OPERATOR,
            REASON,
            reference,
        )

    async def attempts(self, reference: str) -> int:
        rows = await self._owners[1].fetch(
            "SELECT DISTINCT attempts FROM parked_events"
            " WHERE convert_from(data, 'UTF8')::jsonb ->> 'reference' = $1",
            reference,
        )
        ((found,),) = rows
        return int(found)

    async def replace_source(self) -> None:
        await self._owners[0].execute("UPDATE store SET epoch = 'another'")

    async def execute(self, statement: str, *arguments: Any) -> None:
        """Do something to the target's database as its owner."""
        await self._owners[1].execute(statement, *arguments)

    async def _reference(self, row: Any) -> str:
        data = await self._owners[0].fetchval(
            "SELECT data FROM events WHERE tenant_id = $1 AND stream = $2 AND version = $3"
            " AND event_id = $4",
            row["tenant_id"],
            row["stream"],
            row["version"],
            row["event_id"],
        )
        return codec.decode(Written, data).reference


@pytest.fixture(scope="module")
def pair(postgres_server: Server) -> Iterator[tuple[Database, Database]]:
    """Return where events come from and where effects go."""
    source = asyncio.run(postgres_server.database("ledger"))
    target = asyncio.run(postgres_server.database("contact"))
    asyncio.run(make_read_model(target))
    yield source, target
    asyncio.run(postgres_server.drop(source, target))


KEYS, EVENTS_PER_KEY = 20, 300
_MANY_PARKED = f"""
INSERT INTO parked_events (tenant_id, subscription, key, partition, transaction_id, position,
  stream, version, event_id, type, error, source, data, metadata)
SELECT 'agy_1', '{NAME}', 'cns_' || n % {KEYS}, '0', '1', n, 's', n, 'evt_' || n, 't',
  CASE WHEN n < {KEYS} THEN 'Poison' ELSE '{BEHIND}' END, 'ledger', '{{}}', '{{}}'
FROM generate_series(0, {KEYS * EVENTS_PER_KEY - 1}) n
"""


def rows_read(node: dict[str, Any]) -> int:
    """Return how many rows of the table a plan has touched, those it threw away too."""
    own = 0
    if node.get("Relation Name") == "parked_events":
        read = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        own = round(read * node["Actual Loops"])
    return own + sum(rows_read(each) for each in node.get("Plans", ()))


class TestLooksAtManyParkedEvents:
    """Those who look read what they look for, however much waits behind it."""

    @pytest.fixture
    async def owner(
        self, postgres_server: Server, pair: tuple[Database, Database]
    ) -> AsyncIterator[asyncpg.Connection]:
        await postgres_server.empty(pair[1])
        owner = await asyncpg.connect(pair[1].owner)
        await owner.execute(_MANY_PARKED)
        yield owner
        await owner.close()

    @pytest.fixture(params=["fresh", "known"])
    async def jobs(
        self, request: Any, pair: tuple[Database, Database], owner: asyncpg.Connection
    ) -> AsyncIterator[asyncpg.Connection]:
        """Return a connection of the jobs role, before and after the table was analyzed."""
        if request.param == "known":
            await owner.execute("ANALYZE parked_events")
        jobs = await asyncpg.connect(pair[1].jobs)
        await jobs.execute(postgres_parking._INDEXED.replace("LOCAL ", ""))
        yield jobs
        await jobs.close()

    async def _rows_read(self, jobs: asyncpg.Connection, query: str, *arguments: Any) -> int:
        plan = await jobs.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", *arguments)
        return rows_read(json.loads(plan)[0]["Plan"])

    async def test_what_is_due_is_found_at_a_step_for_each_key(
        self, jobs: asyncpg.Connection, owner: asyncpg.Connection
    ) -> None:
        due = (postgres_parking._DUE, [NAME], BEHIND, postgres_parking.PAGE_MAX)
        assert await self._rows_read(jobs, *due) <= 2 * KEYS
        await owner.execute(
            "UPDATE parked_events SET ordered = 'retry', ordered_by = 'me' WHERE event_id = 'evt_3'"
        )
        assert await self._rows_read(jobs, *due) <= 2 * KEYS
        assert [row["event_id"] for row in await jobs.fetch(*due)] == ["evt_3"]

    async def test_what_stood_behind_an_event_is_a_page_of_its_keys(
        self, jobs: asyncpg.Connection
    ) -> None:
        behind = (postgres_parking._BEHIND, "agy_1", NAME, ["cns_3"], 10)
        assert await self._rows_read(jobs, *behind) == 10

    async def test_what_is_published_already_is_not_read_again(
        self, jobs: asyncpg.Connection
    ) -> None:
        assert await self._rows_read(jobs, postgres_parking._UNPUBLISHED, 200, []) == 0

    async def test_a_page_asks_once_for_each_of_its_keys(
        self, pair: tuple[Database, Database], owner: asyncpg.Connection
    ) -> None:
        await owner.execute("ANALYZE parked_events")
        app = await asyncpg.connect(pair[1].app)
        async with app.transaction():
            rows = await app.fetch(
                "SELECT parked_key FROM received('agy_1', $1, ARRAY['evt_new'], $2)",
                NAME,
                ["cns_3", "cns_4", "cns_elsewhere"],
            )
            read = await app.fetchval(
                "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
                " WHERE relname = 'parked_events'"
            )
        await app.close()
        assert sorted(row["parked_key"] for row in rows) == ["cns_3", "cns_4"]
        assert 2 <= read <= 4


class TestPostgresSubscription(SubscriptionContract, ParkingContract):
    @pytest.fixture
    async def world(
        self, postgres_server: Server, pair: tuple[Database, Database]
    ) -> AsyncIterator[PostgresWorld]:
        for each in pair:
            await postgres_server.empty(each)
        made = PostgresWorld(*pair)
        await made.open()
        yield made
        await made.close()

    async def test_a_read_model_that_refuses_a_row_takes_the_whole_event_with_it(
        self, world: PostgresWorld
    ) -> None:
        await write(world, ("a", "cns_1"), ("poison", "cns_2"), ("b", "cns_3"))
        await drain(subscribe(world))
        assert await world.tallied("agy_1") == ["a", "b"]
        assert await world.projected("agy_1") == ["a", "b"]
        assert await world.parked("agy_1") == [("cns_2", "poison", "CheckViolationError")]

    async def test_a_read_model_row_of_another_tenant_is_refused(
        self, world: PostgresWorld
    ) -> None:
        def steal(written: Written, envelope: Any) -> list[sa.Executable]:
            return [NOTED.insert().values(tenant_id="agy_2", reference=written.reference)]

        await write(world, ("r", "cns_1"))
        await drain(subscribe(world, projection(Written, steal)))
        assert await world.projected("agy_2") == []
        assert await world.parked("agy_1") == [("cns_1", "r", "InsufficientPrivilegeError")]

    async def test_a_held_checkpoint_is_waited_for_and_parks_nothing(
        self, world: PostgresWorld
    ) -> None:
        """A row lock that times out says nothing about the events of the page."""
        await write(world, ("a", "cns_1"))
        effects = world.effects()
        await effects.take_up(NAME, "0")
        holder = await asyncpg.connect(world._databases[1].owner)
        async with holder.transaction():
            await holder.execute("SELECT FROM checkpoints FOR UPDATE")
            with pytest.raises(ConcurrencyConflict):
                await subscribe(world, effects=effects).step()
        await holder.close()
        await drain(subscribe(world))
        assert await world.tallied("agy_1") == ["a"]
        assert await world.parked("agy_1") == []

    async def test_a_lost_watermark_row_is_written_again(self, world: PostgresWorld) -> None:
        await subscribe(world).step()
        await world.execute("DELETE FROM watermarks")
        await fresher(world, subscribe(world), EVER)

    async def test_a_watermark_never_goes_back(self, world: PostgresWorld) -> None:
        await fresher(world, subscribe(world), EVER)
        effects = world.effects()
        taken: Taken = await effects.take_up(NAME, "0")
        fresh_as_of = await freshness(world)
        assert fresh_as_of is not None
        await effects.mark_fresh(taken, taken.position, fresh_as_of.replace(year=2020))
        assert await freshness(world) == fresh_as_of

    async def test_a_source_whose_clock_is_ahead_is_fresh_by_our_clock(
        self, world: PostgresWorld
    ) -> None:
        """Else nobody would notice for that much longer that it has been cut off."""
        effects = world.effects()
        taken = await effects.take_up(NAME, "0")
        ahead = world.now() + timedelta(minutes=10)
        await effects.mark_fresh(taken, taken.position, ahead)
        fresh_as_of = await freshness(world)
        assert fresh_as_of is not None
        assert fresh_as_of <= world.now()
