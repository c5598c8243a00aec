"""Reading a topic: bare, through the feed, and with every effect committed."""

import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.eventstore.postgres import PostgresEventStore, open_pool
from shared.kernel.clock import RandomIds
from shared.messaging.feed import START, Position
from shared.messaging.kafka.connection import Brokers, topic_of
from shared.messaging.kafka.feed import KafkaFeed
from shared.messaging.postgres_effects import PostgresEffects
from shared.messaging.subscription import PAGE_SIZE_MAX, Handler, Subscription
from tests.bench.publishing import PARTITIONS, SOURCE
from tests.bench.windows import Meter, Rounds, Variant, interleave
from tests.databases import Database
from tests.waiting import until

JOIN_S_MAX = 30.0
_IDS = RandomIds()


async def measure(
    database: Database,
    brokers: Brokers,
    meters: Mapping[str, Meter],
    rounds: int,
    chance: random.Random,
) -> Rounds:
    """Run the windows over what was published; effects are an inbox row and the checkpoint.

    Finding the place to begin at is not part of a window: a reader does that once.
    """
    async with _consumer(brokers) as consumer, _feed(brokers, "feed") as feed:
        async with _feed(brokers, "effects") as other, _subscription(database, other) as applied:

            async def consume(until_s: float) -> int:
                await consumer.seek_to_beginning()
                count = 0
                while time.perf_counter() < until_s:
                    found = await consumer.getmany(timeout_ms=250, max_records=PAGE_SIZE_MAX)
                    count += sum(len(each) for each in found.values())
                return count

            positions = dict.fromkeys(await feed.partitions(), START)

            async def rewind() -> None:
                positions.update(dict.fromkeys(positions, START))
                await _read(feed, positions, time.perf_counter())

            async def read(until_s: float) -> int:
                return await _read(feed, positions, until_s)

            async def forget() -> None:
                await _forget(database)
                await _apply(applied, time.perf_counter())

            async def apply(until_s: float) -> int:
                return await _apply(applied, until_s)

            await rewind()
            await forget()
            variants = [
                Variant("consume", consume),
                Variant("read", read, rewind),
                Variant("apply", apply, forget),
            ]
            return await interleave(variants, meters, rounds, chance)


async def _apply(applied: Subscription, until_s: float) -> int:
    """Take at least a page of every partition."""
    count = 0
    while True:
        for partition in await applied.feed.partitions():
            count += await applied.step(partition)
        if time.perf_counter() >= until_s:
            return count


async def _forget(database: Database) -> None:
    """Have the next window apply everything from the start."""
    connection = await asyncpg.connect(database.owner)
    try:
        await connection.execute("DELETE FROM inbox; DELETE FROM checkpoints")
    finally:
        await connection.close()


async def _read(feed: KafkaFeed, positions: dict[str, Position], until_s: float) -> int:
    """Take at least a page of every partition."""
    count = 0
    while True:
        for partition, position in positions.items():
            page = await feed.page(partition, position, PAGE_SIZE_MAX)
            positions[partition] = page.upto
            count += len(page.events)
        if time.perf_counter() >= until_s:
            return count


@asynccontextmanager
async def _consumer(brokers: Brokers) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(enable_auto_commit=False, **brokers.options())
    await consumer.start()
    consumer.assign([TopicPartition(topic_of(SOURCE), each) for each in range(PARTITIONS)])
    try:
        yield consumer
    finally:
        await consumer.stop()


@asynccontextmanager
async def _feed(brokers: Brokers, group: str) -> AsyncIterator[KafkaFeed]:
    feed = KafkaFeed(SOURCE, brokers, group)

    async def has_joined() -> bool:
        return len(await feed.partitions()) == PARTITIONS

    try:
        await until(has_joined, JOIN_S_MAX)
        yield feed
    finally:
        await feed.close()


@asynccontextmanager
async def _subscription(database: Database, feed: KafkaFeed) -> AsyncIterator[Subscription]:
    pool = await open_pool(database.app)
    store = PostgresEventStore(pool, lambda: None)
    effects = PostgresEffects(pool, store, _IDS, lambda: None)
    handler = Handler(name="forbear.compliance.permit-granted.v1", project=lambda _, __: ())
    try:
        yield Subscription("bench-reading", feed, effects, (handler,))
    finally:
        await pool.close()
