"""What becomes of a parked event: the part of the subscription's contract that a person begins.

The same worlds as in `tests/contract/subscription.py`; their tally has no memory, so what is
handled twice shows, and so does what is handled out of order.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from shared.eventstore import codec
from shared.eventstore.store import StoreUnavailable
from shared.eventstore.transact import Issue
from shared.kernel.records import event
from shared.messaging.effects import Deposed, Effect
from shared.messaging.feed import START, Envelope
from shared.messaging.parking import (
    ACTOR,
    BEHIND,
    ParkedEvent,
    ParkedEventDiscarded,
    ParkedEventRetried,
    ParkedEvents,
)
from shared.messaging.resumption import Resumption
from shared.messaging.subscription import RETRIES_MAX, Subscription, projection, reaction
from tests.contract.subscription import (
    NAME,
    World,
    drain,
    poisoned,
    project_it,
    subscribe,
    tally_it,
    write,
)
from tests.contract.tally import Written
from tests.waiting import until

OPERATOR = "Grace Hopper"
REASON = "the address was mended"
QUEUE = [
    ("a", "cns_1"),
    ("rotten", "cns_1"),
    ("b", "cns_2"),
    ("behind", "cns_1"),
    ("drawn-in", "cns_2", "cns_1"),  # about both, so it waits, and cns_2 waits with it
    ("behind-that", "cns_2"),
    ("c", "cns_3"),
]


@event("forbear.test.written.v2")
class WrittenSince:
    """What the next version of the code writes instead of `Written`."""

    reference: str


class Grievance(Exception):
    """Another thing that a handler cannot cope with."""


def mended(world: World, **options: Any) -> Subscription:
    """Return the reader as it is once its handlers cope with everything."""
    handlers = (reaction(Written, poisoned()), projection(Written, project_it))
    return subscribe(world, *handlers, **options)


async def park(world: World, *references: str) -> None:
    """Read everything with handlers that cannot cope with some of it."""
    handlers = (reaction(Written, poisoned(*references)), projection(Written, project_it))
    await drain(subscribe(world, *handlers))


async def resume(world: World, reader: Subscription) -> None:
    """Settle what is due until nothing is."""
    resumption = Resumption(world.queue(), [reader])
    while await resumption.step():
        pass


async def is_parked(world: World, consumer: str) -> bool:
    """Tell what a decision about a consumer would be told."""
    return bool((await world.target.store.load("agy_1", [], parked_key=consumer)).parked)


async def on_record(world: World) -> list[Any]:
    """Return what the reading service's own log says was done about parked events."""
    kinds = codec.classes_by_name((ParkedEventRetried, ParkedEventDiscarded))
    found: list[Any] = []
    for each in (await world.outcome().page("0", START, 10_000)).events:
        if each.type in kinds:
            assert each.metadata.actor == ACTOR
            found.append(codec.decode(kinds[each.type], each.data))
    return found


class Vanishing:
    """An effect store whose process ends just before, or after, it ends a parking."""

    def __init__(self, effects: Any, *, is_written: bool) -> None:
        self._effects = effects
        self._is_written = is_written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._effects, name)

    async def resolve(self, parked: ParkedEvent, effect: Effect) -> None:
        if self._is_written:
            await self._effects.resolve(parked, effect)
        raise StoreUnavailable("ended")


class Counted:
    """Parked events, and how often somebody looked for some."""

    def __init__(self, queue: ParkedEvents) -> None:
        self._queue = queue
        self.looks = 0

    async def due(self, subscriptions: Sequence[str]) -> list[ParkedEvent]:
        self.looks += 1
        return await self._queue.due(subscriptions)

    async def behind(self, settled: ParkedEvent) -> list[ParkedEvent]:
        self.looks += 1
        return await self._queue.behind(settled)


@asynccontextmanager
async def both_running(world: World, processes: int) -> AsyncIterator[None]:
    """Run processes that read and take parked events up again, until the block ends."""
    tasks = []
    for _ in range(processes):
        reader = mended(world, page_size_max=5)
        tasks.append(asyncio.create_task(reader.run()))

        async def settle(resumption: Resumption) -> None:
            while True:
                await resumption.step()
                await asyncio.sleep(0.001)

        tasks.append(asyncio.create_task(settle(Resumption(world.queue(), [reader]))))
    try:
        yield
    finally:
        for each in tasks:
            each.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(each, asyncio.CancelledError) for each in ended), ended


class ParkingContract:
    """Subclasses provide the fixture `world`."""

    async def test_nothing_is_taken_up_that_nobody_asked_for(self, world: World) -> None:
        await write(world, *QUEUE)
        await park(world, "rotten")
        before = await world.parked("agy_1")
        await resume(world, mended(world))
        assert await world.parked("agy_1") == before
        assert await world.tallied("agy_1") == ["a", "b", "c"]

    async def test_a_retried_event_is_handled_and_those_behind_it_in_their_order(
        self, world: World
    ) -> None:
        await write(world, *QUEUE)
        await park(world, "rotten")
        await world.order("retry", "rotten")
        await resume(world, mended(world))
        assert await world.parked("agy_1") == []
        late = ["rotten", "behind", "drawn-in", "behind-that"]
        assert await world.tallied("agy_1") == ["a", "b", "c", *late]
        assert await world.projected("agy_1") == ["a", "b", "c", *late]
        assert not await is_parked(world, "cns_1")
        assert not await is_parked(world, "cns_2")
        await write(world, ("next", "cns_1"))
        await drain(mended(world))
        assert (await world.tallied("agy_1"))[-1] == "next"

    async def test_what_waits_under_one_key_is_not_looked_for_one_by_one(
        self, world: World
    ) -> None:
        behind = [f"behind{n}" for n in range(40)]
        await write(world, ("rotten", "cns_1"), *[(each, "cns_1") for each in behind])
        await park(world, "rotten")
        await world.order("retry", "rotten")
        queue = Counted(world.queue())
        resumption = Resumption(queue, [mended(world)])
        assert await resumption.step() == 41
        assert await resumption.step() == 0
        assert queue.looks == 3
        assert await world.tallied("agy_1") == ["rotten", *behind]

    async def test_what_fails_among_them_ends_the_look_and_keeps_the_order(
        self, world: World
    ) -> None:
        references = [f"r{n}" for n in range(10)]
        await write(world, *[(each, "cns_1") for each in references])
        await park(world, "r0")
        await world.order("retry", "r0")
        await resume(world, subscribe(world, reaction(Written, poisoned("r4"))))
        assert await world.tallied("agy_1") == ["r0", "r1", "r2", "r3"]
        assert [error for _, _, error in await world.parked("agy_1")] == ["Poison", *[BEHIND] * 5]
        await world.order("retry", "r4")
        await resume(world, mended(world))
        assert await world.tallied("agy_1") == references

    async def test_who_had_it_retried_stands_in_the_log(self, world: World) -> None:
        await write(world, ("rotten", "cns_1"), ("behind", "cns_1"))
        await park(world, "rotten")
        await world.order("retry", "rotten")
        await resume(world, mended(world))
        (retried,) = await on_record(world)
        assert isinstance(retried, ParkedEventRetried)
        assert (retried.by, retried.reason) == (OPERATOR, REASON)
        assert (retried.error, retried.attempts) == ("Poison", RETRIES_MAX)
        (source, *_) = (await world.feed().page("0", START, 10)).events
        assert (retried.source, retried.event_id) == (source.source, source.event_id)
        assert (retried.stream, retried.version) == (source.stream, source.version)

    async def test_a_retry_that_fails_leaves_all_parked_with_the_new_error(
        self, world: World
    ) -> None:
        def grieve(written: Written, envelope: Envelope) -> Sequence[Issue]:
            raise Grievance

        await write(world, *QUEUE)
        await park(world, "rotten")
        await world.order("retry", "rotten")
        await resume(world, subscribe(world, reaction(Written, grieve)))
        assert [error for _, _, error in await world.parked("agy_1")] == [
            "Grievance",
            *["behind-a-parked-event"] * 4,
        ]
        assert await world.attempts("rotten") == 2 * RETRIES_MAX
        assert await world.attempts("behind") == 0
        assert await world.tallied("agy_1") == ["a", "b", "c"]
        assert await on_record(world) == []
        await resume(world, mended(world))  # the order was carried out and is gone
        assert await world.tallied("agy_1") == ["a", "b", "c"]
        await world.order("retry", "rotten")
        await resume(world, mended(world))
        assert await world.parked("agy_1") == []

    async def test_what_fails_behind_it_is_parked_in_its_own_right(self, world: World) -> None:
        await write(world, *QUEUE)
        await park(world, "rotten")
        await world.order("retry", "rotten")
        await resume(world, subscribe(world, reaction(Written, poisoned("drawn-in"))))
        assert await world.tallied("agy_1") == ["a", "b", "c", "rotten", "behind"]
        assert await world.parked("agy_1") == [
            ("cns_1", "drawn-in", "Poison"),
            ("cns_2", "drawn-in", "Poison"),
            ("cns_2", "behind-that", "behind-a-parked-event"),
        ]

    async def test_what_waits_behind_two_waits_for_both(self, world: World) -> None:
        await write(world, ("p1", "cns_1"), ("p2", "cns_2"), ("both", "cns_1", "cns_2"))
        await park(world, "p1", "p2")
        await world.order("retry", "p1")
        await resume(world, mended(world))
        assert await world.tallied("agy_1") == ["p1"]
        assert await is_parked(world, "cns_1")
        await world.order("retry", "p2")
        await resume(world, mended(world))
        assert await world.tallied("agy_1") == ["p1", "p2", "both"]
        assert await world.parked("agy_1") == []

    async def test_an_order_about_an_event_that_waits_is_carried_out_in_its_turn(
        self, world: World
    ) -> None:
        await write(world, ("rotten", "cns_1"), ("behind", "cns_1"))
        await park(world, "rotten")
        await world.order("discard", "behind")
        await resume(world, mended(world))
        assert await world.tallied("agy_1") == []
        await world.order("retry", "rotten")
        await resume(world, mended(world))
        assert await world.tallied("agy_1") == ["rotten"]
        assert [type(each) for each in await on_record(world)] == [
            ParkedEventRetried,
            ParkedEventDiscarded,
        ]

    async def test_a_discarded_event_has_no_effect_and_stands_in_the_log_with_the_reason(
        self, world: World
    ) -> None:
        await write(world, *QUEUE)
        await park(world, "rotten")
        await world.order("discard", "rotten")
        await resume(world, mended(world))
        assert await world.parked("agy_1") == []
        late = ["behind", "drawn-in", "behind-that"]
        assert await world.tallied("agy_1") == ["a", "b", "c", *late]
        (discarded,) = await on_record(world)
        assert isinstance(discarded, ParkedEventDiscarded)
        assert (discarded.by, discarded.reason) == (OPERATOR, REASON)
        await drain(mended(world))  # nor does it come again
        assert "rotten" not in await world.tallied("agy_1")

    async def test_an_archive_leaves_nothing_out(self, world: World) -> None:
        archived: list[str] = []
        is_broken = True

        async def archive(connection: Any, tenant: str, events: Sequence[Envelope]) -> None:
            if is_broken:
                raise Grievance
            archived.extend(codec.decode(Written, each.data).reference for each in events)

        await write(world, ("a", "cns_1"), ("b", "cns_1"))
        effects = world.effects(archive)
        reader = Subscription(NAME, world.feed(), effects, ())
        await drain(reader)
        is_broken = False
        await world.order("discard", "a")
        await resume(world, reader)
        assert [error for _, _, error in await world.parked("agy_1")] == [
            "Grievance",
            "behind-a-parked-event",
        ]
        assert await world.attempts("a") == RETRIES_MAX
        await world.order("retry", "a")
        await resume(world, reader)
        assert archived == ["a", "b"]
        assert await world.parked("agy_1") == []

    @pytest.mark.parametrize("is_written", [True, False], ids=["after", "before"])
    async def test_an_answer_lost_around_a_retry_loses_and_doubles_nothing(
        self, world: World, is_written: bool
    ) -> None:
        await write(world, *QUEUE)
        await park(world, "rotten")
        await world.order("retry", "rotten")
        effects: Any = Vanishing(world.effects(), is_written=is_written)
        with pytest.raises(StoreUnavailable):
            await resume(world, mended(world, effects=effects))
        await resume(world, mended(world))
        late = ["rotten", "behind", "drawn-in", "behind-that"]
        assert await world.tallied("agy_1") == ["a", "b", "c", *late]

    async def test_whoever_comes_second_finds_it_settled(self, world: World) -> None:
        await write(world, ("rotten", "cns_1"), ("behind", "cns_1"))
        await park(world, "rotten")
        await world.order("retry", "rotten")
        (parked,) = await world.queue().due([NAME])
        await resume(world, mended(world))
        with pytest.raises(Deposed):
            await mended(world).settle(parked)
        assert await world.tallied("agy_1") == ["rotten", "behind"]

    async def test_of_many_who_settle_it_at_once_one_does(self, world: World) -> None:
        """A read model's rows alone: no stream's version keeps the others away."""
        await write(world, ("rotten", "cns_1", "cns_2"))
        await park(world, "rotten")
        await world.order("retry", "rotten")
        (parked,) = await world.queue().due([NAME])
        readers = [subscribe(world, projection(Written, project_it)) for _ in range(4)]
        ended = await asyncio.gather(
            *(each.settle(parked) for each in readers), return_exceptions=True
        )
        assert ended.count(True) == 1
        assert [type(each) for each in ended if each is not True] == [Deposed] * 3
        assert await world.projected("agy_1") == ["rotten"]

    async def test_nothing_is_left_waiting_behind_what_is_retried_meanwhile(
        self, world: World
    ) -> None:
        """The page has seen its key parked, and the parking ends before the page is committed."""
        await write(world, ("rotten", "cns_1"))
        await park(world, "rotten")
        await world.order("retry", "rotten")
        await write(world, ("elsewhere", "cns_2"), ("next", "cns_1"))
        retries = iter([mended(world)])

        async def rival() -> None:
            for reader in retries:
                await resume(world, reader)

        reader = subscribe(
            world, reaction(Written, tally_it), effects=world.effects(meanwhile=rival)
        )
        await drain(reader)
        await write(world, ("last", "cns_1"))
        await drain(mended(world))  # "next" may be waiting still, but then not for long
        await resume(world, mended(world))
        assert await world.tallied("agy_1") == ["rotten", "elsewhere", "next", "last"]
        assert await world.parked("agy_1") == []

    async def test_readers_and_retries_at_once_skip_and_double_nothing(self, world: World) -> None:
        consumers = [f"cns_{n}" for n in range(4)]
        poisons = [f"{each}-0" for each in consumers]
        await write(world, *[(f"{each}-{n}", each) for n in range(8) for each in consumers])
        await park(world, *poisons)
        assert await world.tallied("agy_1") == []
        async with both_running(world, processes=2):
            for n in range(8, 24):
                if n % 4 == 0:
                    await world.order("retry", poisons[n // 4 - 2])
                for each in consumers:
                    await write(world, (f"{each}-{n}", each))

            async def all_is_done() -> bool:
                return len(await world.tallied("agy_1")) >= 24 * len(consumers)

            await until(all_is_done)
            await asyncio.sleep(0.1)
        in_order = defaultdict(list)
        for reference in await world.tallied("agy_1"):
            consumer, _, number = reference.rpartition("-")
            in_order[consumer].append(int(number))
        assert in_order == {each: list(range(24)) for each in consumers}
        assert sorted(await world.projected("agy_1")) == sorted(await world.tallied("agy_1"))
        assert await world.parked("agy_1") == []

    async def test_an_event_of_newer_code_is_parked_and_waits_for_that_code(
        self, world: World
    ) -> None:
        def react(since: WrittenSince, envelope: Envelope) -> Sequence[Issue]:
            return []

        await write(world, ("a", "cns_1"))
        await drain(subscribe(world, reaction(WrittenSince, react)))
        assert await world.parked("agy_1") == [("cns_1", "a", "UnknownVersion")]
        await world.order("retry", "a")
        await resume(world, mended(world))
        assert await world.tallied("agy_1") == ["a"]
