"""Parked events as an operator sees them: what failed, what waits behind it, what came of an order.

Data is never shown: what could not be read may hold anything. Its SHA-256 is the one in the audit
log's record of the event.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from services.command.administration import Stores
from shared.kernel.records import record
from shared.messaging.parking import BEHIND, Order

POLL_S = 0.2

_READ = """
SELECT tenant_id, subscription, key, event_id, type, source, stream, version, error, attempts,
  parked_at, failed_at, occurred_at, recorded_at, partition, transaction_id::text AS transaction_id,
  position, metadata, octet_length(data) AS data_bytes, encode(sha256(data), 'hex') AS data_sha256,
  ordered, ordered_by, ordered_at, order_reason, delivery IS NOT NULL AS is_from_topic,
  published_at, clock_timestamp() AS now
FROM parked_events
WHERE ($1::text IS NULL OR tenant_id = $1) AND ($2::text IS NULL OR subscription = $2)
ORDER BY number
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
    def is_kept(self) -> bool:
        """Tell whether there is a copy of it to be handled."""
        return self.row["data_sha256"] is not None

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

    @property
    def firsts(self) -> list[Entry]:
        """Return those that wait for nothing but a person."""
        return [each for each in self.entries.values() if not self.before(each)]

    def of(self, event_id: str) -> list[Entry]:
        """Return an event wherever it is parked."""
        return [each for each in self.entries.values() if each.row["event_id"] == event_id]

    def before(self, entry: Entry) -> list[Entry]:
        """Return what it waits behind."""
        beside = self._beside(entry)
        earlier = beside[: beside.index(entry)]
        return [each for each in earlier if set(each.keys).intersection(entry.keys)]

    def behind(self, entry: Entry) -> list[Entry]:
        """Return what waits behind it, directly or not."""
        beside = self._beside(entry)
        keys, found = set(entry.keys), []
        for each in beside[beside.index(entry) + 1 :]:
            if keys.intersection(each.keys):
                keys.update(each.keys)
                found.append(each)
        return found

    def _beside(self, entry: Entry) -> list[Entry]:
        return [each for each in self.entries.values() if each.place[:3] == entry.place[:3]]


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
    while True:
        now = await read(stores)
        found = [_outcome(before, now, each) for each in ordered]
        if all(each.is_done for each in found) or loop.time() > end:
            return found
        await asyncio.sleep(POLL_S)


def _outcome(before: Parked, now: Parked, ordered: Entry) -> Outcome:
    waited = [each.place for each in before.behind(ordered)]
    left = now.entries.get(ordered.place)
    still = [now.entries[each] for each in waited if each in now.entries]
    if left is not None:
        is_done, stopped_at = left.row["ordered"] is None, None
    else:
        firsts = [each for each in still if not now.before(each)]
        is_done = not any(each.is_next for each in firsts)
        stopped_at = next(iter(firsts or still), None)
    return Outcome(
        place=ordered.place,
        waited=tuple(event_id for *_, event_id in waited),
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
