"""Databases and roles, made or brought back to what they should be; safe to run at every start.

Nobody but a database's own roles can connect to it. Every role but the owner is bounded in time:
a long transaction anywhere in the cluster would hold the readers of all events back.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence

import asyncpg

from shared.kernel.records import record
from shared.postgres.scram import verifier
from shared.postgres.urls import in_database

SERVER_VERSION_MIN = 170000  # transaction_timeout, and locales that no system update can change
CONNECT_TIMEOUT_S = 10.0
LIMITS = {
    "transaction_timeout": "2s",
    "idle_in_transaction_session_timeout": "2s",
    "statement_timeout": "1900ms",  # ends the statement before the one above ends the connection
    "lock_timeout": "1s",
}
_ATTRIBUTES = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
_LOCK = 0x464F5242  # one provisioning at a time


@record
class Database:
    """A database, its owner (who migrates it) and the roles that use it."""

    name: str
    owner: str
    users: tuple[str, ...]

    @property
    def roles(self) -> tuple[str, ...]:
        """Return the owner and the users."""
        return (self.owner, *self.users)


class ServerTooOld(Exception):
    """The supplied server lacks something that Forbear stands on."""


async def provision(
    admin_url: str,
    databases: Sequence[Database],
    passwords: Mapping[str, str],
    *,
    is_ours: bool,
) -> None:
    """Create what is missing and set rights, passwords and limits anew.

    A server that is ours alone is closed to everything but these databases.

    Raises:
        ServerTooOld: the server's version is below 17.
    """
    server = await asyncpg.connect(admin_url, timeout=CONNECT_TIMEOUT_S)
    try:
        if server.get_server_version().major * 10000 < SERVER_VERSION_MIN:
            raise ServerTooOld("PostgreSQL 17 or newer is needed.")
        await server.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await _roles(server, databases, passwords)
        await _databases(server, databases)
        if is_ours:
            await server.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
    finally:
        await server.close(timeout=CONNECT_TIMEOUT_S)
    for database in databases:
        inside = await asyncpg.connect(
            in_database(admin_url, database.name), timeout=CONNECT_TIMEOUT_S
        )
        try:
            await inside.execute("; ".join(_rights(database)))
        finally:
            await inside.close(timeout=CONNECT_TIMEOUT_S)


async def _roles(
    server: "asyncpg.Connection[asyncpg.Record]",
    databases: Sequence[Database],
    passwords: Mapping[str, str],
) -> None:
    existing = {row["rolname"] for row in await server.fetch("SELECT rolname FROM pg_roles")}
    is_superuser = await server.fetchval(
        "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
    )
    for database in databases:
        for role in database.roles:
            if role not in existing:
                await server.execute(f"CREATE ROLE {role} {_ATTRIBUTES}")
            stored = await asyncio.to_thread(_stored_password, role, passwords[role])
            await server.execute(f"ALTER ROLE {role} PASSWORD '{stored}'")
        if not is_superuser:  # whoever creates a database for an owner must be able to act as it
            await server.execute(f"GRANT {database.owner} TO CURRENT_USER WITH SET TRUE")
        for role in database.users:
            for name, value in LIMITS.items():
                await server.execute(f"ALTER ROLE {role} SET {name} = '{value}'")


def _stored_password(role: str, password: str) -> str:
    salt = hmac.digest(password.encode(), role.encode(), hashlib.sha256)[:16]
    return verifier(password, salt)


async def _databases(
    server: "asyncpg.Connection[asyncpg.Record]", databases: Sequence[Database]
) -> None:
    existing = {row["datname"] for row in await server.fetch("SELECT datname FROM pg_database")}
    for database in databases:
        if database.name not in existing:
            await server.execute(
                f"CREATE DATABASE {database.name} OWNER {database.owner} TEMPLATE template0"
                " ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
                " LC_COLLATE 'C' LC_CTYPE 'C'"
            )


def _rights(database: Database) -> Iterator[str]:
    users = ", ".join(database.users)
    yield f"REVOKE ALL ON DATABASE {database.name} FROM PUBLIC, {users}"
    yield f"GRANT CONNECT ON DATABASE {database.name} TO {users}"
    yield "REVOKE ALL ON SCHEMA public FROM PUBLIC"
    yield f"GRANT USAGE ON SCHEMA public TO {users}"
