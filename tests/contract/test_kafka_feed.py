"""The feed over Kafka passes the contract, whatever happens to the topic."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, RecordsToDelete

from shared.eventstore.postgres import PostgresEventStore, open_pool
from shared.eventstore.transact import Transactor
from shared.kernel.clock import RandomIds, SystemClock
from shared.messaging.feed import START, Bell
from shared.messaging.kafka import topics
from shared.messaging.kafka.connection import Brokers, topic_of
from shared.messaging.kafka.feed import KafkaFeed, PositionLost
from shared.messaging.kafka.publications import Publications
from shared.messaging.kafka.relay import Relay, Repartitioned, Shard, Topic
from shared.messaging.lease import Lease
from shared.messaging.postgres import PostgresFeed
from shared.messaging.postgres_effects import PostgresEffects
from shared.telemetry.attributes import LOG_KEYS
from tests.contract.feed import FeedContract, Ring, read, write
from tests.databases import Database
from tests.waiting import until

pytestmark = pytest.mark.integration

PARTITIONS = 3
_NUMBERS = itertools.count()


class Publisher:
    """A service's database and the relay that publishes it."""

    def __init__(self, source: str, brokers: Brokers, pools: tuple[Any, Any], bell: Bell) -> None:
        self.source = source
        self._brokers = brokers
        self._app, self._feed = pools
        self._bell = bell

    def relay(self, shard: Shard, owner: str) -> Relay:
        store = PostgresEventStore(self._app, self._bell.ring)
        return Relay(
            feed=PostgresFeed(self.source, self._feed, self._bell),
            effects=PostgresEffects(self._app, store, RandomIds(), lambda: None),
            publications=Publications(self._app),
            lease=Lease(self._app, f"relay-{shard.number}", owner),
            brokers=self._brokers,
            topic=Topic(partitions=PARTITIONS),
            shard=shard,
        )

    async def publish_anew(self) -> None:
        await Publications(self._app).begin_anew()

    async def restore(self, database: Database) -> None:
        """Do to the log what a restore does."""
        connection = await asyncpg.connect(database.admin)
        await connection.execute("UPDATE store SET epoch = 'restored'")
        await connection.close()
        await self.publish_anew()

    async def disturb(self, *, is_mark: bool) -> None:
        """Put a record into every partition that looks like a relay's and cannot be read."""
        producer = AIOKafkaProducer(**self._brokers.options())
        await producer.start()
        headers = [("forbear-publication", b"1"), ("forbear-epoch", b"e")]
        if is_mark:
            headers += [("forbear-after", b"-1"), ("forbear-fresh-as-of", b"yesterday")]
        for partition in range(PARTITIONS):
            topic = topic_of(self.source)
            await producer.send_and_wait(topic, b"", partition=partition, headers=headers)
        await producer.stop()

    @asynccontextmanager
    async def publishing(self, *relays: Relay) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(each.run()) for each in relays]
        try:
            yield
        finally:
            for each in tasks:
                each.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(each, asyncio.CancelledError) for each in ended), ended


async def joined(feed: KafkaFeed) -> None:
    """Wait until the group has given the feed all partitions."""

    async def is_whole() -> bool:
        return len(await feed.partitions()) == PARTITIONS

    await until(is_whole)


class TestKafkaFeed(FeedContract):
    marks_meanwhile = 2  # a look takes half a second, a mark comes every second

    @pytest.fixture
    def bell(self) -> Bell:
        return Bell()

    @pytest.fixture
    def now(self) -> Callable[[], datetime]:
        return SystemClock().now

    @pytest.fixture
    async def publisher(
        self, database: Database, kafka_brokers: Brokers, bell: Bell
    ) -> AsyncIterator[Publisher]:
        pools = await open_pool(database.app), await open_pool(database.feed)
        yield Publisher(f"ledger{next(_NUMBERS)}", kafka_brokers, pools, bell)
        for each in pools:
            await each.close()

    @pytest.fixture
    async def run(self, database: Database, bell: Bell) -> AsyncIterator[Transactor]:
        pool = await open_pool(database.app)
        yield Transactor(PostgresEventStore(pool, bell.ring), RandomIds())
        await pool.close()

    @pytest.fixture
    def relays(self, publisher: Publisher) -> list[Relay]:
        return [publisher.relay(Shard(), "one")]

    @pytest.fixture
    async def feed(
        self, publisher: Publisher, kafka_brokers: Brokers, relays: list[Relay]
    ) -> AsyncIterator[KafkaFeed]:
        made = KafkaFeed(publisher.source, kafka_brokers, "readers")
        async with publisher.publishing(*relays):
            await joined(made)
            yield made
            await made.close()

    @pytest.fixture
    def ring(self, run: Transactor) -> Ring:
        async def ring() -> None:
            await write(run, 1, prefix="ring")

        return ring

    async def test_a_topic_made_anew_is_filled_anew_and_read_on(
        self, run: Transactor, feed: KafkaFeed, kafka_brokers: Brokers
    ) -> None:
        await write(run, 9)
        before = await read(feed, 9, 100)
        positions = {each: START for each in await feed.partitions()}
        for partition in positions:
            positions[partition] = (await feed.page(partition, START, 100)).upto
        admin = AIOKafkaAdminClient(**kafka_brokers.options())
        await admin.start()
        await admin.delete_topics([topic_of(feed.source)])
        await admin.close()
        await write(run, 3, prefix="later")
        seen: list[str] = []

        async def all_came_again() -> bool:
            for partition in await feed.partitions():
                page = await feed.page(partition, positions[partition], 100)
                positions[partition] = page.upto
                seen.extend(each.event_id for each in page.events)
            is_later = all(each.transaction_id >= 2 for each in positions.values())
            return is_later and len(set(seen)) == 12

        async def patiently() -> bool:
            try:
                return await all_came_again()
            except Exception:  # noqa: BLE001 - the topic is away for a while
                return False

        await until(patiently, 120.0)
        assert [each for each in seen if each in {e.event_id for e in before}]

    async def test_who_has_read_nothing_passes_over_what_a_restore_has_undone(
        self,
        run: Transactor,
        publisher: Publisher,
        relays: list[Relay],
        database: Database,
        kafka_brokers: Brokers,
    ) -> None:
        async with publisher.publishing(*relays), _reader(publisher.source, kafka_brokers) as feed:
            await write(run, 6)
            await joined(feed)
            await read(feed, 6, 100)
        await publisher.restore(database)
        async with publisher.publishing(*relays), _reader(publisher.source, kafka_brokers) as feed:
            await write(run, 3, prefix="later")
            await joined(feed)
            await until(lambda: _has_come(feed, 9))
            pages = [await feed.page(each, START, 100) for each in await feed.partitions()]
            assert {each.epoch.partition("@")[0] for each in pages} == {"restored"}

    async def test_what_the_brokers_have_lost_is_not_passed_over_but_sent_again(
        self, run: Transactor, feed: KafkaFeed, publisher: Publisher, kafka_brokers: Brokers
    ) -> None:
        await write(run, 9)
        await read(feed, 9, 100)
        admin = AIOKafkaAdminClient(**kafka_brokers.options())
        await admin.start()
        await admin.delete_records(
            {
                TopicPartition(topic_of(feed.source), int(each)): RecordsToDelete(
                    before_offset=(await feed.page(each, START, 100)).upto.position
                )
                for each in await feed.partitions()
            }
        )
        await admin.close()
        await write(run, 1, prefix="later")
        async with _reader(feed.source, kafka_brokers) as newcomer:
            await joined(newcomer)
            await until(lambda: _has_lost(newcomer))
            await publisher.publish_anew()
            await until(lambda: _has_come(newcomer, 10))

    async def test_no_relay_publishes_to_a_topic_of_more_partitions(
        self,
        run: Transactor,
        publisher: Publisher,
        relays: list[Relay],
        kafka_brokers: Brokers,
    ) -> None:
        async with publisher.publishing(*relays), _reader(publisher.source, kafka_brokers) as feed:
            await write(run, 1)
            await joined(feed)
            await until(lambda: _has_come(feed, 1))
        topic = topic_of(publisher.source)
        admin = AIOKafkaAdminClient(**kafka_brokers.options())
        await admin.start()
        await admin.create_partitions({topic: NewPartitions(total_count=PARTITIONS + 1)})
        await admin.close()

        async def has_grown() -> bool:
            return await topics.ensure_topic(kafka_brokers, topic, PARTITIONS, 1) > PARTITIONS

        await until(has_grown)
        with pytest.raises(Repartitioned) as raised:
            await asyncio.wait_for(publisher.relay(Shard(), "one").run(), 60.0)
        assert vars(raised.value) == {
            "topic": topic,
            "partitions": PARTITIONS + 1,
            "partitions_published": PARTITIONS,
        }
        assert vars(raised.value).keys() <= LOG_KEYS

    @pytest.mark.parametrize("is_mark", [False, True], ids=["event", "mark"])
    async def test_what_follows_a_record_that_cannot_be_read_waits_until_all_is_sent_again(
        self, run: Transactor, feed: KafkaFeed, publisher: Publisher, is_mark: bool
    ) -> None:
        await write(run, 6)
        before = {each.event_id for each in await read(feed, 6, 100)}
        await publisher.disturb(is_mark=is_mark)
        await write(run, 6, prefix="later")
        positions = dict.fromkeys(await feed.partitions(), START)
        seen: list[str] = []

        async def on() -> None:
            for partition, position in positions.items():
                page = await feed.page(partition, position, 4)
                positions[partition] = page.upto
                seen.extend(each.event_id for each in page.events)

        async def is_lost() -> bool:
            try:
                await on()
            except PositionLost:
                return True
            return False

        async def all_has_come() -> bool:
            return not await is_lost() and len(set(seen)) == 12

        await until(is_lost)
        assert set(seen) <= before
        await publisher.publish_anew()
        await until(all_has_come)


@asynccontextmanager
async def _reader(source: str, brokers: Brokers) -> AsyncIterator[KafkaFeed]:
    made = KafkaFeed(source, brokers, "newcomers")
    try:
        yield made
    finally:
        await made.close()


async def _has_lost(feed: KafkaFeed) -> bool:
    try:
        for partition in await feed.partitions():
            await feed.page(partition, START, 100)
    except PositionLost:
        return True
    return False


async def _has_come(feed: KafkaFeed, count: int) -> bool:
    try:
        return len(await read(feed, count, 100)) == count
    except PositionLost:
        return False


class TestSeveralRelays(TestKafkaFeed):
    @pytest.fixture
    def relays(self, publisher: Publisher) -> list[Relay]:
        return [
            publisher.relay(Shard(number=shard, count=2), owner)
            for shard in range(2)
            for owner in ("one", "two")
        ]
