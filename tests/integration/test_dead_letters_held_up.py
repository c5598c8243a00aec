"""A topic that takes no dead letters, or one letter that it does not, keeps no other waiting."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from shared.eventstore import codec
from shared.eventstore.postgres import open_pool
from shared.eventstore.store import StoreUnavailable
from shared.messaging.feed import Delivery
from shared.messaging.kafka.connection import Brokers
from shared.messaging.kafka.dead_letters import LETTER_BYTES_MAX, DeadLetters
from shared.messaging.kafka.sender import RecordTooLarge
from shared.messaging.kafka.topics import ensure_topic
from shared.messaging.postgres_parking import PAGE_MAX, PostgresParkedEvents
from tests.databases import Database

pytestmark = pytest.mark.integration

TAKES = "held-up"
TAKES_NOT = "held-up-missing"
PARK = """
INSERT INTO parked_events (tenant_id, subscription, key, partition, transaction_id, position,
  stream, version, event_id, type, error, attempts, data, delivery)
SELECT 'agy_1', $1, 'cns_1', '0', '1', n, 's', n, $1 || '-' || n, 't', 'ValueError', 5, $2, $3
FROM generate_series($4::integer, $5::integer) n
"""


class Table:
    """The parked events, as their owner sees them."""

    def __init__(self, owner: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._owner = owner

    async def park(self, group: str, topic: str, numbers: range, data: bytes = b"{}") -> None:
        delivery = Delivery(topic=topic, partition=0, offset=1, key=b"cns_1", headers=())
        first, last = numbers[0], numbers[-1]
        await self._owner.execute(PARK, group, data, codec.encode(delivery), first, last)

    async def unpublished(self) -> list[str]:
        rows = await self._owner.fetch(
            "SELECT event_id FROM parked_events WHERE published_at IS NULL ORDER BY number"
        )
        return [row["event_id"] for row in rows]


@pytest.fixture
async def table(database: Database) -> AsyncIterator[Table]:
    owner = await asyncpg.connect(database.owner)
    yield Table(owner)
    await owner.close()


@pytest.fixture
async def letters(database: Database, kafka_brokers: Brokers) -> AsyncIterator[DeadLetters]:
    await ensure_topic(kafka_brokers, TAKES, 1, 1)
    pool = await open_pool(database.jobs)
    yield DeadLetters(kafka_brokers, PostgresParkedEvents(pool))
    await pool.close()


async def test_a_topic_that_takes_nothing_keeps_no_other_waiting(
    table: Table, letters: DeadLetters
) -> None:
    await table.park("lost", TAKES_NOT, range(1, PAGE_MAX + 2))  # more than a page
    await table.park("sound", TAKES, range(1, 4))
    with pytest.raises(StoreUnavailable):
        await letters.step()
    left = await table.unpublished()
    assert len(left) == PAGE_MAX + 1
    assert {each.partition("-")[0] for each in left} == {"lost"}


async def test_a_letter_that_is_too_large_keeps_no_other_waiting(
    table: Table, letters: DeadLetters
) -> None:
    await table.park("sound", TAKES, range(1, 3))
    await table.park("sound", TAKES, range(3, 4), data=bytes(LETTER_BYTES_MAX))
    await table.park("sound", TAKES, range(4, 6))
    with pytest.raises(RecordTooLarge):
        await letters.step()
    assert await table.unpublished() == ["sound-3"]
