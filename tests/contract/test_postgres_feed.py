"""The feed over PostgreSQL passes the contract, and never runs ahead of an open transaction."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

import asyncpg
import pytest

from shared.eventstore.postgres import PostgresEventStore, append_on, open_pool
from shared.eventstore.transact import Deliberation, Transactor
from shared.kernel.clock import RandomIds, SystemClock
from shared.messaging.feed import START, Bell
from shared.messaging.postgres import _PAGE, PARTITION, PostgresFeed
from tests.contract.feed import METADATA, FeedContract, arrival, write
from tests.contract.tally import note
from tests.databases import HELD_FOR_LONG, Database

pytestmark = pytest.mark.integration


async def append_note(connection: Any, run: Transactor, reference: str, stream: str) -> None:
    """Append on a connection, inside whatever transaction it is in."""
    deliberation = Deliberation(await run.store.load("agy_1", [stream]), RandomIds())
    deliberation.decide(METADATA, [note(reference, "cns_1", stream=stream)])
    await append_on(connection, "agy_1", deliberation.batch())


async def _open_append(database: Database, run: Transactor, n: int) -> tuple[Any, Any]:
    connection = await asyncpg.connect(database.app)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(HELD_FOR_LONG)
    await append_note(connection, run, f"long{n}", f"note-long{n}")
    return connection, transaction


async def _commit(opened: tuple[Any, Any]) -> None:
    connection, transaction = opened
    await transaction.commit()
    await connection.close()


class TestPostgresFeed(FeedContract):
    @pytest.fixture
    def bell(self) -> Bell:
        return Bell()

    @pytest.fixture
    def now(self) -> Callable[[], datetime]:
        return SystemClock().now

    @pytest.fixture
    async def run(self, database: Database) -> AsyncIterator[Transactor]:
        pool = await open_pool(database.app)
        yield Transactor(PostgresEventStore(pool, wake=lambda: None), RandomIds())
        await pool.close()

    @pytest.fixture
    async def feed(self, database: Database, bell: Bell) -> AsyncIterator[PostgresFeed]:
        pool = await open_pool(database.feed)
        yield PostgresFeed("ledger", pool, bell)
        await pool.close()

    @pytest.fixture
    async def connection(self, database: Database) -> AsyncIterator[Any]:
        made = await asyncpg.connect(database.app)
        yield made
        await made.close()

    async def test_nothing_behind_an_open_transaction_is_delivered(
        self, run: Transactor, feed: PostgresFeed, connection: Any, now: Callable[[], datetime]
    ) -> None:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(HELD_FOR_LONG)
        await append_note(connection, run, "slow", "note-slow")
        await write(run, 2)
        blocked = await feed.page(PARTITION, START, 10)
        assert (blocked.events, blocked.fresh_as_of) == ((), None)
        later = await feed.page(PARTITION, START, 10)
        assert (later.events, later.fresh_as_of) == ((), None)
        before_commit = now()
        await transaction.commit()
        await arrival(feed)
        page = await feed.page(PARTITION, START, 10)
        assert [each.stream for each in page.events] == ["note-slow", "note-0", "note-1"]
        assert page.fresh_as_of is not None
        assert page.fresh_as_of > before_commit

    async def test_what_a_rolled_back_transaction_wrote_never_comes(
        self, run: Transactor, feed: PostgresFeed, connection: Any
    ) -> None:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(HELD_FOR_LONG)
        await append_note(connection, run, "never", "note-never")
        await write(run, 1)
        await transaction.rollback()
        await arrival(feed)
        page = await feed.page(PARTITION, START, 10)
        assert [each.stream for each in page.events] == ["note-0"]
        assert page.fresh_as_of is not None

    async def test_an_open_transaction_with_nothing_behind_it_does_not_hide_freshness(
        self, run: Transactor, feed: PostgresFeed, connection: Any
    ) -> None:
        await write(run, 2)
        await arrival(feed)
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(HELD_FOR_LONG)
        await append_note(connection, run, "slow", "note-slow")
        page = await feed.page(PARTITION, START, 10)
        assert len(page.events) == 2
        assert page.fresh_as_of is not None  # it will commit after that instant
        await transaction.commit()

    async def test_under_steady_load_freshness_still_advances_and_never_lies(
        self, run: Transactor, feed: PostgresFeed, database: Database, now: Callable[[], datetime]
    ) -> None:
        """At every poll a transaction is open with something committed behind it."""
        committed: dict[str, datetime] = {}
        delivered: set[str] = set()
        vouched: list[datetime] = []
        position = START
        opened = await _open_append(database, run, 0)
        for n in range(1, 12):
            await write(run, 1, prefix=f"quick{n}")
            committed[f"note-0/{n}"] = now()
            for _ in range(2):
                page = await feed.page(PARTITION, position, 500)
                delivered |= {f"{each.stream}/{each.version}" for each in page.events}
                position = page.events[-1].position if page.events else position
                if page.fresh_as_of:
                    vouched.append(page.fresh_as_of)
                    due = {key for key, at in committed.items() if at <= page.fresh_as_of}
                    assert due <= delivered
                assert f"note-0/{n}" not in delivered
            successor = await _open_append(database, run, n)
            await _commit(opened)
            committed[f"note-long{n - 1}/1"] = now()
            opened = successor
        await _commit(opened)
        assert len(vouched) >= 5
        assert vouched == sorted(vouched)

    async def test_freshness_is_no_later_than_the_snapshot_it_stands_on(
        self, run: Transactor, database: Database, now: Callable[[], datetime]
    ) -> None:
        """A statement's own time is taken when execution begins, after the snapshot."""
        connection = await asyncpg.connect(database.feed)
        async with connection.transaction():
            await connection.execute(HELD_FOR_LONG)
            cursor = await connection.cursor(_PAGE, "0", 0, 10)  # binds: the snapshot is taken
            before_commit = now()
            await write(run, 1)
            (row,) = await cursor.fetch(5)
        await connection.close()
        assert row["event_id"] is None
        assert row["polled_at"] < before_commit

    async def test_a_restored_store_is_another_epoch(
        self, feed: PostgresFeed, database: Database
    ) -> None:
        before = await feed.page(PARTITION, START, 10)
        owner = await asyncpg.connect(database.owner)
        await owner.execute("UPDATE store SET epoch = 'restored'")
        await owner.close()
        after = await feed.page(PARTITION, START, 10)
        assert before.epoch not in ("", "restored")
        assert after.epoch == "restored"

    async def test_a_page_is_a_look_at_the_index_however_long_the_log(
        self, database: Database
    ) -> None:
        owner = await asyncpg.connect(database.owner)
        await owner.execute(
            "INSERT INTO events"
            " (tenant_id, stream, version, event_id, type, data, metadata, occurred_at)"
            " SELECT 'agy_1', 'note-' || n % 50, n / 50 + 1, 'evt_' || n, 't', '', '', now()"
            " FROM generate_series(0, 19999) n"
        )
        await owner.execute("ANALYZE events")
        last = await owner.fetchrow(
            "SELECT transaction_id::text AS id, position FROM events"
            " ORDER BY transaction_id DESC, position DESC LIMIT 1"
        )
        await owner.close()
        feed = await asyncpg.connect(database.feed)
        for after, limit in ((last["position"], 200), (last["position"] - 10000, 100)):
            plan = await feed.fetch(
                f"EXPLAIN (ANALYZE, BUFFERS, FORMAT TEXT) {_PAGE}", last["id"], after, limit
            )
            text = "\n".join(row[0] for row in plan)
            assert "Seq Scan on events" not in text, text
            assert "Rows Removed by Filter" not in text, text
        await feed.close()
