"""What every feed must do. Adapter test modules subclass this and give a feed and its source.

Written for any number of partitions and for transports that take a moment: what was appended must
come, in stream order, within `ARRIVAL_S`.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest

from shared.eventstore import codec
from shared.eventstore.store import Metadata
from shared.eventstore.transact import Context, Transactor
from shared.kernel.clock import SystemClock
from shared.messaging.feed import START, Bell, Envelope, Feed, Position
from tests.contract.tally import Written, note
from tests.waiting import until

Ring = Callable[[], Awaitable[None]]

ARRIVAL_S = 60.0
SOON_S = 10.0
METADATA = Metadata(actor="key_test", correlation_id="c-1", traceparent=None)


async def write(
    run: Transactor, count: int, *, tenant: str = "agy_1", streams: int = 3, prefix: str = "r"
) -> None:
    """Append notes, one transaction each, over a few streams."""
    context = Context(tenant=tenant, metadata=METADATA)
    for n in range(count):
        stream = f"note-{n % streams}"
        await run.transact(context, [note(f"{prefix}{n}", f"cns_{n % streams}", stream=stream)])


async def read(feed: Feed, count: int, page_size: int) -> list[Envelope]:
    """Read from the start until that many events have come, and once more."""
    delivered: list[Envelope] = []
    positions: defaultdict[str, Position] = defaultdict(lambda: START)
    end = time.monotonic() + ARRIVAL_S
    while time.monotonic() < end:
        news = 0
        for partition in await feed.partitions():
            page = await feed.page(partition, positions[partition], page_size)
            assert len(page.events) <= page_size
            delivered += page.events
            news += len(page.events)
            positions[partition] = page.upto
        if not news and len(delivered) >= count:
            break
        if not news:
            await feed.wait(0.05)
    return delivered


async def arrival(feed: Feed) -> None:
    """Wait until the feed vouches for all that has been appended.

    A transaction of anybody else on the same server may hold it back.
    """
    appended_by = SystemClock().now()
    for partition in await feed.partitions():

        async def is_vouched_for(partition: str = partition) -> bool:
            fresh_as_of = (await feed.page(partition, START, 10_000)).fresh_as_of
            return fresh_as_of is not None and fresh_as_of >= appended_by

        await until(is_vouched_for, ARRIVAL_S)


class FeedContract:
    """Subclasses provide the fixtures `run`, `feed`, `now` and the feed's `bell` or `ring`."""

    marks_meanwhile = 0
    """What may come behind the last event of a partition between two looks at it."""

    @pytest.fixture
    def ring(self, bell: Bell) -> Ring:
        async def ring() -> None:
            bell.ring()

        return ring

    @pytest.mark.parametrize("page_size", [1, 2, 7, 500])
    async def test_everything_comes_once_and_in_stream_order(
        self, run: Transactor, feed: Feed, page_size: int
    ) -> None:
        await write(run, 20)
        await write(run, 9, tenant="agy_2")
        delivered = await read(feed, 29, page_size)
        assert (len({each.event_id for each in delivered}), len(delivered)) == (29, 29)
        versions = defaultdict(list)
        for each in delivered:
            versions[each.tenant, each.stream].append(each.version)
        assert all(found == list(range(1, len(found) + 1)) for found in versions.values())
        assert len(versions) == 6

    async def test_an_event_arrives_as_it_was_stored(
        self, run: Transactor, feed: Feed, now: Callable[[], datetime]
    ) -> None:
        context = Context(tenant="agy_1", metadata=METADATA)
        outcome = await run.transact(context, [note("r", "cns_b", "cns_a", "cns_b")])
        (envelope,) = await read(feed, 1, 10)
        assert (envelope.tenant, envelope.stream, envelope.version) == ("agy_1", "note-1", 1)
        assert envelope.type == "forbear.test.written.v1"
        assert envelope.event_id.startswith("evt_")
        assert envelope.metadata == METADATA
        assert envelope.keys == ("cns_b", "cns_a")
        assert envelope.occurred_at == outcome.now
        assert envelope.occurred_at <= envelope.recorded_at <= now()
        assert envelope.data == (
            b'{"at":"%s","consumer_ids":["cns_b","cns_a","cns_b"],"reference":"r"}'
            % outcome.now.isoformat().replace("+00:00", "Z").encode()
        )
        assert envelope.source == feed.source

    async def test_reading_resumes_after_every_position(self, run: Transactor, feed: Feed) -> None:
        await write(run, 12)
        await read(feed, 12, 100)
        for partition in await feed.partitions():
            page = await feed.page(partition, START, 100)
            for n, event in enumerate(page.events, start=1):
                rest = await feed.page(partition, event.position, 100)
                assert rest.events == page.events[n:]
                assert rest.epoch == page.epoch

    async def test_what_is_appended_later_comes_later(self, run: Transactor, feed: Feed) -> None:
        await write(run, 4)
        before = await read(feed, 4, 3)
        await write(run, 4, prefix="later")
        after = await read(feed, 8, 3)
        assert {each.event_id for each in before} < {each.event_id for each in after}

    async def test_what_is_behind_is_counted(self, run: Transactor, feed: Feed) -> None:
        await write(run, 5)
        await read(feed, 5, 100)
        partitions = await feed.partitions()
        assert await feed.behind(dict.fromkeys(partitions, START)) >= 5
        assert await feed.behind({}) == 0

        async def nothing_is_behind_the_last() -> bool:
            pages = {each: await feed.page(each, START, 10_000) for each in partitions}
            positions = {each: page.upto for each, page in pages.items()}
            return await feed.behind(positions) <= self.marks_meanwhile * len(partitions)

        await until(nothing_is_behind_the_last, ARRIVAL_S)

    async def test_freshness_is_vouched_for_only_by_a_page_that_holds_everything_before_it(
        self, run: Transactor, feed: Feed, now: Callable[[], datetime]
    ) -> None:
        committed_by: dict[str, datetime] = {}
        for n in range(6):
            await write(run, 1, prefix=f"{n}-")
            committed_by[f"{n}-0"] = now()
        await read(feed, 6, 100)
        written_by = now()
        for partition in await feed.partitions():
            events = (await feed.page(partition, START, 100)).events
            for size in range(1, len(events)):
                fresh_as_of = (await feed.page(partition, START, size)).fresh_as_of
                missing = [codec.decode(Written, each.data).reference for each in events[size:]]
                if fresh_as_of is not None:
                    assert all(committed_by[each] >= fresh_as_of for each in missing)
            end = time.monotonic() + ARRIVAL_S
            fresh_as_of = None
            while fresh_as_of is None or fresh_as_of < written_by:
                assert time.monotonic() < end
                page = await feed.page(partition, START, 100)
                assert len(page.events) == len(events)
                fresh_as_of = page.fresh_as_of
            assert fresh_as_of <= now()

    async def test_a_reader_waits_until_the_bell_rings(self, feed: Feed, ring: Ring) -> None:
        positions = dict.fromkeys(await feed.partitions(), START)
        for _ in range(5):  # what is no event may wake a reader too
            for partition, position in positions.items():
                positions[partition] = (await feed.page(partition, position, 10)).upto
            waiting = asyncio.create_task(feed.wait(60.0))
            await asyncio.sleep(0.01)
            if not waiting.done():
                break
        assert not waiting.done()
        await ring()
        await asyncio.wait_for(waiting, SOON_S)

    async def test_a_ring_between_reading_and_waiting_is_not_lost(
        self, feed: Feed, ring: Ring
    ) -> None:
        for partition in await feed.partitions():
            await feed.page(partition, START, 10)
        await ring()
        await asyncio.wait_for(feed.wait(60.0), SOON_S)

    async def test_waiting_ends_by_itself(self, feed: Feed) -> None:
        for partition in await feed.partitions():
            await feed.page(partition, START, 10)
        await asyncio.wait_for(feed.wait(0.05), SOON_S)
