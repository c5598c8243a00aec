"""Databases for tests: each from a template that the real migrations made, dropped afterwards."""

import itertools
import os
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from shared.eventstore import schema
from shared.kernel.records import record

SERVICES = ("ledger", "contact", "disputes", "compliance")
PASSWORD = "only-for-tests"  # noqa: S105 - of throw-away servers on loopback
_COUNT = itertools.count()


@record
class Database:
    """One service's database and how each role reaches it."""

    name: str
    service: str
    owner: str
    app: str
    feed: str
    jobs: str
    admin: str


class Server:
    """A PostgreSQL server for tests, reached as its superuser."""

    def __init__(self, admin_url: str) -> None:
        self.admin_url = admin_url
        self._templates: set[str] = set()

    async def database(self, service: str = "ledger") -> Database:
        """Make a fresh database of a service."""
        template = await self._template(service)
        name = f"test_{service}_{os.getpid()}_{next(_COUNT)}"
        await self._admin(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY OWNER {service}_owner")
        return self._urls(service, name)

    async def drop(self, database: Database) -> None:
        """Drop a database made here."""
        await self._admin(f"DROP DATABASE IF EXISTS {database.name} WITH (FORCE)")

    async def _template(self, service: str) -> str:
        name = f"template_{service}_{os.getpid()}"
        if name not in self._templates:
            await self._admin(*_roles(service), f"CREATE DATABASE {name} OWNER {service}_owner")
            owner = await asyncpg.connect(self._urls(service, name).owner)
            for statement in schema.statements(service):
                await owner.execute(statement)
            await owner.close()
            self._templates.add(name)
        return name

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

        roles = {each: url(f"{service}_{each}", PASSWORD) for each in ("owner", "app", "feed", "jobs")}
        admin = urlunsplit(("postgresql", parts.netloc, f"/{name}", "", ""))
        return Database(name=name, service=service, admin=admin, **roles)


def _roles(service: str) -> Iterator[str]:
    for role in ("owner", "app", "feed", "jobs"):
        yield (
            f"DO $$ BEGIN CREATE ROLE {service}_{role} LOGIN PASSWORD '{PASSWORD}';"
            " EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
    for role in ("app", "feed", "jobs"):
        yield f"ALTER ROLE {service}_{role} SET lock_timeout = '1s'"
        yield f"ALTER ROLE {service}_{role} SET transaction_timeout = '2s'"
        yield f"ALTER ROLE {service}_{role} SET idle_in_transaction_session_timeout = '2s'"
