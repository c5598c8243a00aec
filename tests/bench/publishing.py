"""The relay against a bare producer that sends the same records to the same brokers.

A window is so many events: appended while the relay is held back, then let through at once.
"""

import asyncio
import itertools
import json
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import LeaderNotAvailableError

from shared.eventstore.postgres import PostgresEventStore, open_pool
from shared.eventstore.store import Batch, NewEvent
from shared.kernel.clock import RandomIds
from shared.kernel.records import replace
from shared.messaging.feed import START, Bell, Envelope, Page, Position
from shared.messaging.kafka import records
from shared.messaging.kafka.connection import Brokers
from shared.messaging.kafka.publications import RELAY, Publications
from shared.messaging.kafka.records import Publication
from shared.messaging.kafka.relay import Relay, Shard, Topic, partition_of
from shared.messaging.kafka.sender import Letter
from shared.messaging.kafka.topics import ensure_topic
from shared.messaging.lease import Lease
from shared.messaging.postgres import PARTITION, PostgresFeed
from shared.messaging.postgres_effects import PostgresEffects
from tests.bench.appends import Rows
from tests.bench.windows import Meter, Rounds, Variant, interleave
from tests.databases import Database
from tests.system import TENANT
from tests.waiting import until

SOURCE = "ledger"
BARE_TOPIC = "bare"
PARTITIONS = 6
CONSUMERS = 60
EVENTS = 5_000  # in a window
TO_READ = 20_000  # more than a window of reading takes
AT_ONCE = 500  # as the relay does
SENT_S_MAX = 60.0
_IDS = RandomIds()
_IS_SENT = f"""
SELECT NOT EXISTS (SELECT FROM events e JOIN checkpoints c
  ON (e.transaction_id, e.position) > (c.transaction_id, c.position)
  WHERE c.subscription = '{RELAY}')
"""


class Log:
    """A service's log, filled with typical events of several consumers."""

    def __init__(self, store: PostgresEventStore) -> None:
        self._store = store
        self._rows = Rows()
        self._streams = [(self._rows.stream(), _IDS.new("cns")) for _ in range(CONSUMERS)]
        self._versions = [0] * CONSUMERS
        self._turns = itertools.cycle(range(CONSUMERS))

    async def append(self, count: int) -> None:
        """Append so many events, several hundred at a time."""
        for first in range(0, count, AT_ONCE):
            events = [self._event(next(self._turns)) for _ in range(min(AT_ONCE, count - first))]
            await self._store.append(TENANT, Batch(events=tuple(events)))

    def _event(self, turn: int) -> NewEvent:
        stream, consumer_id = self._streams[turn]
        self._versions[turn] += 1
        row = self._rows.row(stream, self._versions[turn])
        data = {**json.loads(row.data), "consumer_ids": [consumer_id]}
        return replace(row, data=json.dumps(data, separators=(",", ":")).encode())


class Gated(PostgresFeed):
    """A feed that withholds its pages while the gate is closed."""

    gate: asyncio.Event

    async def page(self, partition: str, after: Position, limit: int) -> Page:
        await self.gate.wait()
        return await super().page(partition, after, limit)


@asynccontextmanager
async def relaying(database: Database, brokers: Brokers) -> AsyncIterator[tuple[Log, Gated]]:
    """Have a log and its relay at work while the block runs."""
    pools = await open_pool(database.app), await open_pool(database.feed)
    bell = Bell()
    store = PostgresEventStore(pools[0], bell.ring)
    feed = Gated(SOURCE, pools[1], bell)
    feed.gate = asyncio.Event()
    relay = Relay(
        feed=feed,
        effects=PostgresEffects(pools[0], store, _IDS, lambda: None),
        publications=Publications(pools[0]),
        lease=Lease(pools[0], "relay-0", "bench"),
        brokers=brokers,
        topic=Topic(partitions=PARTITIONS),
        shard=Shard(),
    )
    task = asyncio.create_task(relay.run())
    try:
        yield Log(store), feed
    finally:
        task.cancel()
        await asyncio.wait([task])
        for pool in pools:
            await pool.close()


async def measure(
    database: Database,
    brokers: Brokers,
    meters: Mapping[str, Meter],
    rounds: int,
    chance: random.Random,
) -> Rounds:
    """Run the windows."""
    await until(lambda: _has_topic(brokers), SENT_S_MAX)
    watcher = await asyncpg.connect(database.owner)
    producer = AIOKafkaProducer(acks="all", enable_idempotence=True, **brokers.options())
    await producer.start()

    async def is_sent() -> bool:
        return bool(await watcher.fetchval(_IS_SENT))

    try:
        async with relaying(database, brokers) as (log, feed):

            async def refill() -> None:
                feed.gate.clear()
                await log.append(EVENTS)

            async def publish(_: float) -> int:
                feed.gate.set()
                await until(is_sent, SENT_S_MAX)
                return EVENTS

            async def produce(_: float) -> int:
                await _send(producer, letters)
                return EVENTS

            await refill()
            feed.gate.set()
            letters = await _letters(feed)
            await until(is_sent, SENT_S_MAX)
            await refill()
            variants = [Variant("relay", publish, refill), Variant("produce", produce)]
            collected = await interleave(variants, meters, rounds, chance)
            await log.append(TO_READ)
            feed.gate.set()
            await until(is_sent, SENT_S_MAX)
            return collected
    finally:
        await producer.stop()
        await watcher.close()


async def _has_topic(brokers: Brokers) -> bool:
    try:
        return await ensure_topic(brokers, BARE_TOPIC, PARTITIONS, 1) == PARTITIONS
    except LeaderNotAvailableError:
        return False


async def _send(producer: AIOKafkaProducer, letters: Sequence[Letter]) -> None:
    for first in range(0, len(letters), AT_ONCE):
        waiting = [
            await producer.send(
                BARE_TOPIC,
                value=each.value,
                key=each.key,
                partition=each.partition,
                headers=each.headers,
            )
            for each in letters[first : first + AT_ONCE]
        ]
        await asyncio.gather(*waiting)


async def _letters(feed: PostgresFeed) -> list[Letter]:
    """Return what the relay sends for the log as it is."""
    events: list[Envelope] = []
    position = START
    while len(events) < EVENTS:
        page = await feed.page(PARTITION, position, AT_ONCE)
        events += page.events
        position = page.upto
    publication = Publication(epoch=page.epoch, number=1, after=0)
    return [
        Letter(
            partition=partition_of(each.keys[0], PARTITIONS),
            key=each.keys[0].encode(),
            value=each.data,
            headers=records.headers_of(each, publication),
        )
        for each in events
    ]
