"""What the brokers are asked before anything is sent or read: which cluster, which topic."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import LeaderNotAvailableError, TopicAlreadyExistsError, for_code

from shared.messaging.kafka import configs
from shared.messaging.kafka.clients import Consumer
from shared.messaging.kafka.connection import Brokers


@asynccontextmanager
async def _admin(brokers: Brokers) -> AsyncIterator[Any]:
    client = AIOKafkaAdminClient(**brokers.options())
    try:
        await client.start()
        yield client
    finally:
        await client.close()


async def cluster_id_of(brokers: Brokers) -> str:
    """Return the identity of the cluster; offsets of another one mean nothing here."""
    async with _admin(brokers) as admin:
        return str((await admin.describe_cluster())["cluster_id"])


async def ensure_topic(brokers: Brokers, topic: str, partitions: int, copies: int) -> int:
    """Make the topic unless it exists, have it keep all, and return how many partitions it has.

    Raises:
        KafkaError: the brokers refuse.
        TopicUnfit: it exists and forgets, and the brokers do not let us change that.
    """
    async with _admin(brokers) as admin:
        return await _ensure(admin, topic, partitions, copies, configs.RECORD_BYTES_MAX)


async def ensure_like(brokers: Brokers, topic: str, model: str, bytes_max: int) -> int:
    """Make a topic with partitions, copies and retention of another one, and larger records.

    Returns how many partitions it has.

    Raises:
        KafkaError: the brokers refuse, or there is no such model.
        TopicUnfit: it exists and forgets, and the brokers do not let us change that.
    """
    async with _admin(brokers) as admin:
        partitions = await _partitions(admin, model)
        copies = len(partitions[0]["replicas"])
        return await _ensure(admin, topic, len(partitions), copies, bytes_max)


async def _ensure(admin: Any, topic: str, partitions: int, copies: int, bytes_max: int) -> int:
    if topic not in await admin.list_topics():
        settings = configs.for_ever(copies, bytes_max)
        made = NewTopic(topic, partitions, copies, topic_configs=settings)
        for _, code, *_ in (await admin.create_topics([made])).topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise error(topic)
    found = await _partitions(admin, topic)
    copies = min(len(each["replicas"]) for each in found)
    await configs.hold(admin, topic, configs.for_ever(copies, bytes_max))
    return len(found)


async def _partitions(admin: Any, topic: str) -> Sequence[Any]:
    (described,) = await admin.describe_topics([topic])
    partitions: Sequence[Any] = described["partitions"]
    if described["error_code"] or any(each["error_code"] for each in partitions) or not partitions:
        raise LeaderNotAvailableError(topic)  # it was made just now; a little later
    return partitions


async def end_offsets(brokers: Brokers, topic: str, partitions: Sequence[int]) -> dict[int, int]:
    """Return the offset that comes next in each partition."""
    consumer = Consumer(**brokers.options())
    try:
        await consumer.start()
        found = await consumer.end_offsets([TopicPartition(topic, each) for each in partitions])
    finally:
        await consumer.stop()
    return {each.partition: int(offset) for each, offset in found.items()}
