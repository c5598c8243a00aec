"""Brings a service's database to its newest revision, one process at a time.

Every service keeps its own history under `migrations/`; the environment that runs it is here.
"""

import asyncio
from importlib import resources

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

LOCK = 0x464F5242  # "FORB": one migration at a time per database


def upgrade(service: str, owner_url: str, revision: str = "head") -> None:
    """Run the migrations that the database lacks, as its owner."""
    command.upgrade(_config(service, owner_url), revision)


def downgrade(service: str, owner_url: str, revision: str) -> None:
    """Undo migrations down to a revision."""
    command.downgrade(_config(service, owner_url), revision)


def _config(service: str, owner_url: str) -> Config:
    config = Config()
    location = resources.files(f"services.{service}") / "migrations"
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
