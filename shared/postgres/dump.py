"""Dumps of several databases that agree with each other, and their restoration.

The services consume each other's events, so no order of separate dumps keeps every consumer
behind its sources. All snapshots are therefore taken while no event can be committed anywhere.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg

from shared.postgres.programs import client_program
from shared.postgres.urls import in_database, without_password

CONNECT_TIMEOUT_S = 10.0
LOCK_TIMEOUT = "5s"  # writers are bounded to 2 s each; meanwhile new ones wait at most 1 s


class DumpFailed(Exception):
    """A dump or restore did not succeed; the text is what the program said."""


async def dump(admin_url: str, databases: Sequence[str], folder: Path) -> None:
    """Write one `<database>.dump` per database, all as of one instant.

    Raises:
        DumpFailed: pg_dump refused, or the server's version is newer than pg_dump's.
    """
    async with _common_snapshots(admin_url, databases) as snapshots:
        for database, snapshot in snapshots.items():
            await _run(
                "pg_dump",
                in_database(admin_url, database),
                "--format=custom",
                f"--snapshot={snapshot}",
                f"--file={folder / database}.dump",
            )


async def restore(admin_url: str, databases: Sequence[str], folder: Path) -> None:
    """Load each `<database>.dump` into the database of that name, which must be empty.

    Raises:
        DumpFailed: pg_restore refused; that database is left empty.
    """
    for database in databases:
        await _run(
            "pg_restore",
            in_database(admin_url, database),
            "--single-transaction",
            str(folder / f"{database}.dump"),
        )


@asynccontextmanager
async def _common_snapshots(
    admin_url: str, databases: Sequence[str]
) -> AsyncIterator[Mapping[str, str]]:
    async with AsyncExitStack() as holders:
        snapshots = {}
        async with AsyncExitStack() as lockers:
            for database in databases:
                await _stop_appends(await _connect(lockers, admin_url, database))
            for database in databases:
                holder = await _connect(holders, admin_url, database)
                await holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                snapshots[database] = await holder.fetchval("SELECT pg_export_snapshot()")
        yield snapshots


async def _connect(
    stack: AsyncExitStack, admin_url: str, database: str
) -> "asyncpg.Connection[asyncpg.Record]":
    connection = await asyncpg.connect(in_database(admin_url, database), timeout=CONNECT_TIMEOUT_S)
    stack.push_async_callback(connection.close, timeout=CONNECT_TIMEOUT_S)
    return connection


async def _stop_appends(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    # Every transaction that matters to another database appends events. The lock is held until
    # the connection closes; it assigns no transaction id, so it holds no reader back.
    await connection.execute("BEGIN")
    await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
    if await connection.fetchval("SELECT to_regclass('public.events')"):
        await connection.execute("LOCK TABLE public.events IN SHARE MODE")


async def _run(program: str, url: str, *arguments: str) -> None:
    address, password = without_password(url)
    process = await asyncio.create_subprocess_exec(
        client_program(program),
        f"--dbname={address}",
        *arguments,
        env={**os.environ, "PGPASSWORD": password},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    if process.returncode != 0:
        raise DumpFailed(errors.decode(errors="replace").strip())
