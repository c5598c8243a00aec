"""Tells the brokers which events are parked: for whoever watches topics, not for whoever decides.

The rows in the reader's database are the truth, and what is done about a parked event is done
there. Each is sent to the dead letters of its topic and group once it is committed, and once more
after each failed retry; again rather than not.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC

from shared.eventstore.store import StoreUnavailable
from shared.messaging.feed import Delivery
from shared.messaging.kafka import topics
from shared.messaging.kafka.configs import RECORD_BYTES_MAX
from shared.messaging.kafka.connection import Brokers
from shared.messaging.kafka.records import Headers
from shared.messaging.kafka.sender import Letter, Sender, answered
from shared.messaging.parking import BEHIND, ParkedEvent
from shared.messaging.postgres_parking import PostgresParkedEvents
from shared.telemetry.logging import get_logger

POLL_S = 1.0
PAUSE_S_MAX = 30.0
LETTER_BYTES_MAX = 2 * RECORD_BYTES_MAX  # the record and what is said about it
_REASONS = {
    BEHIND: BEHIND,
    "UnreadableEvent": "undecodable",
    "UnknownVersion": "unknown-version",
}

log = get_logger(__name__)


def dead_letters_of(topic: str, group: str) -> str:
    """Name the topic of what a group has parked of another topic."""
    return f"{topic}.{group}.dlq"


def letter_of(parked: ParkedEvent, delivery: Delivery, partitions: int) -> Letter:
    """Return the record as it came, with what became of it."""
    error = parked.failure.error
    at = parked.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    said = {
        "dlq-reason": _REASONS.get(error, "failed"),
        "dlq-exception": "" if error == BEHIND else error,
        "dlq-original-topic": delivery.topic,
        "dlq-original-partition": str(delivery.partition),
        "dlq-original-offset": str(delivery.offset),
        "dlq-attempts": str(parked.failure.attempts),
        "dlq-at": at,
    }
    headers: Headers = [*delivery.headers, *((name, text.encode()) for name, text in said.items())]
    return Letter(
        partition=delivery.partition % partitions,
        key=delivery.key,
        value=parked.envelope.data if delivery.has_value else None,
        headers=headers,
    )


class DeadLetters:
    """Publishes what a service has parked and not yet published."""

    def __init__(self, brokers: Brokers, parked: PostgresParkedEvents) -> None:
        self._brokers = brokers
        self._parked = parked

    async def run(self) -> None:
        """Work until cancelled; brokers and a database that are away are waited for."""
        pause_s = POLL_S
        while True:
            try:
                while await self.step():
                    pass
                pause_s = POLL_S
            except StoreUnavailable as error:
                log.info("dead-letters-interrupted", error=error)
                pause_s = min(pause_s * 2, PAUSE_S_MAX)
            await asyncio.sleep(pause_s)

    async def step(self) -> int:
        """Publish a page, and return how many events that were.

        Raises:
            StoreUnavailable: the brokers or the database do not answer; some of it may be sent.
        """
        by_topic: dict[tuple[str, str], list[tuple[ParkedEvent, Delivery]]] = {}
        for each in await self._parked.unpublished():
            delivery = each.envelope.delivery
            if delivery is not None:
                place = (delivery.topic, each.subscription)
                by_topic.setdefault(place, []).append((each, delivery))
        for (topic, group), those in by_topic.items():
            await self._publish(topic, dead_letters_of(topic, group), those)
        return sum(map(len, by_topic.values()))

    async def _publish(
        self, origin: str, topic: str, parked: Sequence[tuple[ParkedEvent, Delivery]]
    ) -> None:
        partitions = await answered(
            lambda: topics.ensure_like(self._brokers, topic, origin, LETTER_BYTES_MAX)
        )
        sender = Sender(self._brokers, topic, bytes_max=LETTER_BYTES_MAX)
        try:
            await sender.start()
            await sender.send([letter_of(each, delivery, partitions) for each, delivery in parked])
        finally:
            await sender.stop()
        await self._parked.note_published([each for each, _ in parked])
        log.warning("dead-letters-published", topic=topic, count=len(parked))
