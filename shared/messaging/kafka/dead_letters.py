"""Tells the brokers which events are parked: for whoever watches topics, not for whoever decides.

The rows in the reader's database are the truth, and what is done about a parked event is done
there. Each is sent to the dead letters of its topic and group once it is committed, and once more
after each failed retry; again rather than not.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC

from shared.eventstore.store import StoreUnavailable
from shared.messaging.feed import Delivery
from shared.messaging.kafka import topics
from shared.messaging.kafka.configs import RECORD_BYTES_MAX
from shared.messaging.kafka.connection import Brokers
from shared.messaging.kafka.records import Headers
from shared.messaging.kafka.sender import Letter, RecordTooLarge, Sender, answered
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

Parked = tuple[ParkedEvent, Delivery]

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
        """Work until cancelled; brokers and a database that are away are waited for.

        Raises:
            RecordTooLarge: a letter is larger than the brokers take.
            TopicUnfit: a topic forgets, and the brokers do not let us change that.
        """
        pause_s = POLL_S
        while True:
            try:
                await self.step()
                pause_s = POLL_S
            except StoreUnavailable as error:
                log.info("dead-letters-interrupted", error=error)
                pause_s = min(pause_s * 2, PAUSE_S_MAX)
            await asyncio.sleep(pause_s)

    async def step(self) -> None:
        """Publish all there is. A topic that takes nothing keeps no other from its letters.

        Raises:
            StoreUnavailable: the database, or the brokers for one of the topics, do not answer;
                some of it may be sent.
            RecordTooLarge, TopicUnfit: as `run`.
        """
        failures: dict[str, Exception] = {}
        while parked := await self._parked.unpublished(without=list(failures)):
            for (topic, group), those in _by_topic(parked).items():
                try:
                    await self._publish(topic, dead_letters_of(topic, group), those)
                except Exception as error:  # noqa: BLE001 - raised when all others had their turn
                    log.info("dead-letters-held-up", topic=topic, subscription=group, error=error)
                    failures[group] = error
        # What will not pass by itself first.
        if failures:
            raise min(failures.values(), key=lambda each: isinstance(each, StoreUnavailable))

    async def _publish(self, origin: str, topic: str, parked: Sequence[Parked]) -> None:
        partitions = await answered(
            lambda: topics.ensure_like(self._brokers, topic, origin, LETTER_BYTES_MAX)
        )
        sender = Sender(self._brokers, topic, bytes_max=LETTER_BYTES_MAX)
        try:
            await sender.start()
            await self._send(sender, parked, partitions)
        finally:
            await sender.stop()
        log.warning("dead-letters-published", topic=topic, count=len(parked))

    async def _send(self, sender: Sender, parked: Sequence[Parked], partitions: int) -> None:
        """Send together, or each by itself if one is too large."""
        try:
            await sender.send([letter_of(each, delivery, partitions) for each, delivery in parked])
        except RecordTooLarge:
            if len(parked) == 1:
                raise
        else:
            await self._parked.note_published([each for each, _ in parked])
            return
        too_large: RecordTooLarge | None = None
        for each in parked:
            try:
                await self._send(sender, [each], partitions)
            except RecordTooLarge as error:
                too_large = error
        if too_large:
            raise too_large


def _by_topic(parked: Sequence[ParkedEvent]) -> Mapping[tuple[str, str], list[Parked]]:
    found: dict[tuple[str, str], list[Parked]] = {}
    for each in parked:
        delivery = each.envelope.delivery
        if delivery is not None:
            found.setdefault((delivery.topic, each.subscription), []).append((each, delivery))
    return found
