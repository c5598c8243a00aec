"""What goes over the wire is counted there, and nothing of a tenant stays on a connection."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from shared.eventstore.postgres import PostgresEventStore, open_pool
from shared.eventstore.store import Batch
from shared.kernel.errors import ConcurrencyConflict
from tests.bench import history, servers, statements
from tests.bench.appends import Rows
from tests.databases import Database, Server
from tests.system import TENANT, Keys, System

pytestmark = pytest.mark.integration

PEOPLE = 5
CALLS = 1
_ADVISORY_LOCKS = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
)


async def test_an_append_is_one_statement_and_a_permit_or_redeem_two(
    postgres_server: Server,
) -> None:
    async with servers.databases(postgres_server) as databases:
        system = System(databases, Keys())
        key = await system.key(scopes=["permits:write"])
        await system.set_clock(TENANT, history.NOON)
        async with history.transactor(databases["compliance"]) as writer:
            people = await history.people(writer, TENANT, PEOPLE, CALLS)
        counted = await statements.measure(system, key, people)
    assert (counted.append, counted.permit, counted.redeem) == (1, 2, 2)


class TestConnectionOfThePool:
    @pytest.fixture
    async def pool(self, database: Database) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
        pool = await open_pool(database.app, size_max=1)
        yield pool
        await pool.close()

    async def test_keeps_no_tenant_from_one_use_to_the_next(
        self, pool: "asyncpg.Pool[asyncpg.Record]"
    ) -> None:
        store = PostgresEventStore(pool, wake=lambda: None)
        event = Rows().row("gate-x", 1)
        await store.append(TENANT, Batch(events=(event,)))
        await self._assert_no_tenant(pool)
        await store.load(TENANT, ["gate-x"])
        await self._assert_no_tenant(pool)
        await store.find(TENANT, [("kind", "digest")])
        await self._assert_no_tenant(pool)
        with pytest.raises(ConcurrencyConflict):
            await store.append(TENANT, Batch(events=(event,)))
        await self._assert_no_tenant(pool)

    async def test_ends_a_transaction_left_open(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        async with pool.acquire() as connection:
            await connection.execute("BEGIN")
            await connection.execute("SELECT set_config('forbear.tenant', $1, true)", TENANT)
            await connection.execute("SELECT pg_advisory_xact_lock(1)")
        await self._assert_no_tenant(pool)
        async with pool.acquire() as connection:
            assert await connection.fetchval(_ADVISORY_LOCKS) == 0

    async def _assert_no_tenant(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        async with pool.acquire() as connection:
            assert not await connection.fetchval("SELECT current_setting('forbear.tenant', true)")
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="no tenant is set"):
                await connection.fetch("SELECT * FROM events")
