"""Recorded answers are kept for thirty days by the database's clock, then forgotten in batches."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from shared.eventstore.postgres import open_pool
from shared.eventstore.pruning import Pruner
from tests.databases import Database, Server
from tests.system import TENANT, Keys, System
from tests.waiting import until

pytestmark = pytest.mark.integration

KEPT = timedelta(days=30)
MARGIN = timedelta(minutes=1)


class Shelf:
    """A service's recorded answers, and the means to make old ones."""

    def __init__(self, owner: Any, jobs_pool: Any) -> None:
        self.owner = owner
        self.jobs_pool = jobs_pool

    async def put(self, age: timedelta, *keys: str, tenant: str = TENANT) -> None:
        """Record answers as if so long ago."""
        await self.owner.execute(
            "INSERT INTO idempotency"
            " SELECT $1, 'POST /v1/things', key, 'fingerprint', 201, '{}', now() - $2::interval"
            " FROM unnest($3::text[]) AS key",
            tenant,
            age,
            list(keys),
        )

    async def keys(self) -> set[str]:
        """Return the keys that still have an answer."""
        return {row["key"] for row in await self.owner.fetch("SELECT key FROM idempotency")}

    def pruner(self, **changes: Any) -> Pruner:
        """Return a pruner, as of another process."""
        return Pruner(self.jobs_pool, **changes)


@pytest.fixture
async def shelf(database: Database) -> AsyncIterator[Shelf]:
    owner, pool = await asyncpg.connect(database.owner), await open_pool(database.jobs)
    yield Shelf(owner, pool)
    await owner.close()
    await pool.close()


async def test_forgets_what_is_older_and_nothing_else(shelf: Shelf) -> None:
    await shelf.put(KEPT + MARGIN, "old")
    await shelf.put(timedelta(days=400), "ancient", tenant="agy_2")
    await shelf.put(KEPT - MARGIN, "kept")
    await shelf.put(timedelta(), "new", tenant="agy_2")
    assert await shelf.pruner().step() == 2
    assert await shelf.keys() == {"kept", "new"}
    assert await shelf.pruner().step() == 0


async def test_goes_by_the_real_clock_whatever_a_test_clock_says(shelf: Shelf) -> None:
    await shelf.owner.execute(
        "INSERT INTO clocks VALUES ($1, $2)", TENANT, datetime(2099, 1, 1, tzinfo=UTC)
    )
    await shelf.put(KEPT - MARGIN, "kept")
    assert await shelf.pruner().step() == 0
    assert await shelf.keys() == {"kept"}


async def test_takes_a_bounded_batch_the_oldest_first(shelf: Shelf) -> None:
    for days in (31, 34, 32, 33, 35):
        await shelf.put(timedelta(days=days), f"d{days}")
    pruner = shelf.pruner(rows_max=2)
    assert await pruner.step() == 2
    assert await shelf.keys() == {"d31", "d32", "d33"}
    assert [await pruner.step() for _ in range(3)] == [2, 1, 0]


async def test_goes_on_until_nothing_old_is_left_and_looks_again(shelf: Shelf) -> None:
    await shelf.put(KEPT + MARGIN, *(f"k{n}" for n in range(45)))
    await shelf.put(KEPT - MARGIN, "kept")
    running = asyncio.create_task(shelf.pruner(rows_max=10, pause_s=0, every_s=0.05).run())

    async def only_the_kept() -> bool:
        return await shelf.keys() == {"kept"}

    await until(only_the_kept)
    await shelf.put(KEPT + MARGIN, "later")
    await until(only_the_kept)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_two_at_once_do_not_wait_for_each_other(shelf: Shelf, database: Database) -> None:
    await shelf.put(KEPT + MARGIN, "a", "b", "c")
    other = await asyncpg.connect(database.jobs)
    async with other.transaction():
        assert await other.fetchval("SELECT prune_answers(2)") == 2
        assert await shelf.pruner().step() == 1
    await other.close()
    assert await shelf.keys() == set()


async def test_the_jobs_role_may_do_only_that_and_no_other_role_even_that(
    shelf: Shelf, database: Database
) -> None:
    await shelf.put(KEPT + MARGIN, "old")
    for url, statement in (
        (database.jobs, "DELETE FROM idempotency"),
        (database.jobs, "SELECT key FROM idempotency"),
        (database.jobs, "UPDATE idempotency SET created_at = 'epoch'"),
        (database.app, "SELECT prune_answers(1)"),
        (database.feed, "SELECT prune_answers(1)"),
    ):
        connection = await asyncpg.connect(url)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
        await connection.close()
    assert await shelf.keys() == {"old"}


async def test_reads_no_answers_that_are_kept(shelf: Shelf) -> None:
    await shelf.put(timedelta(days=1), *(f"k{n}" for n in range(20_000)))
    await shelf.put(KEPT + MARGIN, "old")
    await shelf.owner.execute("ANALYZE idempotency")

    async def read() -> int:
        """Return how many rows all scans of the table fetched so far."""
        await shelf.owner.execute("SELECT pg_stat_force_next_flush()")
        fetched: int = await shelf.owner.fetchval(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables"
            " WHERE relname = 'idempotency'"
        )
        return fetched

    before = await read()
    await shelf.owner.fetchval("SELECT prune_answers(500)")
    assert await read() - before < 100


async def test_a_running_service_prunes(postgres_server: Server) -> None:
    async with postgres_server.databases() as databases:
        owner = await asyncpg.connect(databases["disputes"].owner)
        shelf = Shelf(owner, None)
        await shelf.put(KEPT + MARGIN, "old")
        await shelf.put(KEPT - MARGIN, "kept")
        system = System(databases, Keys())
        try:
            await system.start(["disputes"])

            async def is_pruned() -> bool:
                return await shelf.keys() == {"kept"}

            await until(is_pruned)
        finally:
            await system.stop()
            await owner.close()
