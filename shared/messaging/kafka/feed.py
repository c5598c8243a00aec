"""The feed over Kafka: reads what the relay of a service published.

The checkpoint of the subscription says where to read on, never an offset committed to the broker.
A position is the number of a publication and an offset, and only records behind it are delivered:
of a topic that was filled anew, what was read before is passed over and what follows is not missed.
"""

import asyncio
import time
from collections import deque
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from shared.eventstore.store import StoreUnavailable
from shared.kernel.errors import OperatorNeeded
from shared.messaging.feed import BEHIND_MAX, START, Envelope, Page, Position
from shared.messaging.kafka import records
from shared.messaging.kafka.connection import SILENCE_MAX_S, Brokers, topic_of
from shared.messaging.kafka.reader import NotOurs, Reader
from shared.messaging.kafka.records import (
    CLUSTER_MARK,
    ForeignRecord,
    Sent,
    UnreadableRecord,
)
from shared.telemetry import metrics
from shared.telemetry.logging import get_logger

T = TypeVar("T")

RECORDS_PER_FETCH_MAX = 500
FETCH_S = 1.0
CATCHING_UP_S_MAX = 10.0

log = get_logger(__name__)


class PositionLost(OperatorNeeded):
    """What comes next is not there, or cannot be read; the log must be published anew.

    Args:
        upto: as far as was read before.
        end_offset: as far as there are records; none of them leads on.
    """

    def __init__(self, *, topic: str, partition: int, upto: Position, end_offset: int) -> None:
        super().__init__(f"Nothing leads on from {upto} in {topic} [{partition}]")
        self.topic = topic
        self.partition = partition
        self.publication = upto.transaction_id
        self.position = upto.position
        self.end_offset = end_offset


class _Place:
    """Where a partition is being read, and what was fetched ahead.

    A scan begins at the oldest record; it must come across `after`, or the beginning of a later
    publication, before it may deliver anything. So must one that met a gap. Who has read nothing
    yet begins with publication `first`: those before it may be of a log that a restore has undone.
    """

    def __init__(self, after: Position, offset: int, *, is_scan: bool, first: int = 0) -> None:
        self.upto = after
        self._first = first
        self.next_offset = self.begun_at = offset
        self.is_scan = is_scan
        self.is_covered = not is_scan
        self.has_gap = False
        self.ahead: deque[Sent | None] = deque()  # None stands for a record that cannot be read

    def break_off(self) -> None:
        """Deliver nothing more until a later publication says again what was said here."""
        self.is_covered, self.has_gap = False, True

    def opens_gap(self, sent: Sent | None) -> bool:
        """Tell whether something is missing where a record stands."""
        if sent is None:
            return True
        return self._has_no_beginning(sent) or (sent.is_stray and not self._is_past(sent))

    def is_new(self, sent: Sent) -> bool:
        """Tell whether a record lies behind what was read, and nothing is missing in between."""
        if self._is_past(sent):
            return False
        is_behind = _pair(sent.position) > _pair(self.upto)
        is_later = sent.publication.number > self.upto.transaction_id
        is_own = sent.publication.number == self.upto.transaction_id and not is_behind
        if self.opens_gap(sent):
            self.is_covered = False  # until what is missing is sent again
        elif is_own or is_later:
            self.is_covered = True
        self.has_gap = not self.is_covered
        return is_behind and self.is_covered

    def leaps(self, sent: Sent) -> bool:
        """Tell whether a scan may find the beginning of a publication that was not seen."""
        return not self.is_scan and self._has_no_beginning(sent)

    def _has_no_beginning(self, sent: Sent) -> bool:
        return sent.publication.number > self.upto.transaction_id and not sent.is_beginning

    def _is_past(self, sent: Sent) -> bool:
        """Tell whether it is of an older publication; what that says, a newer one says again."""
        return sent.publication.number < max(self._first, self.upto.transaction_id)


class KafkaFeed:
    """Reads one service's topic as a member of a group named like the subscription."""

    def __init__(self, source: str, brokers: Brokers, group: str) -> None:
        self.source = source
        self._brokers = brokers
        self._group = group
        self._reader: Reader | None = None
        self._places: dict[int, _Place] = {}

    async def partitions(self) -> tuple[str, ...]:
        """Return the partitions that the group has given to this reader."""
        reader = await self._open()
        for partition in set(self._places) - set(reader.assigned):
            del self._places[partition]
        await self._closing_on_failure(self._watch(reader))
        return tuple(str(each) for each in reader.assigned)

    async def all_partitions(self) -> tuple[str, ...]:
        """Return every partition of the topic."""
        reader = await self._open()
        return tuple(str(each) for each in reader.all_partitions())

    async def page(self, partition: str, after: Position, limit: int) -> Page:
        """Return the next events after a position, in the order in which they were published.

        What stands before a gap is a page by itself: the next look meets the gap.

        Raises:
            StoreUnavailable: the brokers do not answer.
            PositionLost: they have deleted what comes next, or it cannot be read.
        """
        return await self._closing_on_failure(self._page(int(partition), after, limit))

    async def behind(self, positions: Mapping[str, Position]) -> int:
        """Count the records behind positions in the partitions that are ours, marks included.

        The ends are those last heard of: a reader that stands still does not see them move.

        Raises:
            StoreUnavailable: there is no reader at the moment.
        """
        reader = self._reader
        if reader is None:
            raise StoreUnavailable("not connected to the brokers")
        ours = [each for each in reader.assigned if str(each) in positions]
        behind = (reader.known_end(each) - positions[str(each)].position for each in ours)
        return min(sum(max(each, 0) for each in behind), BEHIND_MAX)

    async def wait(self, timeout_s: float) -> None:
        """Return when records have come, at the latest after the timeout."""
        reader = await self._open()
        if not any(self._places[each].ahead for each in self._open_places(reader)):
            await self._closing_on_failure(self._fetch(reader, timeout_s))

    async def close(self) -> None:
        """Leave the group."""
        reader, self._reader = self._reader, None
        self._places.clear()
        if reader:
            await reader.stop()

    async def _open(self) -> Reader:
        if self._reader is None:
            reader = Reader(self._brokers, topic_of(self.source), self._group)
            try:
                await reader.start()
            except BaseException:
                await reader.stop()
                self._count_rebuild()
                raise
            self._reader = reader
        return self._reader

    async def _closing_on_failure(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return await work
        except NotOurs:
            raise
        except StoreUnavailable:
            await self.close()
            self._count_rebuild()
            raise

    def _count_rebuild(self) -> None:
        labels = {"forbear.client": "consumer", "forbear.source": self.source}
        metrics.KAFKA_REBUILDS.add(1, labels)

    async def _watch(self, reader: Reader) -> None:
        """Throw away a consumer that is silent although there is something to read."""
        for partition, place in self._places.items():
            if reader.silent_for_s(partition) < SILENCE_MAX_S:
                continue
            if await reader.end(partition) > place.next_offset:
                log.warning("consumer-stuck", group=self._group, partition=partition)
                raise StoreUnavailable("the consumer stands still")
            reader.excuse(partition)

    async def _page(self, partition: int, after: Position, limit: int) -> Page:
        reader = await self._open()
        place = self._places.get(partition)
        if place is None or place.upto != after or reader.is_held(partition):
            place = await self._place(reader, partition, after)
        events: list[Envelope] = []
        epoch, fresh_as_of = "", None
        place.begun_at, end = place.next_offset, time.monotonic() + CATCHING_UP_S_MAX
        while len(events) < limit and await self._has_more(reader, partition, place, end):
            sent = place.ahead[0]
            if place.opens_gap(sent) and place.upto != after:
                break
            if sent is None:
                place.ahead.popleft()
                place.break_off()
                continue
            if place.leaps(sent):
                place = await self._place(reader, partition, place.upto, is_scan=True)
                continue
            if epoch not in ("", sent.publication.epoch):
                break
            place.ahead.popleft()
            if not place.is_new(sent):
                continue
            place.upto, epoch = sent.position, sent.publication.epoch
            fresh_as_of = sent.fresh_as_of or fresh_as_of
            if sent.envelope:
                events.append(sent.envelope)
        return Page(
            events=tuple(events),
            upto=place.upto,
            epoch=f"{epoch}{CLUSTER_MARK}{reader.cluster_id}" if epoch else "",
            fresh_as_of=fresh_as_of,
        )

    async def _has_more(
        self, reader: Reader, partition: int, place: _Place, until_s: float
    ) -> bool:
        """Tell whether a record was fetched ahead, fetching what the brokers are known to have."""
        while not place.ahead:
            if reader.is_held(partition):
                raise NotOurs(f"partition {partition} was assigned once more")
            if place.next_offset >= reader.known_end(partition):
                if place.has_gap:
                    raise PositionLost(
                        topic=topic_of(self.source),
                        partition=partition,
                        upto=place.upto,
                        end_offset=place.next_offset,
                    )
                return False
            if time.monotonic() > until_s:
                if place.next_offset == place.begun_at:
                    raise StoreUnavailable("what is there does not come")
                return False  # records come that were read before: go on with the next page
            await self._fetch(reader, FETCH_S)
        return True

    async def _place(
        self, reader: Reader, partition: int, after: Position, *, is_scan: bool = False
    ) -> _Place:
        oldest, end = await reader.beginning(partition), await reader.end(partition)
        is_scan = is_scan or after == START or not oldest <= after.position <= end
        first = 0
        if after == START and oldest < end:
            first = await self._newest(reader, partition, end)
        offset = oldest if is_scan else after.position
        place = _Place(after, offset, is_scan=is_scan, first=first)
        reader.seek(partition, place.next_offset)
        self._places[partition] = place
        return place

    async def _newest(self, reader: Reader, partition: int, end: int) -> int:
        """Return the number of the publication that a partition's last record belongs to."""
        self._places.pop(partition, None)
        reader.seek(partition, end - 1)
        until_s = time.monotonic() + FETCH_S
        while time.monotonic() < until_s:
            for message in await reader.fetch([partition], 1, FETCH_S):
                if message.offset >= end - 1:
                    try:
                        return records.read(self.source, message).publication.number
                    except (ForeignRecord, UnreadableRecord):
                        return 0  # nothing is known then, and nothing is passed over
        raise StoreUnavailable("the last record does not come")

    def _open_places(self, reader: Reader) -> list[int]:
        return [
            each for each in reader.assigned if each in self._places and not reader.is_held(each)
        ]

    async def _fetch(self, reader: Reader, timeout_s: float) -> None:
        """Fetch ahead for every partition that has not enough: one alone would hold up the others.

        aiokafka asks a broker for nothing more while records of it lie there that nobody takes.
        """
        partitions = [
            each
            for each in self._open_places(reader)
            if len(self._places[each].ahead) < RECORDS_PER_FETCH_MAX
        ]
        if not partitions:
            await reader.look_for_errors()
            await asyncio.sleep(timeout_s)
            return
        for message in await reader.fetch(partitions, RECORDS_PER_FETCH_MAX, timeout_s):
            place = self._places.get(message.partition)
            if place is None or message.offset < place.next_offset:
                continue
            place.next_offset = message.offset + 1
            try:
                place.ahead.append(records.read(self.source, message))
            except ForeignRecord as error:
                log.error("foreign-record", **_where(message, self._group), error=error)
            except UnreadableRecord as error:
                log.error("unreadable-record", **_where(message, self._group), error=error)
                place.ahead.append(None)


def _where(message: Any, group: str) -> dict[str, Any]:
    return {
        "subscription": group,
        "topic": message.topic,
        "partition": message.partition,
        "position": message.offset,
    }


def _pair(position: Position) -> tuple[int, int]:
    return position.transaction_id, position.position
