"""Subscriptions over Kafka pass the contract.

Every reader is in a group of its own: of one group the brokers would let only one read at a time,
and what the contract is about is what happens when several do nevertheless.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator

import pytest

from shared.eventstore.postgres import PostgresEventStore
from shared.kernel.clock import RandomIds
from shared.messaging.effects import StoreReplaced
from shared.messaging.kafka.connection import Brokers
from shared.messaging.kafka.feed import KafkaFeed
from shared.messaging.kafka.publications import RELAY, Publications
from shared.messaging.kafka.relay import Relay, Shard, Topic
from shared.messaging.lease import Lease
from shared.messaging.postgres import PostgresFeed
from shared.messaging.postgres_effects import PostgresEffects
from shared.messaging.subscription import reaction
from tests.contract.parking import ParkingContract
from tests.contract.subscription import (
    NOTES,
    REFERENCES,
    SubscriptionContract,
    World,
    drain,
    fresher,
    poisoned,
    subscribe,
    write,
)
from tests.contract.tally import Written
from tests.contract.test_postgres_subscription import PostgresWorld, make_read_model
from tests.databases import Database, Server
from tests.waiting import until

pytestmark = pytest.mark.integration

STOP_EVERY_S = 0.01
_TOPICS = itertools.count()
_GROUPS = itertools.count()
_IS_PUBLISHED = (
    "SELECT NOT EXISTS (SELECT FROM events e WHERE NOT EXISTS (SELECT FROM checkpoints c"
    f" WHERE c.subscription = '{RELAY}'"
    " AND (c.transaction_id, c.position) >= (e.transaction_id, e.position)))"
)


class KafkaWorld(PostgresWorld):
    """A source whose relay publishes to a topic of one partition."""

    def __init__(self, source: Database, target: Database, brokers: Brokers) -> None:
        super().__init__(source, target)
        self._brokers = brokers
        self._name = f"source{next(_TOPICS)}"
        self._feeds: list[KafkaFeed] = []

    async def open(self) -> None:
        await super().open()
        self._publishing = asyncio.create_task(self._publish())

    async def close(self) -> None:
        self._publishing.cancel()
        await asyncio.gather(*(each.close() for each in self._feeds))
        with pytest.raises(asyncio.CancelledError):
            await self._publishing
        await super().close()

    def feed(self) -> KafkaFeed:
        made = KafkaFeed(self._name, self._brokers, f"readers{next(_GROUPS)}")
        self._feeds.append(made)
        return made

    async def arrival(self) -> None:
        connection = self._owners[0]

        async def is_published() -> bool:
            return bool(await connection.fetchval(_IS_PUBLISHED))

        await until(is_published)

    async def replace_source(self) -> None:
        await super().replace_source()
        await Publications(self._pools[0]).begin_anew()
        await self.arrival()

    async def _publish(self) -> None:
        while True:
            try:
                await self._relay().run()
            except StoreReplaced:
                continue

    def _relay(self) -> Relay:
        store = PostgresEventStore(self._pools[0], self._bell.ring)
        return Relay(
            feed=PostgresFeed(self._name, self._pools[1], self._bell),
            effects=PostgresEffects(self._pools[0], store, RandomIds(), lambda: None),
            publications=Publications(self._pools[0]),
            lease=Lease(self._pools[0], "relay-0", "one"),
            brokers=self._brokers,
            topic=Topic(partitions=1),
            shard=Shard(),
        )


@pytest.fixture(scope="module")
def pair(postgres_server: Server) -> Iterator[tuple[Database, Database]]:
    """Return where events come from and where effects go."""
    source = asyncio.run(postgres_server.database("ledger"))
    target = asyncio.run(postgres_server.database("contact"))
    asyncio.run(make_read_model(target))
    yield source, target
    asyncio.run(postgres_server.drop(source, target))


class TestKafkaSubscription(SubscriptionContract, ParkingContract):
    @pytest.fixture
    async def world(
        self,
        postgres_server: Server,
        kafka_brokers: Brokers,
        pair: tuple[Database, Database],
    ) -> AsyncIterator[KafkaWorld]:
        for each in pair:
            await postgres_server.empty(each)
        made = KafkaWorld(*pair, kafka_brokers)
        await made.open()
        yield made
        await made.close()

    async def test_a_page_that_ends_with_a_parked_event_is_vouched_for(self, world: World) -> None:
        """What vouches for it is the mark behind it, which may come with the next look."""
        since = world.now()
        await write(world, ("a", "cns_1"), ("poison", "cns_2"))
        reader = subscribe(world, reaction(Written, poisoned("poison")))
        assert await fresher(world, reader, since) > since
        assert [each[1] for each in await world.parked("agy_1")] == ["poison"]

    async def test_being_stopped_anywhere_loses_and_doubles_nothing(self, world: World) -> None:
        """Joining takes longer than any number of turns of the loop: stopped by the clock."""
        await write(world, *NOTES)
        stops = 0
        while len(await world.tallied("agy_1")) < len(NOTES):
            task = asyncio.create_task(subscribe(world, page_size_max=1).run())
            await asyncio.sleep(stops * STOP_EVERY_S)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            stops += 1
        await drain(subscribe(world))
        assert sorted(await world.tallied("agy_1")) == REFERENCES
        assert sorted(await world.projected("agy_1")) == REFERENCES
        assert stops > 3
