"""What every pair of subscription and effect store must do: exactly-once effect.

Adapter test modules subclass this and give a `World`: a source to write to, its feed, and the
place where effects land. The tally on the other side has no memory of references, so an effect
that happened twice shows.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import pytest
import sqlalchemy as sa
from sqlalchemy.sql import Executable

from shared.eventstore.store import Metadata, Reading, StoreUnavailable
from shared.eventstore.transact import Context, Issue, Transactor
from shared.kernel.errors import ConcurrencyConflict
from shared.kernel.records import event, replace
from shared.messaging.effects import Deposed, EffectStore, StoreReplaced, Taken
from shared.messaging.feed import START, Envelope, Feed, Page, Position
from shared.messaging.parking import ParkedEvents
from shared.messaging.subscription import Handler, Subscription, projection, reaction
from tests.contract.tally import Written, note, tallying
from tests.waiting import until

NAME = "test-notes"
IDLE_S = 0.1
NOTED = sa.Table(
    "noted", sa.MetaData(), sa.Column("tenant_id", sa.Text), sa.Column("reference", sa.Text)
)

Archive = Callable[[Any, str, Sequence[Envelope]], Awaitable[None]]


Rival = Callable[[], Awaitable[None]]


class World(Protocol):
    """Source and target of a subscription, and what became of it."""

    source: Transactor
    target: Transactor

    def now(self) -> datetime: ...

    def feed(self) -> Feed: ...

    async def arrival(self) -> None:
        """Wait until a new look at the feed finds all that was written."""

    def outcome(self) -> Feed: ...

    def effects(
        self, archive: Archive | None = None, meanwhile: Rival | None = None
    ) -> EffectStore: ...

    async def tallied(self, tenant: str) -> list[str]: ...

    async def projected(self, tenant: str) -> list[str]: ...

    async def parked(self, tenant: str) -> list[tuple[str, str, str]]: ...

    def queue(self) -> ParkedEvents: ...

    async def order(self, action: str, reference: str) -> None: ...

    async def attempts(self, reference: str) -> int: ...

    async def replace_source(self) -> None: ...


class Rivaled:
    """A store that gives a rival its chance after every reading."""

    def __init__(self, store: Any, rival: Rival) -> None:
        self._store = store
        self._rival = rival

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def load(self, *arguments: Any, **options: Any) -> Reading:
        reading: Reading = await self._store.load(*arguments, **options)
        await self._rival()
        return reading


@event("forbear.test.written.v1")
class Demanding:
    """Asks for a field that is not there."""

    missing: int


class Poison(Exception):
    """A handler that cannot cope."""


async def write(world: World, *notes: tuple[str, ...], tenant: str = "agy_1") -> None:
    """Write notes at the source; each is a reference and the consumers it is about."""
    context = Context(tenant=tenant, metadata=Metadata(actor="key_test", correlation_id="c-7"))
    for reference, *consumers in notes:
        stream = f"note-{consumers[0]}" if consumers else "note-none"
        await world.source.transact(context, [note(reference, *consumers, stream=stream)])
    await world.arrival()


def tally_it(written: Written, envelope: Envelope) -> Sequence[Issue]:
    return [tallying(written.reference, f"tally-{written.consumer_ids[0]}")]


def project_it(written: Written, envelope: Envelope) -> Sequence[Executable]:
    return [NOTED.insert().values(tenant_id=envelope.tenant, reference=written.reference)]


def poisoned(*references: str) -> Callable[[Written, Envelope], Sequence[Issue]]:
    def react(written: Written, envelope: Envelope) -> Sequence[Issue]:
        if written.reference in references:
            raise Poison(written.reference)
        return tally_it(written, envelope)

    return react


def subscribe(
    world: World,
    *handlers: Handler,
    feed: Feed | None = None,
    effects: EffectStore | None = None,
    page_size_max: int = 200,
) -> Subscription:
    """Return a fresh reader, as after a restart."""
    return Subscription(
        NAME,
        feed or world.feed(),
        effects or world.effects(),
        handlers or (reaction(Written, tally_it), projection(Written, project_it)),
        page_size_max=page_size_max,
    )


async def freshness(world: World) -> datetime | None:
    """Return the watermark that a decision on the other side would see."""
    return (await world.target.store.load("agy_1", [], parked_key="cns_1")).watermarks.get(NAME)


async def fresher(world: World, reader: Subscription, than: datetime) -> datetime:
    """Read on until the watermark has passed an instant, and return it."""

    async def has_passed() -> bool:
        await drain(reader)
        await reader.feed.wait(IDLE_S)
        return (await freshness(world) or than) > than

    await until(has_passed)
    found = await freshness(world)
    assert found is not None
    return found


async def drain(subscription: Subscription) -> None:
    """Take pages until none is left, then the empty one that marks freshness."""
    while await subscription.step():
        pass


class Wrapped:
    """A feed with a change to every page."""

    def __init__(self, feed: Feed, change: Callable[[Page], Awaitable[Page]]) -> None:
        self.source = feed.source
        self._feed = feed
        self._change = change

    async def partitions(self) -> tuple[str, ...]:
        return await self._feed.partitions()

    async def all_partitions(self) -> tuple[str, ...]:
        return await self._feed.all_partitions()

    async def close(self) -> None:
        await self._feed.close()

    async def page(self, partition: str, after: Position, limit: int) -> Page:
        return await self._change(await self._feed.page(partition, after, limit))

    async def behind(self, positions: Mapping[str, Position]) -> int:
        return await self._feed.behind(positions)

    async def wait(self, timeout_s: float) -> None:
        await self._feed.wait(min(timeout_s, 0.01))


def doubled(feed: Feed) -> Feed:
    """Deliver every event twice in its page, as a relay that resends does."""

    async def change(page: Page) -> Page:
        events = tuple(twin for each in page.events for twin in (each, each))
        return replace(page, events=events)

    return Wrapped(feed, change)


class Interrupted:
    """An effect store whose process ends after, or just before, the n-th commit."""

    def __init__(self, effects: EffectStore, crash_at: int, *, is_written: bool) -> None:
        self._effects = effects
        self._crash_at = crash_at
        self._is_written = is_written
        self._commits = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._effects, name)

    async def commit(
        self, taken: Taken, effects: Any, upto: Position, fresh_as_of: datetime | None
    ) -> Taken:
        self._commits += 1
        if self._commits == self._crash_at and not self._is_written:
            raise StoreUnavailable("ended before the commit")
        moved = await self._effects.commit(taken, effects, upto, fresh_as_of)
        if self._commits == self._crash_at:
            raise StoreUnavailable("ended after the commit")
        return moved


NOTES = [(f"r{n}", f"cns_{n % 4}") for n in range(30)]
REFERENCES = sorted(reference for reference, _ in NOTES)


class SubscriptionContract:
    """Subclasses provide the fixture `world`."""

    async def test_every_event_takes_effect_once(self, world: World) -> None:
        await write(world, *NOTES)
        await drain(subscribe(world))
        assert sorted(await world.tallied("agy_1")) == REFERENCES
        assert sorted(await world.projected("agy_1")) == REFERENCES
        await drain(subscribe(world))  # after a restart there is nothing to do
        assert sorted(await world.tallied("agy_1")) == REFERENCES

    @pytest.mark.parametrize("page_size", [1, 3, 200])
    async def test_events_of_several_tenants_stay_with_their_own(
        self, world: World, page_size: int
    ) -> None:
        for n in range(8):
            await write(world, (f"r{n}", "cns_1"), tenant=f"agy_{n % 2}")
        await drain(subscribe(world, page_size_max=page_size))
        assert await world.tallied("agy_0") == ["r0", "r2", "r4", "r6"]
        assert await world.projected("agy_1") == ["r1", "r3", "r5", "r7"]

    async def test_effects_carry_their_cause(self, world: World) -> None:
        await write(world, ("r", "cns_1"))
        seen: list[Envelope] = []

        async def archive(connection: Any, tenant: str, events: Sequence[Envelope]) -> None:
            seen.extend(events)

        await drain(subscribe(world, effects=world.effects(archive)))
        (cause,) = seen
        assert cause.type == "forbear.test.written.v1"
        (effect,) = (await world.outcome().page("0", START, 10)).events
        assert effect.type == "forbear.test.tallied.v1"
        assert effect.metadata == Metadata(
            actor=f"process:{NAME}", correlation_id="c-7", causation_id=cause.event_id
        )

    @pytest.mark.parametrize("page_size", [1, 2, 200])
    async def test_a_redelivered_event_takes_no_second_effect(
        self, world: World, page_size: int
    ) -> None:
        await write(world, *NOTES)
        feed = doubled(world.feed())
        await drain(subscribe(world, feed=feed, page_size_max=page_size))
        assert sorted(await world.tallied("agy_1")) == REFERENCES
        assert sorted(await world.projected("agy_1")) == REFERENCES

    @pytest.mark.parametrize("is_written", [True, False], ids=["after", "before"])
    @pytest.mark.parametrize("crash_at", [1, 2, 5])
    async def test_an_answer_lost_around_a_commit_loses_and_doubles_nothing(
        self, world: World, crash_at: int, is_written: bool
    ) -> None:
        await write(world, *NOTES)
        effects = Interrupted(world.effects(), crash_at, is_written=is_written)
        subscription = subscribe(world, effects=effects, page_size_max=3)
        with pytest.raises(StoreUnavailable):
            await drain(subscription)
        await drain(subscribe(world, page_size_max=4))
        assert sorted(await world.tallied("agy_1")) == REFERENCES
        assert sorted(await world.projected("agy_1")) == REFERENCES

    async def test_a_crash_after_the_effects_and_before_the_checkpoint_writes_nothing(
        self, world: World
    ) -> None:
        await write(world, *NOTES)

        async def archive(connection: Any, tenant: str, events: Sequence[Envelope]) -> None:
            raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await subscribe(world, effects=world.effects(archive)).step()
        assert await world.tallied("agy_1") == []
        assert await world.projected("agy_1") == []
        await drain(subscribe(world))
        assert sorted(await world.tallied("agy_1")) == REFERENCES

    async def test_being_stopped_anywhere_loses_and_doubles_nothing(self, world: World) -> None:
        await write(world, *NOTES)
        stops = 0
        for turns in range(1, 400):
            if len(await world.tallied("agy_1")) == len(NOTES):
                break
            task = asyncio.create_task(subscribe(world, page_size_max=5).run())
            for _ in range(turns):  # each turn of the loop is one more step of the reader
                await asyncio.sleep(0)
            if turns % 7 == 0:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            stops += 1
        await drain(subscribe(world))
        assert sorted(await world.tallied("agy_1")) == REFERENCES
        assert sorted(await world.projected("agy_1")) == REFERENCES
        assert stops

    async def test_a_stream_that_moves_meanwhile_is_decided_on_again(self, world: World) -> None:
        await write(world, *NOTES)
        context = Context(tenant="agy_1", metadata=Metadata(actor="key_test", correlation_id="c-8"))
        rivals: list[str] = []

        async def rival() -> None:
            """Append to a stream of the page between its reading and its commit."""
            if len(rivals) < 5:
                rivals.append(f"x{len(rivals)}")
                await world.target.transact(context, [tallying(rivals[-1], "tally-cns_1")])

        await drain(subscribe(world, effects=world.effects(meanwhile=rival)))
        assert sorted(await world.tallied("agy_1")) == sorted([*REFERENCES, *rivals])
        assert len(rivals) == 5
        assert await world.parked("agy_1") == []

    async def test_an_event_is_never_parked_for_a_stream_that_keeps_moving(
        self, world: World
    ) -> None:
        await write(world, ("a", "cns_1"))
        context = Context(tenant="agy_1", metadata=Metadata(actor="key_test", correlation_id="c-8"))
        moves = iter(range(15))

        async def rival() -> None:
            for n in moves:
                await world.target.transact(context, [tallying(f"x{n}", "tally-cns_1")])
                return

        with pytest.raises(ConcurrencyConflict):
            await drain(subscribe(world, effects=world.effects(meanwhile=rival)))
        await drain(subscribe(world, effects=world.effects(meanwhile=rival)))
        assert (await world.tallied("agy_1"))[-1] == "a"
        assert await world.parked("agy_1") == []

    async def test_a_reader_thought_dead_comes_back_and_writes_nothing(self, world: World) -> None:
        await write(world, *NOTES)
        successor = subscribe(world, page_size_max=7)
        interludes = iter([successor.step])

        async def change(page: Page) -> Page:
            for step in interludes:
                await step()
            return page

        zombie = subscribe(world, feed=Wrapped(world.feed(), change), page_size_max=10)
        with pytest.raises(Deposed):
            await zombie.step()
        assert len(await world.tallied("agy_1")) == 7
        await drain(zombie)
        assert sorted(await world.tallied("agy_1")) == REFERENCES

    async def test_a_zombie_vouches_for_no_freshness(self, world: World) -> None:
        await drain(subscribe(world))

        async def change(page: Page) -> Page:
            if page.fresh_as_of is not None and not page.events:
                await write(world, ("late", "cns_1"))
                await subscribe(world).step()
            return page

        zombie = subscribe(world, feed=Wrapped(world.feed(), change))

        async def has_vouched() -> bool:
            await zombie.step()
            await zombie.feed.wait(IDLE_S)
            return False

        with pytest.raises(Deposed):
            await until(has_vouched)

    async def test_two_processes_with_one_subscription_do_everything_once(
        self, world: World
    ) -> None:
        readers = [asyncio.create_task(subscribe(world, page_size_max=3).run()) for _ in range(2)]
        for start in range(0, len(NOTES), 10):
            await write(world, *NOTES[start : start + 10])
            await asyncio.sleep(0.02)

        async def all_is_done() -> bool:
            return len(await world.tallied("agy_1")) >= len(NOTES)

        await until(all_is_done)
        await asyncio.sleep(0.1)
        for reader in readers:
            reader.cancel()
        ends = await asyncio.gather(*readers, return_exceptions=True)
        assert all(isinstance(end, asyncio.CancelledError) for end in ends)
        assert sorted(await world.tallied("agy_1")) == REFERENCES
        assert sorted(await world.projected("agy_1")) == REFERENCES

    async def test_a_poisonous_event_is_parked_and_its_consumers_later_events_behind_it(
        self, world: World
    ) -> None:
        await write(
            world,
            ("a", "cns_1"),
            ("poison", "cns_1"),
            ("b", "cns_2"),
            ("behind", "cns_1"),
            ("c", "cns_3"),
            ("drawn-in", "cns_2", "cns_1"),  # about both, so it waits, and cns_2 waits with it
            ("behind-that", "cns_2"),
            ("d", "cns_3"),
        )
        subscription = subscribe(world, reaction(Written, poisoned("poison")))
        await drain(subscription)
        assert await world.tallied("agy_1") == ["a", "b", "c", "d"]
        assert await world.parked("agy_1") == [
            ("cns_1", "poison", "Poison"),
            ("cns_1", "behind", "behind-a-parked-event"),
            ("cns_1", "drawn-in", "behind-a-parked-event"),
            ("cns_2", "drawn-in", "behind-a-parked-event"),
            ("cns_2", "behind-that", "behind-a-parked-event"),
        ]
        await write(world, ("still-behind", "cns_1"), ("e", "cns_3"))
        await drain(subscribe(world, reaction(Written, poisoned())))  # repaired; still in order
        assert await world.tallied("agy_1") == ["a", "b", "c", "d", "e"]
        reading = await world.target.store.load("agy_1", [], parked_key="cns_1")
        assert reading.parked == (NAME,)
        assert (await world.target.store.load("agy_1", [], parked_key="cns_3")).parked == ()
        assert (await world.target.store.load("agy_2", [], parked_key="cns_1")).parked == ()

    async def test_an_unreadable_event_is_parked(self, world: World) -> None:
        await write(world, ("r", "cns_1"))

        def react(demanding: Demanding, envelope: Envelope) -> Sequence[Issue]:
            return []

        await drain(subscribe(world, reaction(Demanding, react)))
        assert await world.parked("agy_1") == [("cns_1", "r", "UnreadableEvent")]

    async def test_freshness_advances_only_when_everything_is_applied(self, world: World) -> None:
        subscription = subscribe(world, page_size_max=10)
        assert await freshness(world) is None
        written_by: dict[str, datetime] = {}
        for each in NOTES:
            await write(world, each)
            written_by[each[0]] = world.now()
        for _ in range(2):
            assert await subscription.step() == 10
            missing = written_by.keys() - await world.tallied("agy_1")
            fresh_as_of = await freshness(world)
            if fresh_as_of is not None:
                assert fresh_as_of <= min(written_by[each] for each in missing)
        assert await fresher(world, subscription, max(written_by.values())) <= world.now()

    async def test_a_page_taken_in_parts_is_vouched_for_by_the_last(self, world: World) -> None:
        await write(world, ("a", "cns_1"), ("poison", "cns_2"))
        effects = Interrupted(world.effects(), 3, is_written=False)  # whole, first half, second
        reader = subscribe(world, reaction(Written, poisoned("poison")), effects=effects)
        with pytest.raises(StoreUnavailable):
            await reader.step()
        assert await world.tallied("agy_1") == ["a"]
        assert await freshness(world) is None

    async def test_a_page_that_ends_with_a_parked_event_is_vouched_for(self, world: World) -> None:
        """Its consumer is vetoed; a stream of poison must not make the facts stale for all."""
        await write(world, ("a", "cns_1"), ("poison", "cns_2"))
        await subscribe(world, reaction(Written, poisoned("poison"))).step()
        assert [each[1] for each in await world.parked("agy_1")] == ["poison"]
        assert await freshness(world) is not None

    async def test_an_idle_reader_stays_fresh(self, world: World) -> None:
        subscription = subscribe(world)
        first = await fresher(world, subscription, world.now())
        await fresher(world, subscription, first)

    async def test_events_that_nobody_handles_only_move_the_checkpoint(self, world: World) -> None:
        await write(world, *[(f"o{n}",) for n in range(5)])
        await drain(subscribe(world))
        assert await world.tallied("agy_1") == []
        taken = await world.effects().take_up(NAME, "0")
        page = await world.feed().page("0", taken.position, 10)
        assert page.events == ()

    async def test_another_store_behind_the_feed_stops_the_subscription(self, world: World) -> None:
        await write(world, ("r", "cns_1"))
        await drain(subscribe(world))
        await world.replace_source()
        with pytest.raises(StoreReplaced):
            await subscribe(world).step()
        with pytest.raises(StoreReplaced):
            await asyncio.wait_for(subscribe(world).run(), 5)
        assert await world.tallied("agy_1") == ["r"]
