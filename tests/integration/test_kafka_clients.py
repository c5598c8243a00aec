"""What our clients do when the group, the leader or a coordinator lets them down."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import TopicPartition

from shared.eventstore.store import StoreUnavailable
from shared.messaging.feed import START, Position
from shared.messaging.kafka import records
from shared.messaging.kafka.clients import Producer
from shared.messaging.kafka.configs import RECORD_BYTES_MAX
from shared.messaging.kafka.connection import topic_of
from shared.messaging.kafka.feed import KafkaFeed
from shared.messaging.kafka.reader import NotOurs, Reader
from shared.messaging.kafka.records import Publication
from shared.messaging.kafka.sender import Letter, RecordTooLarge, Sender
from shared.telemetry.attributes import LOG_KEYS
from tests.kafka.mock import Api, MockCluster, mock_cluster
from tests.waiting import until

TOPIC = topic_of("ledger")
GROUP = "readers"
LEADER_NOT_AVAILABLE, NOT_LEADER, REBALANCING, GROUP_FORBIDDEN = 5, 6, 27, 30
AWAY_S = 2.0
SHORT_MS = 1_000
REQUESTS_MAX = 200  # in two seconds; unbridled there are ten thousand
REJOIN_S = 60.0
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PUBLICATION = Publication(epoch="one", number=1, after=-1)


@pytest.fixture
def cluster() -> Iterator[MockCluster]:
    with mock_cluster(1) as made:
        made.make_topic(TOPIC, 1)
        yield made


@pytest.fixture
async def sender(cluster: MockCluster) -> AsyncIterator[Sender]:
    made = Sender(cluster.brokers, TOPIC)
    await made.start()
    await made.send([Letter(partition=0, headers=records.beginning(PUBLICATION))])
    yield made
    await made.stop()


@pytest.fixture
async def feed(cluster: MockCluster) -> AsyncIterator[KafkaFeed]:
    made = KafkaFeed("ledger", cluster.brokers, GROUP)
    yield made
    await made.close()


@asynccontextmanager
async def reading(cluster: MockCluster) -> AsyncIterator[Reader]:
    reader = Reader(cluster.brokers, TOPIC, GROUP)
    try:
        await reader.start()
        yield reader
    finally:
        await reader.stop()


def mark(minute: int) -> Letter:
    headers = records.watermark(PUBLICATION, NOON + timedelta(minutes=minute))
    return Letter(partition=0, headers=headers)


async def fresh(feed: KafkaFeed, after: Position, minute: int) -> Position:
    """Read on from a position until the mark of a minute has come."""
    upto = [after]

    async def has_come() -> bool:
        if "0" not in await feed.partitions():
            await feed.wait(0.1)
            return False
        page = await feed.page("0", upto[0], 100)
        upto[0] = page.upto
        return page.fresh_as_of == NOON + timedelta(minutes=minute)

    await until(has_come, REJOIN_S)
    return upto[0]


class TestHeldPartitions:
    async def test_a_partition_stands_still_until_somebody_seeks_in_it(
        self, cluster: MockCluster, sender: Sender
    ) -> None:
        async with reading(cluster) as reader:
            assert reader.assigned == (0,)
            assert reader.is_held(0)
            assert await reader.fetch([0], 10, 0.5) == []
            reader.seek(0, 0)
            assert not reader.is_held(0)
            assert [each.offset for each in await reader.fetch([0], 10, 30.0)] == [0]

    async def test_after_a_rebalance_it_is_held_again_and_read_on_where_it_was(
        self, cluster: MockCluster, sender: Sender, feed: KafkaFeed
    ) -> None:
        await sender.send([mark(1)])
        upto = await fresh(feed, START, 1)
        joins = cluster.requests()[Api.JOIN_GROUP]
        cluster.fail(Api.HEARTBEAT, [REBALANCING])

        async def has_rejoined() -> bool:
            await feed.wait(0.1)
            return cluster.requests()[Api.JOIN_GROUP] > joins and "0" in await feed.partitions()

        await until(has_rejoined, REJOIN_S)
        page = await feed.page("0", upto, 100)
        assert (page.upto, page.fresh_as_of) == (upto, None)
        await sender.send([mark(2)])
        behind = await fresh(feed, upto, 2)
        assert behind == Position(transaction_id=1, position=upto.position + 1)

    async def test_what_was_taken_away_is_nobodys_to_read(
        self, cluster: MockCluster, sender: Sender
    ) -> None:
        async with reading(cluster) as reader:
            await reader.on_partitions_revoked([TopicPartition(TOPIC, 0)])
            with pytest.raises(NotOurs):
                await reader.fetch([0], 10, 0.1)
            with pytest.raises(NotOurs):
                reader.seek(0, 0)


class TestFailedRejoin:
    async def test_it_is_told_and_another_reader_goes_on(
        self, cluster: MockCluster, sender: Sender, feed: KafkaFeed
    ) -> None:
        await sender.send([mark(1)])
        upto = await fresh(feed, START, 1)
        cluster.fail(Api.JOIN_GROUP, [GROUP_FORBIDDEN])
        cluster.fail(Api.HEARTBEAT, [REBALANCING])
        with pytest.raises(StoreUnavailable):  # noqa: PT012 - whichever call meets it
            async with asyncio.timeout(REJOIN_S):
                while True:
                    await feed.partitions()
                    await feed.wait(0.1)
        await sender.send([mark(2)])
        behind = await fresh(feed, upto, 2)
        assert behind.position == upto.position + 1


class TestNoLeader:
    async def test_the_producer_asks_for_one_at_a_bounded_rate(
        self, cluster: MockCluster, sender: Sender
    ) -> None:
        cluster.fail_topic(TOPIC, LEADER_NOT_AVAILABLE)
        cluster.fail(Api.PRODUCE, [NOT_LEADER])
        asked = cluster.requests()[Api.METADATA]
        sending = asyncio.create_task(sender.send([mark(1)]))
        await asyncio.sleep(AWAY_S)
        assert 1 < cluster.requests()[Api.METADATA] - asked < REQUESTS_MAX
        cluster.fail_topic(TOPIC, 0)
        assert await sending == {0: (1, 1)}

    async def test_so_does_the_consumer(self, cluster: MockCluster, sender: Sender) -> None:
        async with reading(cluster) as reader:
            reader.seek(0, 0)
            await reader.fetch([0], 10, 30.0)
            cluster.fail_topic(TOPIC, LEADER_NOT_AVAILABLE)
            cluster.fail(Api.FETCH, [NOT_LEADER])
            asked = cluster.requests()[Api.METADATA]
            await asyncio.sleep(AWAY_S)
            assert 1 < cluster.requests()[Api.METADATA] - asked < REQUESTS_MAX
            cluster.fail_topic(TOPIC, 0)

    async def test_the_producer_gives_no_batch_up_however_long_it_is_away(
        self, cluster: MockCluster
    ) -> None:
        """Else what stands behind it would be sent without it, once there is a leader."""
        options = {**cluster.brokers.options(), "request_timeout_ms": SHORT_MS}
        producer = Producer(acks="all", enable_idempotence=True, **options)
        await producer.start()
        await producer.send_and_wait(TOPIC, b"before", partition=0)
        cluster.set_round_trip(1, SHORT_MS // 2)
        cluster.fail_topic(TOPIC, LEADER_NOT_AVAILABLE)
        cluster.fail(Api.PRODUCE, [NOT_LEADER])
        sendings = [await producer.send(TOPIC, b"first", partition=0)]
        await asyncio.sleep(SHORT_MS / 4000)
        sendings.append(await producer.send(TOPIC, b"second", partition=0))
        await asyncio.sleep(3 * SHORT_MS / 1000)
        cluster.set_round_trip(1, 0)
        cluster.fail_topic(TOPIC, 0)
        assert [each.offset for each in await asyncio.gather(*sendings)] == [1, 2]
        await producer.stop()
        async with reading(cluster) as reader:
            reader.seek(0, 0)
            found: list[bytes] = []
            while len(found) < 3:
                found += [each.value for each in await reader.fetch([0], 10, 30.0)]
            assert found == [b"before", b"first", b"second"]


class TestTooLargeARecord:
    async def test_it_is_named_and_never_passed_over(self, sender: Sender) -> None:
        headers = [("ce_id", b"evt_large"), *records.beginning(PUBLICATION)]
        large = Letter(partition=0, headers=headers, value=b"x" * RECORD_BYTES_MAX)
        with pytest.raises(RecordTooLarge, match="evt_large.*max.message.bytes") as raised:
            await sender.send([mark(1), large])
        assert vars(raised.value) == {
            "topic": TOPIC,
            "partition": 0,
            "event_id": "evt_large",
            "size_bytes": RECORD_BYTES_MAX,
        }
        assert vars(raised.value).keys() <= LOG_KEYS


class TestABrokerThatIsAway:
    async def test_a_consumer_is_let_go_of_and_closes_by_itself(
        self, cluster: MockCluster, sender: Sender
    ) -> None:
        reader = Reader(cluster.brokers, TOPIC, GROUP)
        await reader.start()
        cluster.set_round_trip(1, 7_000)
        await reader.stop()
        closing = [each for each in asyncio.all_tasks() if each.get_name() == "closing-consumer"]
        assert len(closing) == 1
        cluster.set_round_trip(1, 0)
        await asyncio.wait_for(closing[0], REJOIN_S)
