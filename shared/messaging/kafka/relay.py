"""Publishes a service's event log to Kafka: everything, in order per key, again rather than not.

Each shard has some of the topic's partitions and a checkpoint of its own. It moves the checkpoint
after the brokers have acknowledged, conditionally on where it left it. Two relays of one shard may
therefore send an event twice, but neither sends one before the one that precedes it was sent: the
first appearances are in order, and readers pass over the rest.
"""

import asyncio
import contextlib
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from aiokafka.partitioner import DefaultPartitioner
from opentelemetry.trace import Span

from shared.eventstore.store import StoreUnavailable
from shared.kernel.errors import OperatorNeeded
from shared.kernel.records import record, replace
from shared.messaging import spans
from shared.messaging.effects import Deposed, EffectStore
from shared.messaging.feed import Envelope, Feed
from shared.messaging.kafka import records, topics
from shared.messaging.kafka.connection import Brokers, topic_of
from shared.messaging.kafka.publications import NOTHING_SENT, RELAY, Publications, Sending
from shared.messaging.kafka.records import Publication
from shared.messaging.kafka.sender import Letter, Sender, answered
from shared.messaging.lease import LEASE_S, Lease
from shared.messaging.postgres import PARTITION
from shared.telemetry import metrics, tracing
from shared.telemetry.logging import get_logger

PAGE_SIZE_MAX = 500
POLL_S = 0.25
PAUSE_S = 0.1
PAUSE_S_MAX = 5.0
MARK_EVERY_S = 1.0
KEYS_KEPT_MAX = 65_536

log = get_logger(__name__)


class Repartitioned(OperatorNeeded):
    """The topic has another number of partitions than the log was published to: keys would move."""

    def __init__(self, *, topic: str, partitions: int, partitions_published: int) -> None:
        super().__init__(f"{topic} has {partitions} partitions, not {partitions_published}")
        self.topic = topic
        self.partitions = partitions
        self.partitions_published = partitions_published


@record
class Topic:
    """What the topic is made with where it is missing; `copies` is its replication factor."""

    partitions: int = 6
    copies: int = 1


@record
class Shard:
    """Number `number` of `count`; it has every `count`-th partition."""

    number: int = 0
    count: int = 1

    def has(self, partition: int) -> bool:
        """Tell whether a partition is this shard's."""
        return partition % self.count == self.number


@lru_cache(maxsize=KEYS_KEPT_MAX)
def partition_of(key: str, partitions: int) -> int:
    """Return the partition of a key: Kafka's own default, so that others may compute it too."""
    return int(DefaultPartitioner()(key.encode(), list(range(partitions)), []))


class Relay:
    """One shard's publisher. Run it in as many processes as you like: one works, the rest wait."""

    def __init__(  # noqa: PLR0913 - keyword-only
        self,
        *,
        feed: Feed,
        effects: EffectStore,
        publications: Publications,
        lease: Lease,
        brokers: Brokers,
        topic: Topic,
        shard: Shard,
    ) -> None:
        self._feed = feed
        self._effects = effects
        self._publications = publications
        self._lease = lease
        self._brokers = brokers
        self._shape = topic
        self._shard = shard
        self._topic = topic_of(feed.source)
        self._checkpoint = f"{shard.number}/{shard.count}"
        self._size = PAGE_SIZE_MAX
        self._pause_s = PAUSE_S  # grows while nothing is acknowledged
        self._count = 0
        self._sendings: dict[int, Sending] = {}
        self._labels = {"forbear.shard": self._checkpoint}
        self._answered_at = time.monotonic()
        self.is_leading = False

    @property
    def unanswered_s(self) -> float:
        """Return for how long the brokers have owed an answer; nothing while another one leads."""
        return time.monotonic() - self._answered_at

    async def run(self) -> None:
        """Publish until cancelled; brokers and databases that are away are waited for.

        Raises:
            StoreReplaced: the log was restored; begin a new publication.
            Repartitioned: the topic's partitions are not those the log was published to.
            TopicUnfit: it forgets, and the brokers do not let us change that.
            RecordTooLarge: an event is larger than the brokers take.
        """
        try:
            while True:
                try:
                    if await self._lease.hold():
                        await self._lead()
                    else:
                        self._answered_at = time.monotonic()
                except (StoreUnavailable, Deposed) as error:
                    log.info("relay-interrupted", shard=self._shard.number, error=error)
                    # What a slow broker cannot take in time must not be tried for ever.
                    self._size = max(self._size // 4, 1)
                await asyncio.sleep(self._pause_s)
                self._pause_s = min(self._pause_s * 2, PAUSE_S_MAX)
        finally:
            with contextlib.suppress(StoreUnavailable):
                await self._lease.release()

    async def _lead(self) -> None:
        self.is_leading = True
        metrics.RELAY_LEADING.add(1, self._labels)
        try:
            await self._publish()
        finally:
            self.is_leading = False
            metrics.RELAY_LEADING.add(-1, self._labels)

    async def _publish(self) -> None:
        sender = Sender(self._brokers, self._topic)
        try:
            await sender.start()
            await self._publish_on(sender)
        except StoreUnavailable:
            labels = {"forbear.client": "producer", "forbear.source": self._feed.source}
            metrics.KAFKA_REBUILDS.add(1, labels)
            raise
        finally:
            await sender.stop()

    async def _publish_on(self, sender: Sender) -> None:
        await self._prepare()
        taken = await self._effects.take_up(RELAY, self._checkpoint)
        renewed = marked = time.monotonic()
        while True:
            if time.monotonic() - renewed > LEASE_S / 3:
                if not await self._lease.hold():
                    return
                renewed = time.monotonic()
            page = await self._feed.page(PARTITION, taken.position, self._size)
            if page.epoch != taken.epoch:
                taken = await self._effects.accept_epoch(taken, page.epoch)
            await self._send(sender, self._beginnings(page.epoch))
            with tracing.ending_together() as begun:
                letters = self._letters(page.epoch, page.events, begun)
                await self._send(sender, letters, are_events=True)
            metrics.RELAY_SENT.add(len(letters), self._labels)
            if page.events:
                taken = await self._effects.commit(taken, (), page.upto, None)
                self._size = min(self._size * 2, PAGE_SIZE_MAX)
            if page.fresh_as_of and time.monotonic() - marked > MARK_EVERY_S:
                # Notices, too, that somebody has begun a new publication or taken over.
                taken = await self._effects.commit(taken, (), page.upto, page.fresh_as_of)
                await self._send(sender, self._marks(page.epoch, page.fresh_as_of))
                marked = time.monotonic()
            if not page.events:
                await self._feed.wait(POLL_S)

    async def _prepare(self) -> None:
        """Find the topic as it was left, or begin a publication."""
        shape = self._shape
        self._count = await answered(
            lambda: topics.ensure_topic(self._brokers, self._topic, shape.partitions, shape.copies)
        )
        await self._publications.reshard(self._shard.count)
        known = await self._publications.all()
        for each in known.values():
            if each.partitions != self._count:
                raise Repartitioned(
                    topic=self._topic,
                    partitions=self._count,
                    partitions_published=each.partitions,
                )
        own = [each for each in range(self._count) if self._shard.has(each)]
        ends = await answered(lambda: topics.end_offsets(self._brokers, self._topic, own))
        if not all(each in known and ends[each] > known[each].last_offset for each in own):
            await self._begin(own, known)
            known = await self._publications.all()
        self._sendings = {each: known[each] for each in own}

    async def _begin(self, own: Sequence[int], known: Mapping[int, Sending]) -> None:
        log.warning("publication-begun", topic=self._topic, shard=self._checkpoint)
        await self._publications.begin(self._checkpoint, own, known, self._count)

    async def _send(
        self, sender: Sender, letters: Sequence[Letter], *, are_events: bool = False
    ) -> None:
        if not letters:
            return
        with metrics.RELAY_SEND_DURATION.time(self._labels):
            given = await sender.send(letters)
        self._answered_at = time.monotonic()
        self._pause_s = PAUSE_S
        sent = {}
        for partition, (first, last) in given.items():
            sending = self._sendings[partition]
            if first <= sending.last_offset:
                # An offset that was given before: the topic is another one, and holds nothing.
                await self._begin(list(self._sendings), self._sendings)
                raise Deposed(RELAY)
            last_event = last if are_events else sending.last_event_offset
            sent[partition] = replace(sending, last_offset=last, last_event_offset=last_event)
        await self._publications.note(sent)
        self._sendings |= sent

    def _beginnings(self, epoch: str) -> list[Letter]:
        return [
            Letter(partition=each, headers=records.beginning(self._publication(each, epoch)))
            for each, sending in self._sendings.items()
            if sending.last_offset == NOTHING_SENT
        ]

    def _letters(self, epoch: str, events: Sequence[Envelope], begun: list[Span]) -> list[Letter]:
        letters = []
        for envelope in events:
            key = envelope.keys[0]
            partition = partition_of(key, self._count)
            if self._shard.has(partition):
                span = spans.sending(envelope, partition)
                if span is not None:
                    begun.append(span)
                letters.append(
                    Letter(
                        partition=partition,
                        key=key.encode(),
                        value=envelope.data,
                        headers=records.headers_of(
                            envelope,
                            self._publication(partition, epoch),
                            tracing.traceparent_of(span) if span else None,
                        ),
                        span=span,
                    )
                )
        return letters

    def _marks(self, epoch: str, fresh_as_of: datetime) -> list[Letter]:
        return [
            Letter(
                partition=each,
                headers=records.watermark(self._publication(each, epoch), fresh_as_of),
            )
            for each in self._sendings
        ]

    def _publication(self, partition: int, epoch: str) -> Publication:
        sending = self._sendings[partition]
        return Publication(epoch=epoch, number=sending.number, after=sending.last_offset)
