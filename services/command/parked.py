"""Parked events as an operator sees them: what failed, what waits behind it, what came of an order.

Data is never shown: what could not be read may hold anything. Its SHA-256 is the one in the audit
log's record of the event.
"""

import asyncio
import heapq
from collections.abc import Iterable, Sequence
from typing import Any

from services.command.administration import Stores
from shared.kernel.records import record
from shared.messaging.parking import BEHIND, Order

POLL_S = 0.2

_COLUMNS = """
  p.tenant_id, p.subscription, p.key, p.event_id, p.type, p.source, p.stream, p.version, p.error,
  p.attempts, p.parked_at, p.failed_at, p.occurred_at, p.recorded_at, p.partition,
  p.transaction_id::text AS transaction_id, p.position, p.data IS NOT NULL AS is_kept,
  p.ordered, p.ordered_by, p.ordered_at, p.order_reason, p.published_at, clock_timestamp() AS now
"""
_READ = f"""
SELECT {_COLUMNS} FROM parked_events p
WHERE ($1::text IS NULL OR p.tenant_id = $1) AND ($2::text IS NULL OR p.subscription = $2)
ORDER BY p.number
"""
_READ_UNDER = f"""
SELECT {_COLUMNS} FROM unnest($1::text[], $2::text[], $3::text[])
  AS asked (tenant_id, subscription, key)
JOIN parked_events p USING (tenant_id, subscription, key)
ORDER BY p.number
"""
_READ_COPY = """
SELECT metadata, octet_length(data) AS data_bytes, encode(sha256(data), 'hex') AS data_sha256
FROM parked_events WHERE tenant_id = $1 AND subscription = $2 AND event_id = $3 LIMIT 1
"""
_ORDER = """
UPDATE parked_events
SET ordered = $5, ordered_by = $6, order_reason = $7, ordered_at = clock_timestamp()
WHERE tenant_id = $1 AND subscription = $2 AND event_id = $3 AND attempts = $4
"""

Place = tuple[str, str, str, str]


@record
class Entry:
    """A parked event: `row` is what the database has of it, `keys` whose events wait with it."""

    service: str
    keys: tuple[str, ...]
    row: Any

    @property
    def place(self) -> Place:
        """Return where it is parked: service, tenant, subscription, event."""
        return self.service, self.row["tenant_id"], self.row["subscription"], self.row["event_id"]

    @property
    def slots(self) -> list[Place]:
        """Return where others wait with it: service, tenant, subscription, key."""
        return [(*self.place[:3], key) for key in self.keys]

    @property
    def is_kept(self) -> bool:
        """Tell whether there is a copy of it to be handled."""
        return bool(self.row["is_kept"])

    @property
    def is_next(self) -> bool:
        """Tell whether it is handled without an order once nothing stands before it."""
        return self.row["error"] == BEHIND and self.is_kept


@record
class Outcome:
    """What came of an order: where the event was parked, and what of it is still there."""

    place: Place
    waited: tuple[str, ...]
    left: Entry | None
    is_done: bool
    stopped_at: Entry | None = None

    @property
    def is_resolved(self) -> bool:
        """Tell whether nothing is left of it, nor of what waited behind it."""
        return self.left is None and self.is_done and self.stopped_at is None


class Parked:
    """All parked events of some services, in the order in which they were parked."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = {each.place: each for each in entries}
        self._ordered = list(entries)
        self._numbers = {each.place: number for number, each in enumerate(entries)}
        self._under: dict[Place, list[Entry]] = {}
        for each in entries:
            for slot in each.slots:
                self._under.setdefault(slot, []).append(each)

    @property
    def firsts(self) -> list[Entry]:
        """Return those that wait for nothing but a person."""
        return [each for each in self.entries.values() if self.is_first(each)]

    def is_first(self, entry: Entry) -> bool:
        """Tell whether it waits behind nothing."""
        return all(self._under[slot][0].place == entry.place for slot in entry.slots)

    def of(self, event_id: str) -> list[Entry]:
        """Return an event wherever it is parked."""
        return [each for each in self.entries.values() if each.row["event_id"] == event_id]

    def before(self, entry: Entry) -> list[Entry]:
        """Return what it waits behind."""
        number = self._numbers[entry.place]
        return self._in_order(
            each
            for slot in entry.slots
            for each in self._under[slot]
            if self._numbers[each.place] < number
        )

    def behind(self, entry: Entry) -> list[Entry]:
        """Return what waits behind it, directly or not."""
        ahead = [self._numbers[entry.place]]
        followed: set[Place] = set()
        found: dict[Place, Entry] = {}
        while ahead:  # in order: what is drawn in under a second key draws in only what is later
            number = heapq.heappop(ahead)
            for slot in set(self._ordered[number].slots) - followed:
                followed.add(slot)
                for each in self._under[slot]:
                    if self._numbers[each.place] > number and each.place not in found:
                        found[each.place] = each
                        heapq.heappush(ahead, self._numbers[each.place])
        return self._in_order(found.values())

    def _in_order(self, entries: Iterable[Entry]) -> list[Entry]:
        once = {each.place: each for each in entries}
        return sorted(once.values(), key=lambda each: self._numbers[each.place])


async def read(
    stores: Stores,
    *,
    service: str | None = None,
    tenant: str | None = None,
    subscription: str | None = None,
) -> Parked:
    """Read what is parked."""
    asked = [service] if service else list(stores.connections)
    rows = await asyncio.gather(
        *(stores.of(each).fetch(_READ, tenant, subscription) for each in asked)
    )
    return Parked(
        [entry for name, those in zip(asked, rows, strict=True) for entry in _entries(name, those)]
    )


async def read_under(stores: Stores, slots: Iterable[Place]) -> Parked:
    """Read what is parked under some keys."""
    asked: dict[str, list[tuple[str, ...]]] = {}
    for service, *rest in slots:
        asked.setdefault(service, []).append(tuple(rest))
    rows = await asyncio.gather(
        *(
            stores.of(service).fetch(_READ_UNDER, *map(list, zip(*those, strict=True)))
            for service, those in asked.items()
        )
    )
    return Parked(
        [entry for name, those in zip(asked, rows, strict=True) for entry in _entries(name, those)]
    )


async def copy_of(stores: Stores, entry: Entry) -> Any:
    """Read what is known of an event's bytes; no row if it was settled meanwhile."""
    return await stores.of(entry.service).fetchrow(_READ_COPY, *entry.place[1:])


async def order(stores: Stores, entries: Sequence[Entry], wanted: Order) -> list[Entry]:
    """Order something about parked events, and return those that still were as they were read."""
    ordered = []
    for each in entries:
        done = await stores.of(each.service).execute(
            _ORDER, *each.place[1:], each.row["attempts"], wanted.action, wanted.by, wanted.reason
        )
        if done != "UPDATE 0":
            ordered.append(each)
    return ordered


async def outcomes(
    stores: Stores, before: Parked, ordered: Sequence[Entry], timeout_s: float
) -> list[Outcome]:
    """Wait until the services have carried the orders out, and say what came of each."""
    loop = asyncio.get_running_loop()
    end = loop.time() + timeout_s
    waited = [before.behind(each) for each in ordered]
    concerned = {slot for those in (ordered, *waited) for each in those for slot in each.slots}
    while True:
        now = await read_under(stores, concerned)
        found = [_outcome(now, *each) for each in zip(ordered, waited, strict=True)]
        if all(each.is_done for each in found) or loop.time() > end:
            return found
        await asyncio.sleep(POLL_S)


def _outcome(now: Parked, ordered: Entry, waited: Sequence[Entry]) -> Outcome:
    left = now.entries.get(ordered.place)
    still = [now.entries[each.place] for each in waited if each.place in now.entries]
    if left is not None:
        is_done, stopped_at = left.row["ordered"] is None, None
    else:
        firsts = [each for each in still if now.is_first(each)]
        is_done = not any(each.is_next for each in firsts)
        stopped_at = next(iter(firsts or still), None)
    return Outcome(
        place=ordered.place,
        waited=tuple(each.row["event_id"] for each in waited),
        left=left,
        is_done=is_done,
        stopped_at=stopped_at,
    )


def _entries(service: str, rows: Sequence[Any]) -> list[Entry]:
    found: dict[tuple[str, str, str], list[Any]] = {}
    for row in rows:
        place = (row["tenant_id"], row["subscription"], row["event_id"])
        found.setdefault(place, []).append(row)
    return [
        Entry(service=service, keys=tuple(each["key"] for each in those), row=those[0])
        for those in found.values()
    ]
