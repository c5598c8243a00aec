"""A Kafka cluster for tests, from whichever is there.

In this order: one named by FORBEAR_TEST_KAFKA, a container of a Docker engine that answers, Apache
Kafka on the local JVM. Tests delete every topic of ours there: it must be a cluster for tests.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient

from shared.messaging.kafka.connection import Brokers
from tests.kafka.local import cluster
from tests.servers import docker_answers

IMAGE = "apache/kafka:4.1.2"
PAUSE_S = 0.1


@contextmanager
def kafka(folder: Path) -> Iterator[str]:
    """Have brokers, reached at the address that is yielded, while the block runs.

    Raises:
        KafkaUnavailable: there are none, and none can be started here.
    """
    address = os.environ.get("FORBEAR_TEST_KAFKA")
    if address:
        yield address
    elif docker_answers():
        from testcontainers.community.kafka import KafkaContainer

        with KafkaContainer(IMAGE).with_kraft() as container:
            yield container.get_bootstrap_server()
    else:
        nodes = cluster(folder, 1)
        try:
            yield nodes[0].address
        finally:
            for node in nodes:
                node.stop()


async def remove_topics(brokers: Brokers) -> None:
    """Remove every topic of ours: what other databases published there is in nobody's way then."""
    admin = AIOKafkaAdminClient(**brokers.options())
    await admin.start()
    try:
        while ours := [each for each in await admin.list_topics() if each.startswith("forbear.")]:
            await admin.delete_topics(ours)
            await asyncio.sleep(PAUSE_S)
    finally:
        await admin.close()
