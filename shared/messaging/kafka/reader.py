"""One aiokafka consumer, kept on a short lead: no commits, explicit positions, every wait bounded.

aiokafka may die of one strange answer and never say so (aio-libs/aiokafka#1154), so nobody waits
for it to recover: whoever reads throws it away at the first error, or when nothing has come for
long although there is something, and makes a new one.
"""

import time
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError

from shared.eventstore.store import StoreUnavailable
from shared.messaging.kafka.clients import Consumer
from shared.messaging.kafka.connection import (
    ANSWER_S,
    HEARTBEAT_INTERVAL_MS,
    SESSION_TIMEOUT_MS,
    Brokers,
)
from shared.messaging.kafka.deadline import let_go, within
from shared.messaging.kafka.topics import cluster_id_of
from shared.telemetry.logging import get_logger

T = TypeVar("T")

FETCH_WAIT_MS_MAX = 250
METADATA_AGE_MS_MAX = 5_000  # a topic that was made anew, or grew, is noticed by then
FETCH_BYTES_MAX = 8 * 1024 * 1024
PARTITION_FETCH_BYTES_MAX = 1024 * 1024

log = get_logger(__name__)


class BrokersUnavailable(StoreUnavailable):
    """The brokers do not answer, or answer with an error."""


class NotOurs(StoreUnavailable):
    """The partition was given to another reader of the group."""


class Reader(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """A member of a consumer group, from joining to leaving.

    A partition that was just assigned stands still until somebody seeks in it.
    """

    def __init__(self, brokers: Brokers, topic: str, group: str) -> None:
        self._topic = topic
        self._group = group
        self._assigned: set[int] = set()
        self._held: set[int] = set()
        self._ends: dict[int, int] = {}
        self._heard: dict[int, float] = {}
        self._asked: dict[int, float] = {}
        self._brokers = brokers
        self.cluster_id = ""
        self._consumer = Consumer(
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="none",
            partition_assignment_strategy=(RangePartitionAssignor,),
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=HEARTBEAT_INTERVAL_MS,
            fetch_max_bytes=FETCH_BYTES_MAX,
            max_partition_fetch_bytes=PARTITION_FETCH_BYTES_MAX,
            fetch_max_wait_ms=FETCH_WAIT_MS_MAX,
            metadata_max_age_ms=METADATA_AGE_MS_MAX,
            **brokers.options(),
        )

    async def start(self) -> None:
        """Join the group.

        Raises:
            StoreUnavailable: no broker answers.
        """
        self.cluster_id = await self.asked(lambda: cluster_id_of(self._brokers))
        self._consumer.subscribe([self._topic], listener=self)
        await self.asked(self._consumer.start)

    async def stop(self) -> None:
        """Leave the group; a broker that does not answer is not waited for."""
        await let_go(self._consumer.stop(), "consumer")

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Stop reading them; what is being written now is refused by its checkpoint."""
        for each in revoked:
            self._assigned.discard(each.partition)
            self._held.discard(each.partition)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Hold them until the checkpoint is known."""
        for each in assigned:
            self._consumer.pause(each)
            self._consumer.seek(each, 0)
            self._assigned.add(each.partition)
            self._held.add(each.partition)
            self._heard[each.partition] = time.monotonic()

    @property
    def assigned(self) -> tuple[int, ...]:
        """Return the partitions that are ours."""
        return tuple(sorted(self._assigned))

    def all_partitions(self) -> tuple[int, ...]:
        """Return the partitions of the topic.

        Raises:
            StoreUnavailable: nobody has made it yet.
        """
        found = self._consumer.partitions_for_topic(self._topic)
        if not found:
            raise StoreUnavailable(f"{self._topic} is not known to the brokers yet")
        return tuple(sorted(found))

    async def beginning(self, partition: int) -> int:
        """Return the oldest offset that the brokers keep."""
        at = self._at(partition)
        found = await self.asked(lambda: self._consumer.beginning_offsets([at]))
        return int(found[at])

    async def end(self, partition: int) -> int:
        """Return the offset that comes next."""
        at = self._at(partition)
        found = await self.asked(lambda: self._consumer.end_offsets([at]))
        self._ends[partition] = int(found[at])
        return self._ends[partition]

    def known_end(self, partition: int) -> int:
        """Return the end as last heard of."""
        try:
            highwater = self._consumer.highwater(self._at(partition)) or 0
        except AssertionError as error:  # what aiokafka says of a partition it has just lost
            raise NotOurs(f"partition {partition}") from error
        return max(highwater, self._ends.get(partition, 0))

    def seek(self, partition: int, offset: int) -> None:
        """Read on from an offset."""
        at = self._at(partition)
        self._consumer.seek(at, offset)
        self._consumer.resume(at)
        self._held.discard(partition)

    def is_held(self, partition: int) -> bool:
        """Tell whether a partition was assigned, maybe once more, and nobody has sought in it."""
        return partition in self._held

    async def look_for_errors(self) -> None:
        """Ask for nothing: aiokafka tells of a failed rejoin only to who asks.

        Raises:
            StoreUnavailable: the consumer has failed; make a new one.
        """
        await self.asked(lambda: self._consumer.getmany(timeout_ms=0, max_records=1))

    async def fetch(self, partitions: Iterable[int], limit: int, timeout_s: float) -> list[Any]:
        """Return the next records of some partitions, or none when the time is up.

        Raises:
            StoreUnavailable: the consumer has failed; make a new one.
        """
        wanted = [self._at(each) for each in partitions]
        found = await self.asked(
            lambda: self._consumer.getmany(
                *wanted, timeout_ms=round(timeout_s * 1000), max_records=limit
            )
        )
        now = time.monotonic()
        self._asked |= dict.fromkeys((each.partition for each in wanted), now)
        self._heard |= dict.fromkeys((each.partition for each in found), now)
        return [message for messages in found.values() for message in messages]

    def silent_for_s(self, partition: int) -> float:
        """Return how long nothing had come when it was last asked for."""
        return self._asked.get(partition, 0.0) - self._heard.get(partition, 0.0)

    def excuse(self, partition: int) -> None:
        """Note that a silence is justified: there is nothing to come."""
        self._heard[partition] = time.monotonic()

    async def asked(self, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Wait for an answer, within limits.

        Raises:
            StoreUnavailable: there is none, or it is an error.
        """
        try:
            return await within(ANSWER_S, call())
        except (KafkaError, IllegalStateError, OSError, TimeoutError, ValueError) as error:
            log.warning("consumer-failed", group=self._group, reason=type(error).__name__)
            raise BrokersUnavailable("the brokers did not answer") from error

    def _at(self, partition: int) -> TopicPartition:
        if partition not in self._assigned:
            raise NotOurs(f"partition {partition}")
        return TopicPartition(self._topic, partition)
