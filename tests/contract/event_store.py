"""What every event store must do. Adapter test modules subclass this and give a store."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.eventstore.store import Answer, EventStore, Idempotency, Metadata
from shared.eventstore.transact import (
    Context,
    Deliberation,
    Guard,
    IdempotencyKeyReused,
    Issue,
    Moment,
    Outcome,
    Transactor,
)
from shared.kernel.clock import RandomIds
from shared.kernel.decider import StreamOf
from shared.kernel.errors import ClaimTaken, ConcurrencyConflict
from shared.kernel.records import replace
from tests.contract.counter import COUNTERS, INLINE_COUNTERS, Add, Count, TooMuch

METADATA = Metadata(actor="key_test", correlation_id="c-1")


def context(tenant: str = "agy_1", key: str | None = None, body: str = "b") -> Context:
    """Return a context, with an idempotency key if one is given."""
    request = Idempotency(scope="POST /v1/things", key=key, fingerprint=body) if key else None
    return Context(tenant=tenant, metadata=METADATA, idempotency=request)


def add(
    reference: str, amount: int = 1, stream: str = "counter-1", decider: Any = COUNTERS
) -> Issue:
    """Return an issue that adds to a counter."""
    return Issue(
        stream=stream,
        decider=decider,
        command=lambda moment: Add(reference=reference, amount=amount, now=moment.now),
    )


def answer(outcome: Outcome) -> Answer:
    """Answer with the total."""
    return Answer(status=201, body=str(outcome.state("counter-1").total).encode())


class EventStoreContract:
    """Subclasses provide the fixtures `store` and `set_clock`."""

    @pytest.fixture
    def run(self, store: EventStore) -> Transactor:
        return Transactor(store, RandomIds())

    @pytest.mark.parametrize("decider", [COUNTERS, INLINE_COUNTERS], ids=["events", "inline-state"])
    async def test_what_was_appended_is_folded_again(self, run: Transactor, decider: Any) -> None:
        for n in range(5):
            outcome = await run.transact(context(), [add(f"r{n}", decider=decider)])
        assert outcome.versions == {"counter-1": 5}
        again = await run.transact(context(), [add("r4", decider=decider)])
        assert again.events == ()
        assert again.state("counter-1").total == 5

    async def test_writers_of_one_stream_never_pass_the_limit(self, store: EventStore) -> None:
        runs = [Transactor(store, RandomIds()) for _ in range(8)]  # as if in eight processes

        async def insist(n: int) -> bool:
            while True:
                try:
                    await runs[n % 8].transact(context(), [add(f"r{n}")])
                except ConcurrencyConflict:
                    continue
                except TooMuch:
                    return False
                return True

        results = await asyncio.gather(*(insist(n) for n in range(24)))
        assert sum(results) == 10
        outcome = await runs[0].transact(context(), [add("r-none", 0)])
        assert outcome.state("counter-1").total == 10

    async def test_a_refused_command_appends_nothing(self, run: Transactor) -> None:
        with pytest.raises(TooMuch):
            await run.transact(context(), [add("a"), add("b", 11)])
        assert (await run.transact(context(), [add("c")])).versions == {"counter-1": 1}

    async def test_two_streams_are_appended_together_or_not_at_all(self, run: Transactor) -> None:
        outcome = await run.transact(context(), [add("a"), add("b", 2, "counter-2")])
        assert outcome.versions == {"counter-1": 1, "counter-2": 1}
        with pytest.raises(ConcurrencyConflict):  # the name is taken by counter-2
            await run.transact(context(), [add("c"), add("d", 2, "counter-3")])
        reading = await run.store.load("agy_1", ["counter-1", "counter-3"])
        assert [
            reading.streams[s].version if s in reading.streams else 0
            for s in ("counter-1", "counter-3")
        ] == [1, 0]

    async def test_a_claimed_name_leads_to_its_owner_within_its_tenant(
        self, run: Transactor
    ) -> None:
        await run.transact(context(), [add("owner", 2)])
        assert await run.store.find("agy_1", [("name", "two"), ("name", "three")]) == {
            ("name", "two"): "owner"
        }
        assert await run.store.find("agy_2", [("name", "two")]) == {}

    async def test_a_name_claimed_again_for_its_owner_changes_nothing(
        self, run: Transactor
    ) -> None:
        await run.transact(context(), [add("owner", 2)])
        again = await run.transact(context(), [add("owner", 2, "counter-2")])
        assert again.versions == {"counter-2": 1}
        with pytest.raises(ClaimTaken):
            await run.transact(context(), [add("other", 2, "counter-2")])

    async def test_a_guard_is_found_by_the_name_that_leads_to_it(self, run: Transactor) -> None:
        guard = Guard(stream=StreamOf(kind="name", digest="two"), decider=INLINE_COUNTERS)

        def total_of_guard(moment: Moment) -> Add:
            total = moment.guards.get(guard.stream, Count()).total
            return Add(reference=f"g{total}", amount=total, now=moment.now)

        issue = Issue(stream="counter-1", decider=COUNTERS, command=total_of_guard)
        unclaimed = await run.transact(context(), [issue], guards=[guard])
        assert unclaimed.state("counter-1") == Count(total=0, references=("g0",))
        await run.transact(context(), [add("point-1", 2, "counter-2")])
        await run.transact(context(), [add("a", 5, "point-1", INLINE_COUNTERS)])
        outcome = await run.transact(context(), [issue], guards=[guard])
        assert outcome.state("counter-1").references == ("g0", "g5")
        reading = await run.store.load("agy_1", ["counter-1", guard.stream])
        await run.transact(context(), [add("b", 1, "point-1", INLINE_COUNTERS)])
        late = Deliberation(reading, RandomIds())
        late.decide(METADATA, [replace(issue, command=add("c").command)], [guard])
        with pytest.raises(ConcurrencyConflict):
            await run.store.append("agy_1", late.batch())

    async def test_a_stream_is_never_read_without_the_name_it_claims(
        self, store: EventStore
    ) -> None:
        run, name = Transactor(store, RandomIds()), StreamOf(kind="name", digest="two")

        async def read(tenant: str) -> None:
            reading = await store.load(tenant, ["counter-1", name])
            while "counter-1" not in reading.streams or not reading.streams["counter-1"].version:
                await asyncio.sleep(0)
                reading = await store.load(tenant, ["counter-1", name])
            assert reading.targets == {name: "owner"}

        for n in range(30):
            tenant = f"agy_{n}"
            readers = [asyncio.create_task(read(tenant)) for _ in range(3)]
            await asyncio.sleep(0)
            await run.transact(context(tenant), [add("owner", 2)])
            await asyncio.gather(*readers)

    async def test_the_same_key_and_body_get_the_recorded_answer(self, run: Transactor) -> None:
        first = await run.transact(context(key="k"), [add("a")], answer=answer)
        second = await run.transact(context(key="k"), [add("b")], answer=answer)
        assert second.replayed
        assert second.answer == first.answer == Answer(status=201, body=b"1")
        assert (await run.transact(context(), [add("c")])).versions == {"counter-1": 2}

    async def test_the_same_key_with_another_body_is_refused(self, run: Transactor) -> None:
        await run.transact(context(key="k"), [add("a")], answer=answer)
        with pytest.raises(IdempotencyKeyReused):
            await run.transact(context(key="k", body="other"), [add("b")], answer=answer)

    async def test_twins_take_effect_once(self, store: EventStore) -> None:
        async def send(n: int) -> Answer | None:
            run = Transactor(store, RandomIds())
            issue = add(f"r{n}", stream="counter-1")
            return (await run.transact(context(key="k"), [issue], answer=answer)).answer

        answers = await asyncio.gather(*(send(n) for n in range(12)))
        assert set(answers) == {Answer(status=201, body=b"1")}

    async def test_tenants_do_not_see_each_other(self, run: Transactor) -> None:
        await run.transact(context("agy_1"), [add("a")])
        other = await run.transact(context("agy_2"), [add("b")])
        assert other.versions == {"counter-1": 1}

    async def test_a_guard_that_moved_refuses_the_append(self, run: Transactor) -> None:
        guard = Guard(stream="point-1", decider=INLINE_COUNTERS)
        opted_out = Transactor(run.store, RandomIds())

        def meanwhile(moment: Moment) -> Add:  # the guard's total is an outside fact of the command
            return Add(reference="g", amount=moment.guards["point-1"].total, now=moment.now)

        issue = Issue(stream="counter-1", decider=COUNTERS, command=meanwhile)
        reading = await run.store.load("agy_1", ["counter-1", "point-1"])
        await opted_out.transact(context(), [add("stop", 5, "point-1", INLINE_COUNTERS)])
        late = Deliberation(reading, RandomIds())
        late.decide(METADATA, [issue], [guard])
        with pytest.raises(ConcurrencyConflict):
            await run.store.append("agy_1", late.batch())
        outcome = await run.transact(context(), [issue], guards=[guard])
        assert outcome.state("counter-1") == Count(total=5, references=("g",))

    async def test_domain_time_is_the_tenants_clock(
        self, run: Transactor, set_clock: Callable[[str, datetime], Awaitable[None]]
    ) -> None:
        frozen = datetime(2026, 3, 8, 6, 59, 59, 123456, tzinfo=UTC)
        await set_clock("agy_1", frozen)
        outcome = await run.transact(context(), [add("a")])
        assert outcome.now == frozen
        assert outcome.events[0][1].at == frozen
        other = await run.transact(context("agy_2"), [add("a")])
        assert other.now != frozen

    async def test_domain_time_never_goes_back_inside_a_stream(
        self, run: Transactor, set_clock: Callable[[str, datetime], Awaitable[None]]
    ) -> None:
        later = datetime(2026, 5, 1, tzinfo=UTC)
        await set_clock("agy_1", later)
        await run.transact(context(), [add("a")])
        await set_clock("agy_1", later - timedelta(days=1))
        assert (await run.transact(context(), [add("b")])).now == later
