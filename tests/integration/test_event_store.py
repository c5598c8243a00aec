"""What the store in PostgreSQL does beyond the contract: its cost, its waits, its refusals."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from shared.eventstore.postgres import PostgresEventStore, append_on, open_pool, reach
from shared.eventstore.store import (
    Answer,
    Idempotency,
    Metadata,
    StoreUnavailable,
    TwinInProgress,
)
from shared.eventstore.transact import Context, Deliberation, Guard, Issue, Transactor
from shared.kernel.clock import RandomIds
from shared.kernel.errors import ConcurrencyConflict
from shared.kernel.records import replace
from tests.contract.counter import INLINE_COUNTERS
from tests.contract.tally import tallying
from tests.databases import Database

pytestmark = pytest.mark.integration

METADATA = Metadata(actor="key_test", correlation_id="c-1")
CONTEXT = Context(tenant="agy_1", metadata=METADATA)
HISTORY = 20_000


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Any]:
    made = await open_pool(database.app)
    yield made
    await made.close()


@pytest.fixture
def run(pool: Any) -> Transactor:
    return Transactor(PostgresEventStore(pool, lambda: None), RandomIds())


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[Any]:
    made = await asyncpg.connect(database.owner)
    yield made
    await made.close()


class TestCost:
    @pytest.fixture
    async def long_history(self, owner: Any) -> None:
        await owner.execute(
            "INSERT INTO events"
            " (tenant_id, stream, version, event_id, type, data, metadata, occurred_at)"
            " SELECT 'agy_1', CASE WHEN n % 2 = 0 THEN 'tally-1' ELSE 'other-' || n % 501 END,"
            "  CASE WHEN n % 2 = 0 THEN n / 2 ELSE n END, 'evt_' || n, 'forbear.test.tallied.v1',"
            """  '{"at":"2026-01-01T00:00:00Z","reference":"r"}', '{}', now()"""
            " FROM generate_series(2, $1) n",
            HISTORY,
        )
        await owner.execute(
            "INSERT INTO states VALUES ('agy_1', 'tally-1', $1, '{\"total\":10000}', now())",
            HISTORY // 2,
        )
        await owner.execute("ANALYZE events; ANALYZE states")

    @pytest.mark.parametrize("repeats", [1, 12], ids=["a plan of its own", "the plan kept"])
    async def test_a_long_history_is_not_read(
        self, run: Transactor, pool: Any, long_history: None, repeats: int
    ) -> None:
        for _ in range(repeats):
            outcome = await run.transact(CONTEXT, [tallying("r")])
        assert outcome.state("tally-1").total == 10_000 + repeats
        reading = await run.store.load("agy_1", ["tally-1"])
        assert reading.streams["tally-1"].events == ()
        guards = {"tally-1": HISTORY // 2 + repeats}
        async with pool.acquire() as connection, connection.transaction():
            await connection.fetch(
                "SELECT * FROM load_together("
                "'agy_1', '{tally-1,none-1,tally-1}', '{name}', '{two}', '{s}', '{k}', '{c}')"
            )
            loaded = await _events_read(connection)
            deliberation = Deliberation(await run.store.load("agy_1", ["new-1"]), RandomIds())
            deliberation.decide(METADATA, [tallying("r", "new-1")])
            batch = deliberation.batch()
            await append_on(connection, "agy_1", replace(batch, guards=guards))
            appended = await _events_read(connection)
        assert loaded <= 2
        assert appended - loaded <= 5

    async def test_a_stream_asked_for_twice_is_read_once(self, run: Transactor) -> None:
        await run.transact(CONTEXT, [tallying("a"), tallying("b")])
        outcome = await run.transact(CONTEXT, [tallying("c"), tallying("d")])
        assert outcome.versions == {"tally-1": 4}
        assert outcome.state("tally-1").total == 4

    async def test_a_change_is_one_read_and_one_write_on_the_wire(self, database: Database) -> None:
        pool = await open_pool(database.app, size_max=1)
        run = Transactor(PostgresEventStore(pool, lambda: None), RandomIds())
        await run.transact(CONTEXT, [tallying("first")])
        sent: list[str] = []
        async with pool.acquire() as connection:
            connection.add_query_logger(lambda record: sent.append(record.query))
        for n in range(3):
            request = Idempotency(scope="s", key=f"k{n}", fingerprint="f")
            context = Context(tenant="agy_1", metadata=METADATA, idempotency=request)
            await run.transact(
                context,
                [tallying("r"), tallying("r", "tally-2")],
                guards=[Guard(stream="point-1", decider=INLINE_COUNTERS)],
                answer=lambda outcome: Answer(status=201, body=b"{}"),
                parked_key="cns_1",
            )
        await pool.close()
        assert [each.split("(")[0].split()[-1] for each in sent] == [
            "load_together",
            "append_together",
        ] * 3


class TestWaits:
    async def test_a_held_idempotency_key_is_a_twin_at_work(
        self, run: Transactor, database: Database
    ) -> None:
        request = Idempotency(scope="s", key="k", fingerprint="f")
        context = Context(tenant="agy_1", metadata=METADATA, idempotency=request)
        patience = {"transaction_timeout": "0", "idle_in_transaction_session_timeout": "0"}
        twin = await asyncpg.connect(database.app, server_settings=patience)
        transaction = twin.transaction()
        await transaction.start()
        await twin.execute("SELECT set_config('forbear.tenant', 'agy_1', true)")
        await twin.execute("INSERT INTO idempotency VALUES ('agy_1', 's', 'k', 'f', 201, 'done')")

        async def send() -> Any:
            return await run.transact(
                context, [tallying("r")], answer=lambda outcome: Answer(status=201, body=b"mine")
            )

        begin = asyncio.get_running_loop().time()
        with pytest.raises(TwinInProgress):
            await send()
        assert 1.9 < asyncio.get_running_loop().time() - begin < 10
        waiting = asyncio.create_task(send())
        await asyncio.sleep(0.2)
        await transaction.commit()
        outcome = await waiting
        assert outcome.replayed
        assert outcome.answer == Answer(status=201, body=b"done")
        assert (await run.store.load("agy_1", ["tally-1"])).streams == {}
        await twin.close()

    async def test_a_held_stream_is_a_conflict_even_under_an_idempotency_key(
        self, run: Transactor, database: Database
    ) -> None:
        batch = (await _decide(run, tallying("holder")))[0]
        holder = await asyncpg.connect(database.app)
        request = Idempotency(scope="s", key="k", fingerprint="f")
        mine = (await _decide(run, tallying("mine")))[1].batch(request, Answer(status=1, body=b""))
        async with holder.transaction():
            await append_on(holder, "agy_1", batch)
            with pytest.raises(ConcurrencyConflict):
                await run.store.append("agy_1", mine)
        await holder.close()

    async def test_writers_of_the_same_streams_in_another_order_do_not_lock_each_other_out(
        self, run: Transactor
    ) -> None:
        streams = [f"tally-{n:02}" for n in range(60)]
        await run.transact(CONTEXT, [tallying("first", stream) for stream in streams])
        begin = asyncio.get_running_loop().time()

        async def write(n: int) -> None:
            ordered = streams if n % 2 else streams[::-1]
            transactor = Transactor(run.store, RandomIds())
            while True:
                try:
                    await transactor.transact(CONTEXT, [tallying(f"r{n}", s) for s in ordered])
                except ConcurrencyConflict:
                    continue
                return

        await asyncio.gather(*(write(n) for n in range(16)))
        reading = await run.store.load("agy_1", streams)
        assert {each.version for each in reading.streams.values()} == {17}
        # A circle is found, or a lock given up, only after a second; there would be many.
        assert asyncio.get_running_loop().time() - begin < 25


class TestRefusals:
    async def test_a_mistaken_argument_is_not_an_absent_database(self, pool: Any) -> None:
        with pytest.raises(asyncpg.DataError):
            await reach(lambda: pool.fetch("SELECT $1::integer", "not a number"))

    async def test_an_absent_database_is_unavailable(self, database: Database) -> None:
        pool = await open_pool(database.app)
        await pool.close()
        with pytest.raises(StoreUnavailable):
            await PostgresEventStore(pool, lambda: None).load("agy_1", ["tally-1"])


async def _decide(run: Transactor, *issues: Issue) -> tuple[Any, Deliberation]:
    reading = await run.store.load("agy_1", [each.stream for each in issues])
    deliberation = Deliberation(reading, RandomIds())
    deliberation.decide(METADATA, issues)
    return deliberation.batch(), deliberation


async def _events_read(connection: Any) -> int:
    """Return how many rows of the log this transaction has fetched so far."""
    read: int = await connection.fetchval(
        "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'events'"
    )
    return read
