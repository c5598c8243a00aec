"""Every database gets its schema from its own history; doing it again changes nothing."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from services.command.databases import DatabaseUrls
from services.command.wiring import migrate
from shared.eventstore import migrate as event_stores
from shared.vault import migrate as vault
from tests.databases import SERVICES, VAULT, Database, Server

pytestmark = pytest.mark.integration

_OBJECTS = """
SELECT array_agg(what ORDER BY what) FROM (
  SELECT 'table ' || table_name || '.' || column_name || ' ' || data_type AS what
  FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
  UNION ALL SELECT 'function ' || oid::regprocedure FROM pg_proc
  WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT 'policy ' || tablename || '.' || policyname || coalesce(qual, '')
  FROM pg_policies
  UNION ALL SELECT 'index ' || indexdef FROM pg_indexes
  WHERE schemaname = 'public' AND tablename <> 'alembic_version'
  UNION ALL SELECT 'grant ' || grantee || ' ' || table_name || ' ' || privilege_type
  FROM information_schema.role_table_grants
  WHERE table_schema = 'public' AND table_name <> 'alembic_version' AND grantee <> grantor
  UNION ALL SELECT 'grant ' || grantee || ' ' || table_name || '.' || column_name || ' '
    || privilege_type
  FROM information_schema.role_column_grants
  WHERE table_schema = 'public' AND table_name <> 'alembic_version' AND grantee <> grantor
  UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    AND conrelid <> to_regclass('alembic_version')
) AS all_of_them
"""


@pytest.fixture(scope="module")
def made(postgres_server: Server) -> Iterator[dict[str, Database]]:
    databases = asyncio.run(postgres_server.all_databases())
    yield databases
    asyncio.run(postgres_server.drop(*databases.values()))


def _urls(databases: dict[str, Database]) -> DatabaseUrls:
    by_role = {f"{service}_owner": each.owner for service, each in databases.items()}
    return DatabaseUrls(admin="", by_role=by_role)


def _objects(database: Database) -> list[str]:
    async def ask() -> list[str]:
        connection = await asyncpg.connect(database.admin)
        try:
            return list(await connection.fetchval(_OBJECTS) or [])
        finally:
            await connection.close()

    return asyncio.run(ask())


def _downgrade(service: str, url: str) -> None:
    if service == VAULT:
        vault.downgrade(url, "base")
    else:
        event_stores.downgrade(service, url, "base")


class TestMigrate:
    def test_goes_down_to_nothing_and_up_to_the_same(self, made: dict[str, Database]) -> None:
        before = {service: _objects(each) for service, each in made.items()}
        for service, each in made.items():
            _downgrade(service, each.owner)
            assert _objects(each) == []
        migrate(_urls(made))
        assert {service: _objects(each) for service, each in made.items()} == before

    def test_can_be_repeated(self, made: dict[str, Database]) -> None:
        before = {service: _objects(each) for service, each in made.items()}
        migrate(_urls(made))
        assert {service: _objects(each) for service, each in made.items()} == before

    def test_keeps_one_epoch(self, made: dict[str, Database]) -> None:
        async def epochs() -> list[str]:
            found = []
            for service in SERVICES:
                connection = await asyncpg.connect(made[service].owner)
                found.append(await connection.fetchval("SELECT epoch FROM store"))
                await connection.close()
            return found

        before = asyncio.run(epochs())
        migrate(_urls(made))
        assert asyncio.run(epochs()) == before
        assert len(set(before)) == len(SERVICES)


def test_templates_are_made_by_the_migrations(made: dict[str, Database]) -> None:
    async def revision(database: Database) -> str:
        connection = await asyncpg.connect(database.owner)
        try:
            return str(await connection.fetchval("SELECT version_num FROM alembic_version"))
        finally:
            await connection.close()

    revisions = [asyncio.run(revision(each)) for each in made.values()]
    assert all(each >= "0001" for each in revisions)
