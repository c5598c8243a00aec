"""What stands before a gap is delivered; the look after that says that nothing leads on."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from shared.eventstore import codec
from shared.eventstore.store import Metadata
from shared.messaging.feed import START, Envelope, Position
from shared.messaging.kafka import records
from shared.messaging.kafka.connection import topic_of
from shared.messaging.kafka.feed import KafkaFeed, PositionLost
from shared.messaging.kafka.records import Publication
from shared.messaging.kafka.sender import Letter, Sender
from shared.telemetry.attributes import LOG_KEYS
from tests.kafka.mock import MockCluster, mock_cluster
from tests.waiting import until

TOPIC = topic_of("ledger")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIRST = Publication(epoch="one", number=1, after=-1)


def event(number: int, publication: Publication = FIRST) -> Letter:
    """Return an event, which comes again in every publication."""
    envelope = Envelope(
        source="ledger",
        position=START,
        tenant="agy_1",
        stream="note-1",
        version=number,
        event_id=f"evt_{number}",
        type="forbear.test.written.v1",
        data=b'{"consumer_ids":["cns_1"]}',
        metadata_bytes=codec.encode(Metadata(actor="key_1", correlation_id="c-1")),
        occurred_at=NOON,
        recorded_at=NOON,
    )
    headers = records.headers_of(envelope, publication)
    return Letter(partition=0, headers=headers, key=b"cns_1", value=envelope.data)


MARK = Letter(partition=0, headers=records.watermark(FIRST, NOON))
UNREADABLE = Letter(partition=0, headers=[("forbear-publication", b"1"), ("forbear-epoch", b"e")])
STRAY = event(9, Publication(epoch="one", number=1, after=99))
LEAP = event(9, Publication(epoch="one", number=2, after=0))
GAPS = {"unreadable": UNREADABLE, "stray": STRAY, "leap": LEAP}


@pytest.fixture
def cluster() -> Iterator[MockCluster]:
    with mock_cluster(1) as made:
        made.make_topic(TOPIC, 1)
        yield made


@pytest.fixture
async def sender(cluster: MockCluster) -> AsyncIterator[Sender]:
    made = Sender(cluster.brokers, TOPIC)
    await made.start()
    await made.send([Letter(partition=0, headers=records.beginning(FIRST)), event(1)])
    yield made
    await made.stop()


@pytest.fixture
async def feed(cluster: MockCluster, sender: Sender) -> AsyncIterator[KafkaFeed]:
    made = KafkaFeed("ledger", cluster.brokers, "readers")

    async def has_joined() -> bool:
        return await made.partitions() == ("0",)

    await until(has_joined)
    yield made
    await made.close()


async def ids(feed: KafkaFeed, after: Position, limit: int = 100) -> tuple[list[str], Position]:
    """Read on and return which events came, and where to read on then."""
    page = await feed.page("0", after, limit)
    return [each.event_id for each in page.events], page.upto


async def ids_once_led_on(feed: KafkaFeed, after: Position) -> tuple[list[str], Position]:
    """Read as a reader does that begins anew until what leads on has been fetched."""
    async with asyncio.timeout(60.0):
        while True:
            try:
                return await ids(feed, after)
            except PositionLost:
                await feed.wait(0.1)


@pytest.mark.parametrize("gap", GAPS.values(), ids=GAPS)
class TestAGap:
    @pytest.mark.parametrize("limit", [1, 2, 3, 100])
    async def test_what_stands_before_it_comes_first(
        self, feed: KafkaFeed, sender: Sender, gap: Letter, limit: int
    ) -> None:
        _, upto = await ids(feed, START)
        await sender.send([event(2), event(3), gap, event(4)])
        await feed.wait(30.0)
        seen: list[str] = []
        while len(seen) < 2:
            found, upto = await ids(feed, upto, limit)
            assert found == [f"evt_{2 + len(seen) + n}" for n in range(min(limit, 2 - len(seen)))]
            seen += found
        for _ in range(2):
            with pytest.raises(PositionLost) as raised:
                await ids(feed, upto, limit)
        assert vars(raised.value) == {
            "topic": TOPIC,
            "partition": 0,
            "publication": 1,
            "position": 4,
            "end_offset": 6,
        }
        assert vars(raised.value).keys() <= LOG_KEYS

    async def test_so_does_what_vouches_for_it(
        self, feed: KafkaFeed, sender: Sender, gap: Letter
    ) -> None:
        _, upto = await ids(feed, START)
        await sender.send([MARK, gap])
        await feed.wait(30.0)
        page = await feed.page("0", upto, 100)
        assert (page.events, page.fresh_as_of) == ((), NOON)
        with pytest.raises(PositionLost):
            await feed.page("0", page.upto, 100)

    async def test_a_later_publication_leads_on(
        self, feed: KafkaFeed, sender: Sender, gap: Letter
    ) -> None:
        _, upto = await ids(feed, START)
        await sender.send([event(2), gap])
        third = Publication(epoch="one", number=3, after=0)
        again = [event(each, third) for each in (1, 2, 3)]
        await sender.send([Letter(partition=0, headers=records.beginning(third)), *again])
        await feed.wait(30.0)
        found, upto = await ids(feed, upto)
        assert found == ["evt_2"]
        found, upto = await ids_once_led_on(feed, upto)
        assert found == ["evt_1", "evt_2", "evt_3"]
        assert upto.transaction_id == 3
