"""One aiokafka producer with a deadline on everything.

With idempotence aiokafka never gives a batch up, and a send that was cancelled may still arrive:
past the deadline the outcome is unknown. Whoever sends then takes a new sender and sends again;
readers pass over what they have had.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from opentelemetry.trace import Span

from shared.eventstore.store import StoreUnavailable
from shared.kernel.errors import OperatorNeeded
from shared.kernel.records import record
from shared.messaging.kafka.clients import Producer
from shared.messaging.kafka.configs import RECORD_BYTES_MAX
from shared.messaging.kafka.connection import ACKNOWLEDGED_S, Brokers
from shared.messaging.kafka.deadline import let_go, within
from shared.messaging.kafka.records import EVENT_ID, Headers
from shared.telemetry.logging import get_logger

T = TypeVar("T")

BATCH_BYTES = 128 * 1024
AROUND_RECORD_BYTES = 1024  # what Kafka writes around a batch of one
NO_OFFSET = -1  # in an acknowledgement: the brokers have had it before, and know not where

log = get_logger(__name__)


class RecordTooLarge(OperatorNeeded):
    """A record is larger than the brokers take; until they do, nothing behind it can be sent.

    Args:
        size_bytes: of its value.
    """

    def __init__(self, *, topic: str, partition: int, event_id: str, size_bytes: int) -> None:
        super().__init__(
            f"{topic} takes no record of {size_bytes} bytes ({event_id}): allow for it with"
            " max.message.bytes"
        )
        self.topic = topic
        self.partition = partition
        self.event_id = event_id
        self.size_bytes = size_bytes


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
        self._producer = Producer(
            acks="all",
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,  # a page is handed over at once: it need not linger
            max_request_size=bytes_max - AROUND_RECORD_BYTES,
            **brokers.options(),
        )

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
            RecordTooLarge: it will never be.
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

        try:
            given = await answered(work)
        except MessageSizeTooLargeError as error:
            raise self._too_large(letters) from error
        if any(first == NO_OFFSET for first, _ in given.values()):
            raise StoreUnavailable("the brokers do not say what became of it")
        return given

    def _too_large(self, letters: Sequence[Letter]) -> RecordTooLarge:
        """Name what is most probably at fault."""
        letter = max(letters, key=lambda each: len(each.value or b""))
        return RecordTooLarge(
            topic=self._topic,
            partition=letter.partition,
            event_id=dict(letter.headers).get(EVENT_ID, b"").decode(),
            size_bytes=len(letter.value or b""),
        )

    def _describe(self, span: Span, partition: int, offset: int) -> None:
        span.set_attribute("messaging.kafka.offset", offset)
        cluster = self._producer.client.cluster
        leader = cluster.leader_for_partition(TopicPartition(self._topic, partition))
        if broker := cluster.broker_metadata(leader):
            span.set_attributes({"server.address": broker.host, "server.port": broker.port})

    async def stop(self) -> None:
        """Let go; what is still under way is flushed once the brokers answer."""
        await let_go(self._producer.stop(), "producer")


async def answered(call: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Wait for the brokers, within limits.

    Raises:
        StoreUnavailable: they refuse, or do not answer in time; whether they acted is unknown.
        MessageSizeTooLargeError: they will go on to refuse.
    """
    try:
        return await within(ACKNOWLEDGED_S, call())
    except MessageSizeTooLargeError:
        raise
    except (KafkaError, OSError, TimeoutError) as error:
        log.warning("brokers-unavailable", reason=type(error).__name__)
        raise StoreUnavailable("the brokers did not answer") from error
