"""A pool is closed within a deadline, whoever still has a connection of it."""

import asyncio

import asyncpg
import pytest
import structlog.testing

from shared.eventstore.postgres import close_pool, open_pool
from tests.databases import Database

pytestmark = pytest.mark.integration


async def test_waits_for_what_is_under_way(database: Database) -> None:
    pool = await open_pool(database.app)
    connection = await pool.acquire()
    closing = asyncio.create_task(close_pool(pool, "own"))
    assert await connection.fetchval("SELECT 1 FROM pg_sleep(0.05)") == 1
    assert not closing.done()
    with structlog.testing.capture_logs() as logs:
        await pool.release(connection)
        await closing
    assert logs == []


async def test_cuts_off_what_is_left_and_says_so(database: Database) -> None:
    pool = await open_pool(database.app)
    held = await pool.acquire()
    with structlog.testing.capture_logs() as logs:
        async with asyncio.timeout(8):
            await close_pool(pool, "own", timeout_s=0.05)
    (said,) = logs
    assert (said["event"], said["pool"], said["connections"]) == ("pool-cut-off", "own", 1)
    with pytest.raises(asyncpg.InterfaceError):
        await held.fetchval("SELECT 1")


async def test_cuts_off_what_is_left_when_nobody_waits_for_it_any_longer(
    database: Database,
) -> None:
    pool = await open_pool(database.app)
    held = await pool.acquire()
    closing = asyncio.create_task(close_pool(pool, "own"))
    await asyncio.sleep(0.05)
    closing.cancel()
    async with asyncio.timeout(8):
        await asyncio.wait([closing])
    assert closing.cancelled()
    with pytest.raises(asyncpg.InterfaceError):
        await held.fetchval("SELECT 1")
