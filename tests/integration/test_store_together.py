"""Requests that the store in PostgreSQL reads and appends together: each has its own answer."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from shared.eventstore.postgres import PostgresEventStore, append_on, open_pool
from shared.eventstore.store import Answer, Batch, Idempotency, Metadata, Reading
from shared.eventstore.transact import Context, Deliberation, Outcome, Transactor
from shared.kernel.clock import RandomIds
from shared.kernel.decider import Claim, StreamOf
from shared.kernel.errors import ClaimTaken, ConcurrencyConflict
from shared.kernel.records import replace
from tests.contract.tally import tallying
from tests.databases import HELD_FOR_LONG, Database

pytestmark = pytest.mark.integration

METADATA = Metadata(actor="key_test", correlation_id="c-1")
MANY = 40


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Any]:
    made = await open_pool(database.app)
    yield made
    await made.close()


@pytest.fixture
def store(pool: Any) -> PostgresEventStore:
    return PostgresEventStore(pool, lambda: None)


def context(key: str | None = None, tenant: str = "agy_1") -> Context:
    request = Idempotency(scope="s", key=key, fingerprint="f") if key else None
    return Context(tenant=tenant, metadata=METADATA, idempotency=request)


def batch(reading: Reading, stream: str) -> Batch:
    """Return what one more tally of a stream appends."""
    deliberation = Deliberation(reading, RandomIds())
    deliberation.decide(METADATA, [tallying("r", stream)])
    return deliberation.batch()


async def settled(store: PostgresEventStore, batches: Sequence[Batch]) -> list[Any]:
    """Append all at once and return what each was answered."""
    return list(
        await asyncio.gather(
            *(store.append("agy_1", each) for each in batches), return_exceptions=True
        )
    )


async def test_many_changes_take_few_calls(database: Database) -> None:
    pool = await open_pool(database.app, size_max=2)
    run = Transactor(PostgresEventStore(pool, lambda: None), RandomIds())
    await asyncio.gather(*(run.transact(context(), [tallying("r", "a")]) for _ in range(2)))
    sent: list[str] = []
    async with pool.acquire() as one, pool.acquire() as other:
        for connection in (one, other):
            connection.add_query_logger(lambda record: sent.append(record.query))
    outcomes = await asyncio.gather(
        *(run.transact(context(f"k{n}"), [tallying("r", f"t-{n}")],
                       answer=lambda outcome: Answer(status=201, body=b"{}"))
          for n in range(MANY))
    )  # fmt: skip
    await pool.close()
    assert [each.versions for each in outcomes] == [{f"t-{n}": 1} for n in range(MANY)]
    assert len(sent) < MANY / 2


async def test_each_is_answered_with_its_own_and_again_the_same(store: PostgresEventStore) -> None:
    run = Transactor(store, RandomIds())

    def answered(n: int) -> Any:
        def answer(outcome: Outcome) -> Answer:
            return Answer(status=201, body=f"answer {n}".encode())

        return run.transact(context(f"k{n}"), [tallying("r", f"t-{n % 7}")], answer=answer)

    first = await asyncio.gather(*(answered(n) for n in range(MANY)))
    again = await asyncio.gather(*(answered(n) for n in reversed(range(MANY))))
    bodies = [f"answer {n}".encode() for n in range(MANY)]
    assert [each.answer.body for each in first] == bodies
    assert [each.answer.body for each in reversed(again)] == bodies
    assert not any(each.replayed for each in first)
    assert all(each.replayed for each in again)
    reading = await store.load("agy_1", [f"t-{n}" for n in range(7)])
    assert sum(each.version for each in reading.streams.values()) == MANY


async def test_a_stale_one_among_them_fails_alone(store: PostgresEventStore) -> None:
    streams = [f"t-{n}" for n in range(8)]
    reading = await store.load("agy_1", streams)
    batches = [batch(reading, each) for each in streams]
    await store.append("agy_1", batch(reading, "t-3"))
    answers = await settled(store, batches)
    assert [type(each) for each in answers] == [
        ConcurrencyConflict if stream == "t-3" else type(None) for stream in streams
    ]
    found = await store.load("agy_1", streams)
    assert {name: each.version for name, each in found.streams.items()} == dict.fromkeys(streams, 1)


async def test_a_guard_that_moved_stops_only_whoever_read_it(store: PostgresEventStore) -> None:
    run = Transactor(store, RandomIds())
    await run.transact(context(), [tallying("r", "guard-1")])
    reading = await store.load("agy_1", ["guard-1"])
    fresh = replace(batch(reading, "t-1"), guards={"guard-1": 1})
    stale = replace(batch(reading, "t-2"), guards={"guard-1": 0})
    unguarded = batch(reading, "t-3")
    first, second, third = await settled(store, [fresh, stale, unguarded])
    assert first is None
    assert isinstance(second, ConcurrencyConflict)
    assert third is None


async def test_a_taken_name_stops_only_whoever_claims_it(store: PostgresEventStore) -> None:
    reading = await store.load("agy_1", [])
    mine = Claim(kind="name", digest="d", target="t-1")
    await store.append("agy_1", replace(batch(reading, "t-1"), claims=(mine,)))
    theirs = replace(mine, target="t-2")
    answers = await settled(
        store, [replace(batch(reading, "t-2"), claims=(theirs,)), batch(reading, "t-3")]
    )
    assert isinstance(answers[0], ClaimTaken)
    assert answers[1] is None


async def test_a_held_stream_holds_up_the_others_a_second_at_most(
    store: PostgresEventStore, pool: Any
) -> None:
    run = Transactor(store, RandomIds())
    for each in ("held-1", "free-1"):
        await run.transact(context(), [tallying("r", each)])
    reading = await store.load("agy_1", ["held-1", "free-1"])
    guarded = replace(batch(reading, "free-1"), guards={"held-1": 1})
    async with pool.acquire() as holder, holder.transaction():
        await holder.execute(HELD_FOR_LONG)
        await append_on(holder, "agy_1", replace(batch(reading, "held-1"), guarded=("held-1",)))
        slow = asyncio.create_task(settled(store, [guarded, batch(reading, "other-1")]))
        await asyncio.sleep(0.05)
        async with asyncio.timeout(10):
            await run.transact(context(), [tallying("r", "quick-1")])
    held, other = await slow
    assert isinstance(held, ConcurrencyConflict)
    assert other is None


async def test_whatever_is_asked_together_is_read_as_if_alone(
    store: PostgresEventStore, pool: Any
) -> None:
    """Random requests, each answered once among others and once by itself."""
    run = Transactor(store, RandomIds())
    names = [StreamOf(kind="name", digest=f"d{n}") for n in range(4)]
    reading = await store.load("agy_1", [])
    for n, name in enumerate(names[:3]):
        claim = Claim(kind=name.kind, digest=name.digest, target=f"t-{n}")
        await store.append("agy_1", replace(batch(reading, f"t-{n}"), claims=(claim,)))
    for n in range(3):
        await run.transact(
            context(f"k{n}"), [tallying("r", f"t-{n}")],
            answer=lambda outcome: Answer(status=201, body=b"{}"),
        )  # fmt: skip
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('forbear.tenant', 'agy_1', true)")
        for n, key in enumerate(("cns_1", "cns_1", "cns_2")):
            await connection.execute(
                "INSERT INTO parked_events"
                " (tenant_id, subscription, key, event_id, partition, transaction_id, position,"
                " stream, version, type, error)"
                " VALUES ('agy_1', $1, $2, $3, '0', '1', 1, 's', 1, 't', 'e')",
                f"sub-{n}", key, f"evt_{n}",
            )  # fmt: skip
        await connection.execute("INSERT INTO watermarks VALUES ('sub-0', '0', now())")
    chance = random.Random(5)
    asked = [
        {
            "streams": chance.sample([*(f"t-{n}" for n in range(5)), *names], chance.randrange(5)),
            "idempotency": chance.choice([None, context(f"k{chance.randrange(5)}").idempotency]),
            "parked_key": chance.choice([None, "cns_1", "cns_2", "cns_3"]),
        }
        for _ in range(MANY)
    ]

    async def load(what: dict[str, Any]) -> dict[str, Any]:
        found = await store.load(
            "agy_1", what["streams"], idempotency=what["idempotency"],
            parked_key=what["parked_key"],
        )  # fmt: skip
        return {
            "streams": found.streams,
            "targets": found.targets,
            "recorded": found.recorded,
            "watermarks": found.watermarks,
            "parked": sorted(found.parked),
        }

    together = await asyncio.gather(*map(load, asked))
    alone = [await load(each) for each in asked]
    assert list(together) == alone
    assert any(each["parked"] for each in alone)
    assert any(each["recorded"] for each in alone)
    assert any(each["targets"] for each in alone)


async def test_tenants_never_go_together(store: PostgresEventStore) -> None:
    run = Transactor(store, RandomIds())
    tenants = [f"agy_{n}" for n in range(6)]
    await asyncio.gather(
        *(run.transact(context(tenant=each), [tallying("r", "same-1")]) for each in tenants)
    )
    readings = await asyncio.gather(*(store.load(each, ["same-1"]) for each in tenants))
    assert [each.streams["same-1"].version for each in readings] == [1] * 6
