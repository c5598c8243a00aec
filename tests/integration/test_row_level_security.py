"""The second wall: what each role can do to the store when the code around it is wrong."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest

from shared.eventstore import schema
from shared.eventstore.postgres import PostgresEventStore, open_pool
from shared.eventstore.store import Metadata, StoreUnavailable
from shared.eventstore.transact import Context, Transactor
from shared.kernel.clock import RandomIds
from shared.kernel.errors import ConcurrencyConflict
from tests.contract.tally import tallying
from tests.databases import SERVICES, Database, Server

pytestmark = pytest.mark.integration

METADATA = Metadata(actor="key_test", correlation_id="c-1")
NEITHER = {"api_keys", "inbound_endpoints"}  # looked up before a tenant is known (DESIGN §6)
NEW_EVENT = (
    "INSERT INTO events"
    " (tenant_id, stream, version, event_id, type, data, metadata, occurred_at{0})"
    " VALUES ('agy_1', 's-1', 9, 'evt_9', 't', '', '', now(){1})"
)
SET_TENANT = "SELECT set_config('forbear.tenant', $1, true)"


class As:
    """One role's connection."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    async def fetch(self, statement: str, *, tenant: str | None = "agy_1") -> list[Any]:
        """Run a statement for a tenant, or for none, and undo it."""
        transaction = self.connection.transaction()
        await transaction.start()
        try:
            if tenant is not None:
                await self.connection.execute(SET_TENANT, tenant)
            rows: list[Any] = await self.connection.fetch(statement)
            return rows
        finally:
            await transaction.rollback()

    async def is_refused(self, statement: str, *, tenant: str | None = "agy_1") -> bool:
        """Tell whether it fails for want of privilege (42501), as opposed to anything else."""
        try:
            await self.fetch(statement, tenant=tenant)
        except asyncpg.InsufficientPrivilegeError:
            return True
        return False


@pytest.fixture
async def filled(database: Database) -> Database:
    """Return a database with an event, a state and a job of each of two tenants."""
    pool = await open_pool(database.app)
    run = Transactor(PostgresEventStore(pool, lambda: None), RandomIds())
    for tenant in ("agy_1", "agy_2"):
        for _ in range(3):
            await run.transact(Context(tenant=tenant, metadata=METADATA), [tallying("r")])
    await pool.close()
    owner = await asyncpg.connect(database.owner)
    for tenant in ("agy_1", "agy_2"):
        await owner.execute("INSERT INTO tenants VALUES ($1, $1, true)", tenant)
        await owner.execute("INSERT INTO clocks VALUES ($1, now())", tenant)
        await owner.execute("INSERT INTO claims VALUES ($1, 'k', 'd', $1)", tenant)
        await owner.execute(
            "INSERT INTO jobs (tenant_id, key, kind, arguments, context, due_at)"
            " VALUES ($1, 'j', 'k', '{}', '{}', now())",
            tenant,
        )
    await owner.close()
    return database


@pytest.fixture
async def sign_in() -> AsyncIterator[Callable[[str], Any]]:
    """Return how to connect with a role's URL."""
    opened: list[Any] = []

    async def connect(url: str) -> As:
        opened.append(await asyncpg.connect(url))
        return As(opened[-1])

    yield connect
    for each in opened:
        await each.close()


class TestTheAppRole:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE events SET type = 'x'",
            "UPDATE events SET data = data WHERE false",
            "DELETE FROM events",
            "TRUNCATE events",
            "ALTER TABLE events DISABLE ROW LEVEL SECURITY",
            "DROP TABLE events",
            "DELETE FROM claims",
            "UPDATE claims SET target = 'x'",
            "UPDATE idempotency SET status = 200",
            "DELETE FROM inbox",
            "UPDATE parked_events SET ordered_by = 'x'",
            "UPDATE parked_events SET data = ''",
            "UPDATE clocks SET frozen_at = now()",
            "INSERT INTO clocks VALUES ('agy_1', now())",
            "UPDATE store SET epoch = 'x'",
            "CREATE TABLE mine (n integer)",
            "SET ROLE ledger_owner",
            "SET SESSION AUTHORIZATION ledger_owner",
            "COPY events TO PROGRAM 'true'",
        ],
    )
    async def test_is_refused(self, filled: Database, sign_in: Any, statement: str) -> None:
        app = await sign_in(filled.app)
        assert await app.is_refused(statement)

    async def test_adds_events_but_never_says_when_or_in_which_order(
        self, filled: Database, sign_in: Any
    ) -> None:
        app = await sign_in(filled.app)
        assert not await app.is_refused(NEW_EVENT.format("", ""))
        for column, value in {"transaction_id": "'3'::xid8", "recorded_at": "now()"}.items():
            assert await app.is_refused(NEW_EVENT.format(f", {column}", f", {value}")), column
        with_position = NEW_EVENT.format(", position", ", 1")
        assert await app.is_refused(
            with_position.replace("VALUES", "OVERRIDING SYSTEM VALUE VALUES")
        )

    async def test_reads_and_writes_for_one_tenant_only(
        self, filled: Database, sign_in: Any
    ) -> None:
        app = await sign_in(filled.app)
        for table in ("events", "states", "claims", "jobs", "tenants", "clocks"):
            for tenant in ("agy_1", "agy_2"):
                rows = await app.fetch(f"SELECT tenant_id FROM {table}", tenant=tenant)
                assert {row["tenant_id"] for row in rows} == {tenant}, table
            other = f"SELECT FROM {table} WHERE tenant_id = 'agy_2'"
            assert await app.fetch(other) == []
            assert await app.fetch(f"SELECT FROM {table}", tenant="agy_3") == []
        assert await app.fetch("UPDATE jobs SET key = 'x' WHERE key = 'j' RETURNING tenant_id") == [
            ("agy_1",)
        ]
        assert await app.is_refused(NEW_EVENT.format("", ""), tenant="agy_2")
        assert await app.is_refused("UPDATE jobs SET tenant_id = 'agy_2'")
        assert await app.is_refused(
            "INSERT INTO claims VALUES ('agy_2', 'k', 'd', 'x')"
            " ON CONFLICT (tenant_id, kind, digest) DO NOTHING"
        )

    @pytest.mark.parametrize("tenant", [None, ""], ids=["no tenant", "an empty tenant"])
    async def test_without_a_tenant_gets_an_error_and_not_an_empty_answer(
        self, filled: Database, sign_in: Any, tenant: str | None
    ) -> None:
        app = await sign_in(filled.app)
        for table in ("events", "states", "claims", "jobs", "tenants", "clocks"):
            assert await app.is_refused(f"SELECT * FROM {table}", tenant=tenant), table
        assert await app.is_refused(NEW_EVENT.format("", ""), tenant=tenant)
        load = "SELECT load('', '{s-1}', '{}', '{}', NULL, NULL, NULL)"
        assert await app.is_refused(load, tenant="agy_1")

    async def test_has_time_limits(self, filled: Database, sign_in: Any) -> None:
        for url in (filled.app, filled.feed, filled.jobs):
            role = await sign_in(url)
            for setting, limit in {
                "transaction_timeout": "2s",
                "idle_in_transaction_session_timeout": "2s",
                "lock_timeout": "1s",
            }.items():
                assert await role.connection.fetchval(f"SHOW {setting}") == limit

    async def test_an_append_that_outlasts_the_limit_is_an_unknown_outcome(
        self, filled: Database
    ) -> None:
        pool = await open_pool(filled.app)
        run = Transactor(PostgresEventStore(pool, lambda: None), RandomIds())
        async with pool.acquire() as connection:
            await connection.execute("SET lock_timeout = 0")
            await connection.execute("SET transaction_timeout = '50ms'")
        holder = await asyncpg.connect(filled.owner)
        async with holder.transaction():
            await holder.execute("SELECT FROM states FOR UPDATE")
            with pytest.raises((StoreUnavailable, ConcurrencyConflict)) as caught:
                await run.transact(Context(tenant="agy_1", metadata=METADATA), [tallying("r")])
        await holder.close()
        await pool.close()
        assert caught.type is StoreUnavailable


class TestTheOtherRoles:
    async def test_the_feed_role_reads_events_of_all_and_nothing_else(
        self, filled: Database, sign_in: Any
    ) -> None:
        feed = await sign_in(filled.feed)
        rows = await feed.fetch("SELECT DISTINCT tenant_id FROM events ORDER BY 1", tenant=None)
        assert [row["tenant_id"] for row in rows] == ["agy_1", "agy_2"]
        assert len(await feed.fetch("SELECT * FROM tenants", tenant=None)) == 2
        readable = {"events", "store", "tenants"}
        for table in await _tables(feed):
            assert await feed.is_refused(f"SELECT * FROM {table}") == (table not in readable), table
            for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}"):
                assert await feed.is_refused(statement), statement
        assert await feed.is_refused(NEW_EVENT.format("", ""))
        assert await feed.is_refused("UPDATE events SET type = 'x'")

    async def test_the_jobs_role_sees_due_work_and_clocks_of_all_and_nothing_else(
        self, filled: Database, sign_in: Any
    ) -> None:
        worker = await sign_in(filled.jobs)
        assert len(await worker.fetch("SELECT * FROM jobs", tenant=None)) == 2
        assert len(await worker.fetch("SELECT * FROM clocks", tenant=None)) == 2
        readable = {"jobs", "clocks", "parked_events"}
        for table in await _tables(worker):
            refused = await worker.is_refused(f"SELECT * FROM {table}")
            assert refused == (table not in readable), table
            for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}"):
                assert await worker.is_refused(statement), statement
        assert not await worker.is_refused("UPDATE jobs SET status = 'done'", tenant=None)
        for column in ("tenant_id", "key", "kind", "arguments", "context"):
            assert await worker.is_refused(f"UPDATE jobs SET {column} = {column}", tenant=None)
        for column in ("error", "attempts", "ordered", "ordered_by", "data"):
            change = f"UPDATE parked_events SET {column} = {column}"
            assert await worker.is_refused(change, tenant=None)
        assert await worker.is_refused("UPDATE clocks SET frozen_at = now()", tenant=None)
        assert await worker.is_refused("INSERT INTO jobs SELECT * FROM jobs", tenant=None)

    async def test_no_role_but_the_owner_owns_or_outranks(
        self, filled: Database, sign_in: Any
    ) -> None:
        owner = await sign_in(filled.owner)
        rows = await owner.connection.fetch(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"
            " WHERE rolname LIKE 'ledger\\_%'"
        )
        assert {row["rolname"] for row in rows} >= {
            f"ledger_{each}" for each in ("owner", "app", "feed", "jobs")
        }
        assert not any(any(tuple(row)[1:]) for row in rows)
        owners = await owner.connection.fetch(
            "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace"
        )
        assert [row[0] for row in owners] == ["ledger_owner"]
        memberships = await owner.connection.fetchval(
            "SELECT count(*) FROM pg_auth_members"
            " WHERE pg_get_userbyid(member) SIMILAR TO 'ledger\\_(app|feed|jobs)'"
        )
        assert memberships == 0


class TestEveryTable:
    """Read models included: the database is what the service's migrations make."""

    @pytest.mark.parametrize("service", SERVICES)
    async def test_with_a_tenant_is_walled(self, postgres_server: Server, service: str) -> None:
        database = await postgres_server.database(service)
        owner = await asyncpg.connect(database.owner)
        try:
            await self._check(owner, service)
        finally:
            await owner.close()
            await postgres_server.drop(database)

    async def _check(self, owner: Any, service: str) -> None:
        tables = await owner.fetch(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS is_walled"
            " FROM pg_class c WHERE c.relkind IN ('r', 'p') AND"
            " c.relnamespace = 'public'::regnamespace AND EXISTS (SELECT FROM pg_attribute a"
            "  WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)"
        )
        found = {row["relname"] for row in tables}
        assert found >= set(schema.TENANT_TABLES)
        for table, is_walled in tables:
            if table in NEITHER:
                continue
            assert is_walled, f"{service}.{table}: row-level security must be enabled and forced"
            policies = {
                row["policyname"]: row
                for row in await owner.fetch(
                    "SELECT * FROM pg_policies WHERE tablename = $1 AND permissive = 'PERMISSIVE'"
                    " AND $2 = ANY (roles)",
                    table,
                    f"{service}_app",
                )
            }
            assert len(policies) == 1, f"{service}.{table}: one policy for the app role"
            (policy,) = policies.values()
            assert policy["cmd"] == "ALL"
            for clause in ("qual", "with_check"):
                assert "tenant_id = ( SELECT current_tenant()" in policy[clause]
        open_to_all = await owner.fetch(
            "SELECT tablename FROM pg_policies WHERE 'public' = ANY (roles)"
        )
        assert open_to_all == []
        await self._check_keys(owner, service)
        await self._check_functions_and_views(owner)

    async def _check_keys(self, owner: Any, service: str) -> None:
        rows = await owner.fetch(
            "SELECT c.conrelid::regclass::text AS name, pg_get_constraintdef(c.oid) AS definition"
            " FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid"
            "  AND a.attname = 'tenant_id'"
            " WHERE c.contype IN ('p', 'u', 'f', 'x') AND c.conrelid::regclass::text <> 'tenants'"
            "  AND NOT a.attnum = ANY (c.conkey)"
        )
        assert {row["name"] for row in rows} <= NEITHER, [tuple(row) for row in rows]

    async def _check_functions_and_views(self, owner: Any) -> None:
        definers = await owner.fetch(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
            " AND NOT coalesce(array_to_string(proconfig, ',') LIKE '%search_path=%', false)"
        )
        assert definers == []
        views = await owner.fetch(
            "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm')"
            " AND relnamespace = 'public'::regnamespace"
            " AND NOT coalesce(array_to_string(reloptions, ',') LIKE '%security_invoker=true%',"
            "  false)"
        )
        assert views == []


class TestAPooledConnection:
    """Nothing of one request may be left for the next."""

    @pytest.fixture
    async def pool(self, filled: Database) -> AsyncIterator[Any]:
        made = await open_pool(filled.app, size_max=2)
        yield made
        await made.close()

    async def test_carries_no_tenant_after_a_commit(self, pool: Any) -> None:
        run = Transactor(PostgresEventStore(pool, lambda: None), RandomIds())
        for _ in range(5):
            await run.transact(Context(tenant="agy_1", metadata=METADATA), [tallying("r")])
            await _assert_clean(pool)

    async def test_carries_no_tenant_after_an_error(self, pool: Any) -> None:
        with pytest.raises(asyncpg.DivisionByZeroError):
            await _divide_by_zero(pool)
        await _assert_clean(pool)
        async with pool.acquire() as connection:  # and even if somebody forgets to end it
            await connection.execute("BEGIN")
            await connection.execute(SET_TENANT, "agy_1")
        await _assert_clean(pool)

    async def test_carries_nothing_through_a_storm_of_cancellations(self, pool: Any) -> None:
        chance = random.Random(7)
        runs = [Transactor(PostgresEventStore(pool, lambda: None), RandomIds()) for _ in range(4)]

        async def request(n: int) -> None:
            tenant = f"agy_{n % 2 + 1}"
            try:
                await runs[n % 4].transact(
                    Context(tenant=tenant, metadata=METADATA), [tallying(f"r{n}", f"tally-{n % 9}")]
                )
            except (ConcurrencyConflict, StoreUnavailable):
                return

        async def abandon(n: int) -> None:
            task = asyncio.create_task(request(n))
            await asyncio.sleep(chance.uniform(0, 0.02))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        for start in range(0, 400, 20):
            await asyncio.gather(*(abandon(n) for n in range(start, start + 20)))
            await _assert_clean(pool)
        assert pool.get_size() <= 2
        assert all(not run._queues for run in runs)
        await runs[0].transact(Context(tenant="agy_1", metadata=METADATA), [tallying("last")])


async def _divide_by_zero(pool: Any) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SET_TENANT, "agy_1")
        await connection.execute("SELECT 1 / 0")


async def _assert_clean(pool: Any) -> None:
    """Look at every connection of the pool at once."""
    async with pool.acquire(timeout=5) as first, pool.acquire(timeout=5) as second:
        for connection in (first, second):
            assert not connection.is_in_transaction()
            tenant, locks = await connection.fetchrow(
                "SELECT coalesce(current_setting('forbear.tenant', true), ''),"
                " (SELECT count(*) FROM pg_locks"
                "  WHERE locktype = 'advisory' AND pid = pg_backend_pid())"
            )
            assert (tenant, locks) == ("", 0)
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch("SELECT * FROM events")


async def _tables(role: As) -> list[str]:
    rows = await role.connection.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    return [row["relname"] for row in rows]
