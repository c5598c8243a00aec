"""An append in one process wakes who reads in another, and a lost connection is noticed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg
import pytest

from shared.eventstore.postgres import open_pool
from shared.eventstore.store import StoreUnavailable
from shared.messaging.feed import Bell
from shared.messaging.notices import Announcer, Ear
from shared.service.foundation import Pool
from tests.databases import Database

pytestmark = pytest.mark.integration

SOON_S = 30.0


@pytest.fixture
async def pools(database: Database) -> AsyncIterator[tuple[Pool, Pool]]:
    """Return the pool of who appends and the pool of who reads."""
    async with contextlib.AsyncExitStack() as stack:
        made = [await open_pool(database.jobs), await open_pool(database.feed)]
        for pool in made:
            stack.push_async_callback(pool.close)
        yield made[0], made[1]


@contextlib.asynccontextmanager
async def listening(pools: tuple[Pool, Pool]) -> AsyncIterator[tuple[Bell, asyncio.Event]]:
    """Have an announcer and an ear run; yield the bell of the one and a listener of the other."""
    own, other = Bell(), Bell()
    heard = other.listener()
    running = [
        asyncio.create_task(Announcer(pools[0], own).run()),
        asyncio.create_task(Ear(pools[1], other).run()),
    ]
    await asyncio.wait_for(heard.wait(), SOON_S)  # it rings once when it begins to listen
    heard.clear()
    yield own, heard
    for each in running:
        each.cancel()
    await asyncio.wait(running)


async def test_an_append_is_heard_elsewhere(pools: tuple[Pool, Pool]) -> None:
    async with listening(pools) as (bell, heard):
        for _ in range(3):
            bell.ring()
            await asyncio.wait_for(heard.wait(), SOON_S)
            heard.clear()


async def test_nothing_is_heard_when_nothing_was_appended(pools: tuple[Pool, Pool]) -> None:
    async with listening(pools) as (_, heard):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(heard.wait(), 0.1)


async def test_a_lost_connection_is_noticed(pools: tuple[Pool, Pool], database: Database) -> None:
    bell = Bell()
    heard = bell.listener()
    listening = asyncio.create_task(Ear(pools[1], bell, check_s=0.05).run())
    await asyncio.wait_for(heard.wait(), SOON_S)
    connection = await asyncpg.connect(database.admin)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE usename = 'ledger_feed' AND datname = current_database()"
    )
    await connection.close()
    with pytest.raises(StoreUnavailable):
        await asyncio.wait_for(listening, SOON_S)
