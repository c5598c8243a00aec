"""Many events that fail at once hold a reader up no longer than a few; time here is virtual."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from shared.eventstore import codec
from shared.eventstore.store import Metadata
from shared.eventstore.transact import Context, Issue
from shared.http.compliance_client import STALENESS_BOUND_S
from shared.kernel.records import replace
from shared.messaging.feed import Envelope, Page, Position
from shared.messaging.parking import BEHIND
from shared.messaging.subscription import (
    INSISTED_MAX,
    PAUSE_S,
    RETRIES_MAX,
    Subscription,
    reaction,
)
from shared.testing import simulation
from tests.contract.parking import WrittenSince
from tests.contract.subscription import (
    Demanding,
    Poison,
    Wrapped,
    drain,
    subscribe,
    tally_it,
    write,
)
from tests.contract.tally import Written, tallying
from tests.contract.test_memory_subscription import MemoryWorld
from tests.waiting import until

POISONS = 25
INSISTING_S = sum(PAUSE_S * 2**n for n in range(RETRIES_MAX - 1))
AT_ONCE = [(f"{kind}{n}", f"cns_{kind}{n}") for n in range(POISONS) for kind in ("bad", "good")]


class Tried:
    """A reader that cannot cope with what is called bad, nor read what is called odd."""

    def __init__(self, world: MemoryWorld, **options: Any) -> None:
        self.counts: Counter[str] = Counter()
        self.world = world
        self.reader: Subscription = subscribe(world, reaction(Written, self._react), **options)

    def _react(self, written: Written, envelope: Envelope) -> Sequence[Issue]:
        self.counts[written.reference] += 1
        if written.reference.startswith("odd"):
            raise codec.UnreadableEvent(written.reference)
        if written.reference.startswith("bad"):
            raise Poison(written.reference)
        return tally_it(written, envelope)

    async def attempts(self) -> list[int]:
        """Return how often each parked event was tried by itself, in order."""
        return [each.failure.attempts for each in self.world.queue().parked]


class Parted(Wrapped):
    """A feed whose events are spread over partitions by their stream."""

    PARTITIONS = tuple("01234")

    async def partitions(self) -> tuple[str, ...]:
        return self.PARTITIONS

    async def all_partitions(self) -> tuple[str, ...]:
        return self.PARTITIONS

    async def page(self, partition: str, after: Position, limit: int) -> Page:
        page = await self._feed.page("0", after, limit)
        return replace(page, events=tuple(each for each in page.events if _is_in(partition, each)))


def _is_in(partition: str, envelope: Envelope) -> bool:
    return sum(envelope.stream.encode()) % len(Parted.PARTITIONS) == int(partition)


def elapsed_s(scenario: Callable[[MemoryWorld], Awaitable[None]]) -> float:
    """Run a scenario, and return how many virtual seconds it paused in all."""

    async def main(loop: simulation.VirtualLoop) -> float:
        await scenario(MemoryWorld())
        return loop.time()

    return simulation.run(main)


class TestManyThatFailAtOnce:
    def test_leave_permits_half_of_the_time_that_facts_may_be_old(self) -> None:
        assert INSISTED_MAX * INSISTING_S < STALENESS_BOUND_S / 2

    def test_hold_a_page_up_no_longer_than_the_few_that_are_insisted_on(self) -> None:
        async def scenario(world: MemoryWorld) -> None:
            await write(world, *AT_ONCE)
            tried = Tried(world)
            assert await tried.reader.step() == 2 * POISONS
            insisted = [RETRIES_MAX] * INSISTED_MAX
            assert await tried.attempts() == insisted + [1] * (POISONS - INSISTED_MAX)
            halvings = (2 * POISONS).bit_length()
            tries = sum(tried.counts.values())
            assert tries <= 2 * POISONS * halvings + INSISTED_MAX * RETRIES_MAX

        assert elapsed_s(scenario) <= INSISTED_MAX * INSISTING_S + 0.01

    def test_are_all_parked_and_everything_else_is_handled_once(self) -> None:
        async def scenario(world: MemoryWorld) -> None:
            await write(world, *AT_ONCE, ("behind", "cns_bad7"), ("after", "cns_good7"))
            await drain(Tried(world).reader)
            handled = [reference for reference, _ in AT_ONCE if reference.startswith("good")]
            assert await world.tallied("agy_1") == [*handled, "after"]
            assert await world.parked("agy_1") == [
                *((f"cns_bad{n}", f"bad{n}", "Poison") for n in range(POISONS)),
                ("cns_bad7", "behind", BEHIND),
            ]

        elapsed_s(scenario)

    def test_hold_all_partitions_up_no_longer_than_one(self) -> None:
        async def scenario(world: MemoryWorld) -> None:
            await write(world, *AT_ONCE)

            async def change(page: Page) -> Page:
                return page

            tried = Tried(world, feed=Parted(world.feed(), change))
            run = asyncio.create_task(tried.reader.run())

            async def all_are_parked() -> bool:
                return len(await tried.attempts()) == POISONS

            await until(all_are_parked)
            run.cancel()
            in_vain = Counter(await tried.attempts())
            assert in_vain == {RETRIES_MAX: INSISTED_MAX, 1: POISONS - INSISTED_MAX}

        assert elapsed_s(scenario) <= INSISTED_MAX * INSISTING_S + 0.05

    def test_are_insisted_on_again_in_the_next_page(self) -> None:
        async def scenario(world: MemoryWorld) -> None:
            await write(world, *AT_ONCE)
            tried = Tried(world)
            await tried.reader.step()
            await write(world, ("bad-later", "cns_later"))
            await tried.reader.step()
            assert (await tried.attempts())[-1] == RETRIES_MAX

        elapsed_s(scenario)

    def test_do_not_have_one_parked_that_only_met_another_writer(self) -> None:
        async def scenario(world: MemoryWorld) -> None:
            context = Context(
                tenant="agy_1", metadata=Metadata(actor="key_test", correlation_id="c-8")
            )
            moves = iter(range(20))

            async def rival() -> None:
                for n in moves:
                    await world.target.transact(context, [tallying(f"x{n}", "tally-cns_last")])
                    return

            poisons = [each for each in AT_ONCE if each[0].startswith("bad")]
            await write(world, *poisons, ("last", "cns_last"))
            reader = Tried(world, effects=world.effects(meanwhile=rival)).reader
            run = asyncio.create_task(reader.run())

            async def all_is_done() -> bool:
                return "last" in await world.tallied("agy_1")

            await until(all_is_done, 60.0)
            run.cancel()
            assert len(await world.parked("agy_1")) == POISONS
            assert len(await world.tallied("agy_1")) == 21

        elapsed_s(scenario)


class TestWhatTryingAgainCannotChange:
    def test_bytes_that_do_not_decode_are_parked_at_the_first_try(self) -> None:
        async def scenario(world: MemoryWorld) -> None:
            await write(world, *AT_ONCE)
            await drain(subscribe(world, reaction(Demanding, lambda demanding, envelope: [])))
            assert {error for _, _, error in await world.parked("agy_1")} == {"UnreadableEvent"}
            assert [each.failure.attempts for each in world.queue().parked] == [1] * 2 * POISONS

        assert elapsed_s(scenario) == 0

    def test_a_version_that_is_not_known_is_parked_at_the_first_try(self) -> None:
        async def scenario(world: MemoryWorld) -> None:
            await write(world, *AT_ONCE)
            await drain(subscribe(world, reaction(WrittenSince, lambda since, envelope: [])))
            assert {error for _, _, error in await world.parked("agy_1")} == {"UnknownVersion"}
            assert [each.failure.attempts for each in world.queue().parked] == [1] * 2 * POISONS

        assert elapsed_s(scenario) == 0

    def test_it_leaves_the_patience_to_what_it_can_change(self) -> None:
        async def scenario(world: MemoryWorld) -> None:
            odd = [(f"odd{n}", f"cns_odd{n}") for n in range(INSISTED_MAX)]
            await write(world, *odd, ("bad", "cns_bad"))
            tried = Tried(world)
            await drain(tried.reader)
            assert await tried.attempts() == [1] * INSISTED_MAX + [RETRIES_MAX]

        elapsed_s(scenario)
