"""Events crossing from one service to another over brokers that misbehave, and what came of it."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from shared.eventstore import codec
from shared.eventstore.memory import MemoryEventStore
from shared.eventstore.postgres import PostgresEventStore, open_pool
from shared.eventstore.transact import Transactor
from shared.kernel.clock import RandomIds, SystemClock
from shared.messaging.feed import Bell, Envelope
from shared.messaging.kafka.connection import Brokers, topic_of
from shared.messaging.kafka.feed import KafkaFeed
from shared.messaging.kafka.publications import Publications
from shared.messaging.kafka.relay import Relay, Shard, Topic
from shared.messaging.lease import Lease
from shared.messaging.memory import MemoryEffects
from shared.messaging.postgres import PostgresFeed
from shared.messaging.postgres_effects import PostgresEffects
from shared.messaging.subscription import Subscription
from tests.contract.feed import write
from tests.contract.tally import Written
from tests.databases import Database
from tests.waiting import until

SOURCE = "ledger"
TOPIC = topic_of(SOURCE)
READER = "readers"
PARTITIONS = 2
PAUSE_S = 0.2


class Crossing:
    """A log, the relay that publishes it, and a subscription that reads it elsewhere."""

    def __init__(self, run: Transactor, publications: Publications) -> None:
        self._run = run
        self._publications = publications
        self._written_at: list[float] = []
        self._arrived: list[tuple[float, Envelope]] = []

    async def write(self, count: int) -> None:
        """Append events to a few streams."""
        for _ in range(count):
            number = len(self._written_at)
            self._written_at.append(time.monotonic())
            await write(self._run, 1, prefix=f"{number}-")

    async def write_until(self, is_over: Callable[[], bool], timeout_s: float) -> None:
        """Go on writing until a condition holds and everything has arrived.

        Raises:
            TimeoutError: it did not come to pass.
        """
        async with asyncio.timeout(timeout_s):
            while not is_over():
                await self.write(1)
                await asyncio.sleep(PAUSE_S)
            await self.write(1)
            await until(self.has_arrived, timeout_s)

    async def has_arrived(self) -> bool:
        """Tell whether nothing that was written is missing."""
        return len(self._arrived) >= self.written

    async def begun(self) -> int:
        """Return how often the whole log has been sent, at the most."""
        return max(each.number for each in (await self._publications.all()).values())

    async def received(self, _: Any, __: str, events: Sequence[Envelope]) -> None:
        """Take down what came."""
        self._arrived += [(time.monotonic(), each) for each in events]

    def slowest_s(self, since: float) -> float:
        """Return the longest that any event was under way after an instant."""
        return max(at - max(self._written_at[_number(each)], since) for at, each in self._arrived)

    @property
    def written(self) -> int:
        """Return how many were written."""
        return len(self._written_at)

    def what_is_wrong(self) -> str:
        """Return what did not come exactly once and in order, or nothing."""
        if len(self._arrived) != self.written:
            return f"{self.written} written, {len(self._arrived)} arrived"
        numbers = defaultdict(list)
        for _, each in self._arrived:
            numbers[each.keys[0]].append(_number(each))
        for key, found in numbers.items():
            if found != sorted(found):
                return f"{key} arrived as {found}"
        return ""


def _number(envelope: Envelope) -> int:
    return int(codec.decode(Written, envelope.data).reference.partition("-")[0])


@asynccontextmanager
async def crossing(database: Database, brokers: Brokers) -> AsyncIterator[Crossing]:
    """Have a relay and a subscription at work while the block runs."""
    pools = await open_pool(database.app), await open_pool(database.feed)
    bell = Bell()
    store = PostgresEventStore(pools[0], bell.ring)
    publications = Publications(pools[0])
    made = Crossing(Transactor(store, RandomIds()), publications)
    relay = Relay(
        feed=PostgresFeed(SOURCE, pools[1], bell),
        effects=PostgresEffects(pools[0], store, RandomIds(), lambda: None),
        publications=publications,
        lease=Lease(pools[0], "relay-0", "one"),
        brokers=brokers,
        topic=Topic(partitions=PARTITIONS),
        shard=Shard(),
    )
    elsewhere = MemoryEffects(
        MemoryEventStore(SystemClock().now), RandomIds(), archive=made.received
    )
    reader = Subscription(READER, KafkaFeed(SOURCE, brokers, READER), elsewhere, ())
    tasks = [asyncio.create_task(_keep_running(each.run)) for each in (relay, reader)]
    try:
        yield made
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.wait(tasks)
        for pool in pools:
            await pool.close()


async def _keep_running(run: Callable[[], Awaitable[None]]) -> None:
    """Begin again as a service does."""
    while True:
        try:
            await run()
        except Exception:  # noqa: BLE001 - what it was does not matter if it is overcome
            await asyncio.sleep(1.0)
