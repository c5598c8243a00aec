import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from itertools import count

import asyncpg
import pytest

from shared.postgres.urls import in_database, url_for
from shared.vault import schema
from shared.vault.keys import KEY_BYTES, Erased, KeyCorrupt, KeyVault
from shared.vault.postgres import PostgresVault
from tests.databases import Server
from tests.unit.shared.vault.contract import VaultContract, tenant

__all__ = ["tenant"]

pytestmark = pytest.mark.integration

MASTER = bytes(range(32))
PASSWORD = "only-for-tests"
_COUNT = count()


async def _with_vault(admin_url: str, name: str) -> None:
    admin = await asyncpg.connect(admin_url)
    for role in ("vault_owner", "vault_app"):
        await admin.execute(
            f"DO $$ BEGIN CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}';"
            " EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
    await admin.execute(f"CREATE DATABASE {name} OWNER vault_owner")
    await admin.close()
    url = url_for(admin_url, database=name, role="vault_owner", password=PASSWORD)
    owner = await asyncpg.connect(url)
    for statement in schema.UP_SQL:
        await owner.execute(statement)
    await owner.close()


async def _drop(admin_url: str, name: str) -> None:
    admin = await asyncpg.connect(admin_url)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture(scope="module")
def admin_url(postgres_server: Server) -> Iterator[str]:
    """The superuser's URL in a database that holds a vault."""
    name = f"test_vault_{os.getpid()}_{next(_COUNT)}"
    asyncio.run(_with_vault(postgres_server.admin_url, name))
    yield in_database(postgres_server.admin_url, name)
    asyncio.run(_drop(postgres_server.admin_url, name))


@pytest.fixture
async def pool(admin_url: str) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    name = admin_url.rpartition("/")[2]
    url = url_for(admin_url, database=name, role="vault_app", password=PASSWORD)
    opened = await asyncpg.create_pool(url, min_size=1, max_size=8, command_timeout=5)
    yield opened
    await opened.close()


@pytest.fixture
async def admin(admin_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(admin_url)
    yield connection
    await connection.close()


class TestPostgresVault(VaultContract):
    @pytest.fixture
    def vault(self, pool: "asyncpg.Pool[asyncpg.Record]") -> KeyVault:
        return PostgresVault(pool, [MASTER])

    async def test_keeps_keys_for_the_next_process(
        self, pool: "asyncpg.Pool[asyncpg.Record]", tenant: str
    ) -> None:
        made = await PostgresVault(pool, [MASTER]).subject_keys(tenant, ["cns_a"], create=True)
        found = await PostgresVault(pool, [MASTER]).subject_keys(tenant, ["cns_a"], create=False)
        assert found == made

    async def test_gives_racing_processes_the_same_keys(
        self, pool: "asyncpg.Pool[asyncpg.Record]", tenant: str
    ) -> None:
        vaults = [PostgresVault(pool, [MASTER]) for _ in range(16)]
        subjects = [f"cns_{number}" for number in range(200)]
        answers = await asyncio.gather(
            *(
                vault.subject_keys(tenant, subjects[::step], create=True)
                for vault, step in zip(vaults, (1, -1) * 8, strict=True)
            )
        )
        assert all(answer == answers[0] for answer in answers)
        assert len({await vault.tenant_key(tenant) for vault in vaults}) == 1

    async def test_takes_one_statement_for_many_keys_old_and_new(
        self, pool: "asyncpg.Pool[asyncpg.Record]", tenant: str
    ) -> None:
        statements: list[str] = []

        class Watched(PostgresVault):
            async def _fetch(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
                statements.append(statement)
                return await super()._fetch(statement, *arguments)

        vault = Watched(pool, [MASTER])
        await vault.subject_keys(tenant, ["cns_a"], create=True)
        statements.clear()
        await vault.subject_keys(tenant, [f"cns_{each}" for each in "abcdefgh"], create=True)
        assert len(statements) == 1

    async def test_opens_what_an_earlier_master_key_wrapped(
        self, pool: "asyncpg.Pool[asyncpg.Record]", tenant: str
    ) -> None:
        key = await PostgresVault(pool, [MASTER]).tenant_key(tenant)
        assert await PostgresVault(pool, [bytes(32), MASTER]).tenant_key(tenant) == key
        with pytest.raises(KeyCorrupt):
            await PostgresVault(pool, [bytes(32)]).tenant_key(tenant)

    async def test_refuses_a_missing_or_short_master_key(
        self, pool: "asyncpg.Pool[asyncpg.Record]"
    ) -> None:
        for keys in ([], [b"short"], [MASTER, b""]):
            with pytest.raises(ValueError, match="master"):
                PostgresVault(pool, keys)

    async def test_reads_a_tenant_key_anew_after_a_minute(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        tenant: str,
        admin: "asyncpg.Connection[asyncpg.Record]",
    ) -> None:
        now = 0.0
        vault = PostgresVault(pool, [MASTER], timer=lambda: now)
        key = await vault.tenant_key(tenant)
        await admin.execute("DELETE FROM tenant_keys WHERE tenant_id = $1", tenant)
        now = 59.0
        assert await vault.tenant_key(tenant) == key
        now = 60.0
        assert await vault.tenant_key(tenant) != key


class TestStoredKeys:
    async def test_are_wrapped(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        admin: "asyncpg.Connection[asyncpg.Record]",
        tenant: str,
    ) -> None:
        vault = PostgresVault(pool, [MASTER])
        keys = await vault.subject_keys(tenant, ["cns_a", "cns_b"], create=True)
        secrets = [await vault.tenant_key(tenant), *keys.values()]
        stored = [
            bytes(row["wrapped"])
            for table in ("tenant_keys", "subject_keys")
            for row in await admin.fetch(
                f"SELECT wrapped FROM {table} WHERE tenant_id = $1", tenant
            )
        ]
        assert len(stored) == 3
        for secret in secrets:
            assert isinstance(secret, bytes)
            assert len(secret) == KEY_BYTES
            assert not any(secret in each for each in stored)

    async def test_do_not_open_when_swapped(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        admin: "asyncpg.Connection[asyncpg.Record]",
        tenant: str,
    ) -> None:
        vault = PostgresVault(pool, [MASTER])
        await vault.subject_keys(tenant, ["cns_a", "cns_b"], create=True)
        await admin.execute(
            "UPDATE subject_keys SET wrapped = (SELECT wrapped FROM subject_keys"
            " WHERE tenant_id = $1 AND subject = 'cns_b')"
            " WHERE tenant_id = $1 AND subject = 'cns_a'",
            tenant,
        )
        with pytest.raises(KeyCorrupt):
            await vault.subject_keys(tenant, ["cns_a"], create=False)

    async def test_are_gone_after_an_erasure(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        admin: "asyncpg.Connection[asyncpg.Record]",
        tenant: str,
    ) -> None:
        vault = PostgresVault(pool, [MASTER])
        await vault.subject_keys(tenant, ["cns_a"], create=True)
        await vault.erase(tenant, "cns_a")
        row = await admin.fetchrow(
            "SELECT wrapped, erased_at FROM subject_keys WHERE tenant_id = $1", tenant
        )
        assert row is not None
        assert row["wrapped"] is None
        assert row["erased_at"] is not None


class TestAppRole:
    async def test_sees_no_other_tenant(
        self, pool: "asyncpg.Pool[asyncpg.Record]", tenant: str
    ) -> None:
        await PostgresVault(pool, [MASTER]).subject_keys(tenant, ["cns_a"], create=True)
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT enter_tenant('agy_other')")
            for table in ("tenant_keys", "subject_keys"):
                rows = await connection.fetch(f"SELECT * FROM {table} WHERE tenant_id = $1", tenant)
                assert rows == []
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(
                    "INSERT INTO subject_keys (tenant_id, subject, wrapped) VALUES ($1, 'x', 'y')",
                    tenant,
                )

    @pytest.mark.parametrize(
        "statement",
        [
            "SELECT * FROM subject_keys",
            "SELECT * FROM tenant_keys",
            "SELECT * FROM subject_keys('', ARRAY['cns_a'], NULL)",
            "SELECT * FROM subject_keys(NULL, ARRAY['cns_a'], NULL)",
            "SELECT tenant_key(NULL, 'x')",
            "SELECT erase_subject('', 'cns_a')",
        ],
    )
    async def test_is_refused_without_a_tenant(
        self, pool: "asyncpg.Pool[asyncpg.Record]", tenant: str, statement: str
    ) -> None:
        await PostgresVault(pool, [MASTER]).subject_keys(tenant, ["cns_a"], create=True)
        async with pool.acquire() as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="no tenant"):
                await connection.fetch(statement)

    async def test_leaves_no_tenant_behind_on_its_connection(
        self, pool: "asyncpg.Pool[asyncpg.Record]", tenant: str
    ) -> None:
        async with pool.acquire() as connection:
            await connection.fetch("SELECT tenant_key($1, 'x')", tenant)
            assert not await connection.fetchval("SELECT current_setting('forbear.tenant', true)")

    @pytest.mark.parametrize(
        "statement",
        [
            "DELETE FROM subject_keys",
            "DELETE FROM tenant_keys",
            "TRUNCATE subject_keys",
            "UPDATE tenant_keys SET wrapped = 'x'",
            "UPDATE subject_keys SET subject = 'x'",
            "UPDATE subject_keys SET wrapped = 'x' WHERE subject = 'cns_live'",
            "ALTER TABLE subject_keys DISABLE ROW LEVEL SECURITY",
        ],
    )
    async def test_can_neither_delete_nor_change_keys(
        self, pool: "asyncpg.Pool[asyncpg.Record]", tenant: str, statement: str
    ) -> None:
        await PostgresVault(pool, [MASTER]).subject_keys(tenant, ["cns_live"], create=True)
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT enter_tenant($1)", tenant)
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)

    async def test_cannot_bring_an_erased_key_back(
        self, pool: "asyncpg.Pool[asyncpg.Record]", tenant: str
    ) -> None:
        vault = PostgresVault(pool, [MASTER])
        await vault.erase(tenant, "cns_a")
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT enter_tenant($1)", tenant)
            done = await connection.execute(
                "UPDATE subject_keys SET wrapped = 'x', erased_at = NULL WHERE subject = 'cns_a'"
            )
        assert done == "UPDATE 0"
        assert await vault.subject_keys(tenant, ["cns_a"], create=True) == {"cns_a": Erased()}
