"""Databases and roles: made once, mended on every start, closed to everybody else."""

import time
from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.command.databases import DATABASES, ROLES, DatabaseUrls, database_urls
from shared.postgres.embedded import EmbeddedPostgres
from shared.postgres.provision import provision
from shared.postgres.urls import in_database, url_for

pytestmark = pytest.mark.integration

PASSWORDS = {role: f"password of {role}: @/?" for role in ROLES}


@pytest.fixture
async def urls(shared_server: EmbeddedPostgres) -> DatabaseUrls:
    await provision(shared_server.admin_url, DATABASES, PASSWORDS, is_ours=True)
    return database_urls(shared_server.admin_url, PASSWORDS)


@pytest.fixture
async def app(urls: DatabaseUrls) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(urls.by_role["ledger_app"])
    yield connection
    await connection.close()


class TestProvision:
    async def test_lets_every_role_into_its_own_database(self, urls: DatabaseUrls) -> None:
        for database in DATABASES:
            for role in database.roles:
                connection = await asyncpg.connect(urls.by_role[role])
                row = await connection.fetchrow("SELECT current_user, current_database()")
                await connection.close()
                assert tuple(row) == (role, database.name)

    async def test_can_be_repeated_and_changes_passwords(self, urls: DatabaseUrls) -> None:
        owner = await asyncpg.connect(urls.owner("ledger"))
        await owner.execute("CREATE TABLE IF NOT EXISTS kept ()")
        await owner.close()
        changed = PASSWORDS | {"ledger_app": "another"}
        await provision(urls.admin, DATABASES, changed, is_ours=True)
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(urls.by_role["ledger_app"])
        again = database_urls(urls.admin, changed)
        for url in (again.by_role["ledger_app"], urls.owner("ledger")):
            connection = await asyncpg.connect(url)
            assert await connection.fetchval("SELECT to_regclass('public.kept')::text") == "kept"
            await connection.close()

    async def test_lets_no_role_into_another_database(self, urls: DatabaseUrls) -> None:
        for role in ("ledger_app", "ledger_owner", "contact_feed", "vault_app"):
            own = next(each.name for each in DATABASES if role in each.roles)
            for other in (*(each.name for each in DATABASES), "postgres", "template1"):
                if other == own:
                    continue
                url = url_for(urls.admin, database=other, role=role, password=PASSWORDS[role])
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await asyncpg.connect(url)

    @pytest.mark.parametrize("role", [role for role in ROLES if not role.endswith("_owner")])
    async def test_gives_users_no_power(self, urls: DatabaseUrls, role: str) -> None:
        connection = await asyncpg.connect(urls.by_role[role])
        for statement in (
            "CREATE TABLE mine ()",
            "CREATE TEMPORARY TABLE mine ()",
            "CREATE SCHEMA mine",
            "CREATE ROLE mine",
            "CREATE DATABASE mine",
            "SET ROLE ledger_owner" if not role.startswith("ledger") else "SET ROLE vault_owner",
            "SELECT pg_read_file('postgresql.conf')",
            "COPY (SELECT 1) TO PROGRAM 'true'",
            "SELECT * FROM pg_authid",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        flags = await connection.fetchrow(
            "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication"
            " FROM pg_roles WHERE rolname = current_user"
        )
        await connection.close()
        assert not any(flags)

    async def test_bounds_users_in_time_and_exempts_owners(self, urls: DatabaseUrls) -> None:
        settings = "SELECT name, setting FROM pg_settings WHERE name LIKE '%timeout'"
        for role, url in urls.by_role.items():
            connection = await asyncpg.connect(url)
            found = dict(await connection.fetch(settings))
            await connection.close()
            is_owner = role.endswith("_owner")
            assert found["transaction_timeout"] == ("0" if is_owner else "2000")
            assert found["idle_in_transaction_session_timeout"] == ("0" if is_owner else "2000")
            assert found["lock_timeout"] == ("0" if is_owner else "1000")

    async def test_ends_a_transaction_that_is_left_open(
        self, app: "asyncpg.Connection[asyncpg.Record]"
    ) -> None:
        await app.execute("BEGIN")
        began = time.monotonic()
        while not app.is_closed() and time.monotonic() - began < 30:
            try:
                await app.execute("SELECT pg_sleep(0.2)")
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                break
        assert 1.5 < time.monotonic() - began < 10

    async def test_keeps_passwords_out_of_the_server(
        self, shared_server: EmbeddedPostgres, urls: DatabaseUrls
    ) -> None:
        connection = await asyncpg.connect(urls.admin)
        stored = await connection.fetch("SELECT rolpassword FROM pg_authid WHERE rolcanlogin")
        await connection.close()
        assert all(row[0].startswith("SCRAM-SHA-256$4096:") for row in stored)
        assert "password of" not in shared_server.log.read_text()

    async def test_works_as_an_administrator_who_is_no_superuser(
        self, server: EmbeddedPostgres
    ) -> None:
        connection = await asyncpg.connect(server.admin_url)
        await connection.execute("CREATE ROLE hosted LOGIN CREATEDB CREATEROLE PASSWORD 'hosted'")
        await connection.close()
        hosted = url_for(server.admin_url, database="postgres", role="hosted", password="hosted")
        for _ in range(2):
            await provision(hosted, DATABASES, PASSWORDS, is_ours=False)
        for url in database_urls(hosted, PASSWORDS).by_role.values():
            await (await asyncpg.connect(url)).close()
        assert in_database(hosted, "forbear_vault").endswith("/forbear_vault")
