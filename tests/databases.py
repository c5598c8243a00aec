"""Databases for tests: each from a template that the real migrations made, dropped afterwards."""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from shared.eventstore import migrate as event_stores
from shared.kernel.records import record
from shared.postgres.provision import LIMITS
from shared.vault import migrate as vault

SERVICES = ("ledger", "contact", "disputes", "compliance")
VAULT = "vault"
PASSWORD = "only-for-tests"
_LOCK = 0x54455354  # roles belong to the whole server, which other runs may be using
_COUNT = itertools.count()
HELD_FOR_LONG = (
    "SET LOCAL transaction_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
)
"""Said in a transaction of a service's role: it ends when the test ends it, however slow it is."""
_EMPTY = """
DO $$
DECLARE
  table_name text;
BEGIN
  SET LOCAL session_replication_role = replica;  -- foreign keys need no order then
  FOR table_name IN SELECT format('%I', tablename) FROM pg_tables
    WHERE schemaname = 'public' AND tablename NOT IN ('alembic_version', 'store')
  LOOP
    EXECUTE 'DELETE FROM ' || table_name;
  END LOOP;
  UPDATE store SET epoch = gen_random_uuid();
END $$
"""


@record
class Database:
    """One service's database and how each role reaches it; the vault has no feed and no jobs."""

    name: str
    service: str
    owner: str
    app: str
    feed: str = ""
    jobs: str = ""
    admin: str


class Server:
    """A PostgreSQL server for tests, reached as its superuser."""

    def __init__(self, admin_url: str) -> None:
        self.admin_url = admin_url
        self._templates: dict[str, str] = {}

    async def database(self, service: str = "ledger") -> Database:
        """Make a fresh database of a service, or of the vault."""
        template = await self._template(service)
        name = f"test_{service}_{os.getpid()}_{next(_COUNT)}"
        await self._admin(
            f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY OWNER {service}_owner"
        )
        return self._urls(service, name)

    async def all_databases(self) -> dict[str, Database]:
        """Make a fresh database of each service, and the vault's."""
        return {each: await self.database(each) for each in (*SERVICES, VAULT)}

    @asynccontextmanager
    async def databases(self) -> AsyncIterator[dict[str, Database]]:
        """Have a fresh database of each service, and the vault's, while the block runs."""
        made = await self.all_databases()
        try:
            yield made
        finally:
            await self.drop(*made.values())

    async def drop(self, *databases: Database) -> None:
        """Drop databases made here."""
        await self._admin(
            *(f"DROP DATABASE IF EXISTS {each.name} WITH (FORCE)" for each in databases)
        )

    async def empty(self, database: Database) -> None:
        """Delete every row but the migrations' own; much faster than a new database."""
        connection = await asyncpg.connect(database.admin)
        try:
            await connection.execute(_EMPTY)
        finally:
            await connection.close()

    async def close(self) -> None:
        """Drop the templates."""
        for name in self._templates.values():
            await self._admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._templates.clear()

    async def _template(self, service: str) -> str:
        if service not in self._templates:
            name = f"template_{service}_{os.getpid()}"
            await self._admin(
                f"SELECT pg_advisory_lock({_LOCK})",
                *_roles(service),
                f"DROP DATABASE IF EXISTS {name}",  # of an earlier process of that number
                f"CREATE DATABASE {name} OWNER {service}_owner",
            )
            await asyncio.to_thread(_migrate, service, self._urls(service, name).owner)
            self._templates[service] = name
        return self._templates[service]

    async def _admin(self, *statements: str) -> None:
        connection = await asyncpg.connect(self.admin_url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    def _urls(self, service: str, name: str) -> Database:
        parts = urlsplit(self.admin_url)

        def url(user: str, secret: str) -> str:
            host = f"{user}:{secret}@{parts.hostname}:{parts.port}"
            return urlunsplit(("postgresql", host, f"/{name}", "", ""))

        roles = {each: url(f"{service}_{each}", PASSWORD) for each in _roles_of(service)}
        admin = urlunsplit(("postgresql", parts.netloc, f"/{name}", "", ""))
        return Database(name=name, service=service, admin=admin, **roles)


def _migrate(service: str, owner_url: str) -> None:
    if service == VAULT:
        vault.upgrade(owner_url)
    else:
        event_stores.upgrade(service, owner_url)


def _roles_of(service: str) -> tuple[str, ...]:
    return ("owner", "app") if service == VAULT else ("owner", "app", "feed", "jobs")


def _roles(service: str) -> Iterator[str]:
    for role in _roles_of(service):
        yield (
            f"DO $$ BEGIN CREATE ROLE {service}_{role} LOGIN PASSWORD '{PASSWORD}';"
            " EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
        if role != "owner":
            for name, value in LIMITS.items():
                yield f"ALTER ROLE {service}_{role} SET {name} = '{value}'"
