"""One aiokafka producer with a deadline on everything.

With idempotence aiokafka never gives a batch up, and a send that was cancelled may still arrive:
past the deadline the outcome is unknown. Whoever sends then takes a new sender and sends again;
readers pass over what they have had.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from opentelemetry.trace import Span

from shared.eventstore.store import StoreUnavailable
from shared.kernel.records import record
from shared.messaging.kafka.connection import Brokers
from shared.messaging.kafka.deadline import within
from shared.messaging.kafka.records import Headers
from shared.telemetry.logging import get_logger

T = TypeVar("T")

ACKNOWLEDGED_S = 20.0
RECORD_BYTES_MAX = 1024 * 1024

log = get_logger(__name__)


@record
class Letter:
    """What is sent to one partition; a mark has no key and an empty value.

    `span` is told where the record went, if somebody records it.
    """

    partition: int
    headers: Headers
    key: bytes | None = None
    value: bytes | None = b""
    span: Span | None = None


class Sender:
    """Sends to one topic, in order per partition."""

    def __init__(self, brokers: Brokers, topic: str, *, bytes_max: int = RECORD_BYTES_MAX) -> None:
        self._topic = topic
        self._producer = AIOKafkaProducer(
            acks="all",
            enable_idempotence=True,
            linger_ms=2,
            max_request_size=bytes_max,
            **brokers.options(),
        )
        self._closing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect.

        Raises:
            StoreUnavailable: no broker answers.
        """
        await answered(self._producer.start)

    async def send(self, letters: Sequence[Letter]) -> dict[int, tuple[int, int]]:
        """Send, and return the first and last offset given in each partition.

        Raises:
            StoreUnavailable: not everything was acknowledged in time; some of it may arrive.
        """

        async def work() -> dict[int, tuple[int, int]]:
            waiting = [
                await self._producer.send(
                    self._topic,
                    value=each.value,
                    key=each.key,
                    partition=each.partition,
                    headers=each.headers,
                )
                for each in letters
            ]
            given: dict[int, tuple[int, int]] = {}
            for letter, sent in zip(letters, await asyncio.gather(*waiting), strict=True):
                if letter.span is not None:
                    self._describe(letter.span, sent.partition, sent.offset)
                first, last = given.get(sent.partition, (sent.offset, sent.offset))
                given[sent.partition] = (min(first, sent.offset), max(last, sent.offset))
            return given

        return await answered(work)

    def _describe(self, span: Span, partition: int, offset: int) -> None:
        span.set_attribute("messaging.kafka.offset", offset)
        cluster = self._producer.client.cluster
        leader = cluster.leader_for_partition(TopicPartition(self._topic, partition))
        if broker := cluster.broker_metadata(leader):
            span.set_attributes({"server.address": broker.host, "server.port": broker.port})

    async def stop(self) -> None:
        """Let go. What is still under way is flushed behind our back once the brokers answer."""
        self._closing = asyncio.create_task(self._producer.stop())
        _UNDER_WAY.add(self._closing)
        self._closing.add_done_callback(_forget)
        await asyncio.wait([self._closing], timeout=1.0)


_UNDER_WAY: set[asyncio.Task[None]] = set()


def _forget(task: "asyncio.Task[None]") -> None:
    _UNDER_WAY.discard(task)
    if not task.cancelled() and (error := task.exception()):
        log.info("producer-abandoned", error=error)


async def answered(call: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Wait for the brokers, within limits.

    Raises:
        StoreUnavailable: they refuse, or do not answer in time; whether they acted is unknown.
    """
    try:
        return await within(ACKNOWLEDGED_S, call())
    except (KafkaError, OSError, TimeoutError) as error:
        log.warning("brokers-unavailable", reason=type(error).__name__)
        raise StoreUnavailable("the brokers did not answer") from error
