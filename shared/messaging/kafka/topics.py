"""What the brokers are asked before anything is sent or read: which cluster, which topic."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import LeaderNotAvailableError, TopicAlreadyExistsError, for_code

from shared.messaging.kafka.connection import Brokers

KEPT_FOR_EVER = {"retention.ms": "-1", "cleanup.policy": "delete"}


@asynccontextmanager
async def _admin(brokers: Brokers) -> AsyncIterator[Any]:
    client = AIOKafkaAdminClient(**brokers.options())
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def cluster_id_of(brokers: Brokers) -> str:
    """Return the identity of the cluster; offsets of another one mean nothing here."""
    async with _admin(brokers) as admin:
        return str((await admin.describe_cluster())["cluster_id"])


async def ensure_topic(brokers: Brokers, topic: str, partitions: int, copies: int) -> int:
    """Make the topic unless it exists, and return how many partitions it has.

    Raises:
        KafkaError: the brokers refuse.
    """
    async with _admin(brokers) as admin:
        if topic not in await admin.list_topics():
            made = NewTopic(topic, partitions, copies, topic_configs=KEPT_FOR_EVER)
            for _, code, *_ in (await admin.create_topics([made])).topic_errors:
                error = for_code(code)
                if code and error is not TopicAlreadyExistsError:
                    raise error(topic)
        (described,) = await admin.describe_topics([topic])
        codes = [described["error_code"], *(each["error_code"] for each in described["partitions"])]
        if any(codes) or not described["partitions"]:
            raise LeaderNotAvailableError(topic)  # it was made just now; a little later
        return len(described["partitions"])


async def end_offsets(brokers: Brokers, topic: str, partitions: Sequence[int]) -> dict[int, int]:
    """Return the offset that comes next in each partition."""
    consumer = AIOKafkaConsumer(**brokers.options())
    await consumer.start()
    try:
        found = await consumer.end_offsets([TopicPartition(topic, each) for each in partitions])
    finally:
        await consumer.stop()
    return {each.partition: int(offset) for each, offset in found.items()}
