"""Brings a database to its newest revision, one process at a time.

Every package with a database (the services, the key vault) keeps its own history under
`migrations/`; the environment that runs it is here.
"""

import asyncio
from importlib import resources

import asyncpg
from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

LOCK = 0x464F5242  # "FORB": one migration at a time per database
CONNECT_TIMEOUT_S = 10.0


def upgrade(service: str, owner_url: str, revision: str = "head") -> None:
    """Run the migrations that a service's database lacks, as its owner."""
    upgrade_package(f"services.{service}", owner_url, revision)


def downgrade(service: str, owner_url: str, revision: str) -> None:
    """Undo a service's migrations down to a revision."""
    downgrade_package(f"services.{service}", owner_url, revision)


def upgrade_package(package: str, owner_url: str, revision: str = "head") -> None:
    """Run the migrations of a package that its database lacks, as its owner."""
    command.upgrade(_config(package, owner_url), revision)


def downgrade_package(package: str, owner_url: str, revision: str) -> None:
    """Undo a package's migrations down to a revision."""
    command.downgrade(_config(package, owner_url), revision)


async def revision_of(owner_url: str) -> str | None:
    """Return the revision that a database is at; None of one that was never migrated."""
    connection = await asyncpg.connect(owner_url, timeout=CONNECT_TIMEOUT_S)
    try:
        if await connection.fetchval("SELECT to_regclass('public.alembic_version')::text") is None:
            return None
        revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
        return revision
    finally:
        await connection.close(timeout=CONNECT_TIMEOUT_S)


def _config(package: str, owner_url: str) -> Config:
    config = Config()
    location = resources.files(package) / "migrations"
    config.set_main_option("script_location", str(location))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = owner_url.replace("postgresql://", "postgresql+asyncpg://", 1)
    return config


def run_environment() -> None:
    """Run what Alembic was asked for; each service's `env.py` is one call to this."""
    asyncio.run(_run(context.config.attributes["url"]))


async def _run(url: str) -> None:
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate)
        await connection.commit()
    await engine.dispose()


def _migrate(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    context.configure(connection=connection, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
