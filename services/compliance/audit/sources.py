"""What a verification reads: the log in compliance, and the event tables of all services.

Everything is read in pages: a long statement would hold every feed back, and is not let to.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from services.compliance.audit.leaf import Entry
from shared.kernel.records import record
from shared.messaging.kafka.records import CLUSTER_MARK

PAGE_ROWS = 2_000
COMMITTING_MAX = timedelta(seconds=5)  # more than a transaction may last
NEVER = datetime.fromtimestamp(0, UTC)
Place = tuple[str, str, int]  # service, stream, version

# One look at the index for each tenant; DISTINCT would read every event.
_TENANTS = """
WITH RECURSIVE found AS (
  (SELECT tenant_id FROM events ORDER BY tenant_id LIMIT 1)
  UNION ALL
  SELECT (SELECT e.tenant_id FROM events e WHERE e.tenant_id > f.tenant_id
          ORDER BY e.tenant_id LIMIT 1)
  FROM found f WHERE f.tenant_id IS NOT NULL
)
SELECT tenant_id FROM found WHERE tenant_id IS NOT NULL
"""
_PASSED = """
SELECT c.subscription, c.epoch, c.transaction_id::text::bigint AS transaction_id, c.position,
  w.fresh_as_of
FROM checkpoints c LEFT JOIN watermarks w
  ON w.subscription = c.subscription AND w.partition = c.partition
WHERE c.subscription = ANY ($1)
"""
_ENTRIES = """
SELECT leaf_index, service, stream, version, event_id, leaf_hash, root_after FROM audit_entries
WHERE tenant_id = $1 AND leaf_index > $2 ORDER BY leaf_index LIMIT $3
"""
_EVENTS_AT = """
SELECT e.* FROM unnest($2::text[], $3::integer[]) AS p(stream, version)
JOIN events e ON e.tenant_id = $1 AND e.stream = p.stream AND e.version = p.version
"""
_EVENTS = """
SELECT stream, version, transaction_id::text::bigint AS transaction_id, position, recorded_at
FROM events
WHERE tenant_id = $1 AND (stream, version) > ($2, $3) ORDER BY stream, version LIMIT $4
"""
_WITHOUT_ENTRY = """
SELECT p.nth FROM unnest($3::text[], $4::integer[]) WITH ORDINALITY AS p(stream, version, nth)
WHERE NOT EXISTS (
  SELECT FROM audit_entries a WHERE a.tenant_id = $1 AND a.service = $2
    AND a.stream = p.stream AND a.version = p.version)
ORDER BY p.nth
"""


@record
class LogState:
    """What the log says of itself: its size and frontier, and the checkpoints signed of it."""

    size: int
    frontier: bytes
    notes: Mapping[int, str]


@record
class Passed:
    """How far the log's reader of a service has come: to a place in its commit order, or, reading
    a topic, to what was committed before an instant.
    """

    place: tuple[int, int] = (0, 0)
    committed_before: datetime | None = None

    def has(self, row: Any) -> bool:
        """Tell whether an event has been passed; of a topic's newest that is not known yet."""
        if self.committed_before is not None:
            return bool(row["recorded_at"] < self.committed_before - COMMITTING_MAX)
        return (row["transaction_id"], row["position"]) <= self.place


@record
class Unentered:
    """An event that the log has no entry for; `was_passed` if the log's reader is beyond it."""

    service: str
    stream: str
    version: int
    was_passed: bool


class Sources:
    """Reads one tenant's records, with connections that see all tenants' events."""

    def __init__(self, connections: Mapping[str, Any]) -> None:
        self._connections = connections
        self._log = connections["compliance"]

    async def tenants(self) -> list[str]:
        """Return every tenant that has a log or an event."""
        rows = await self._log.fetch("SELECT tenant_id FROM audit_logs")
        for connection in self._connections.values():
            rows += await connection.fetch(_TENANTS)
        return sorted({row["tenant_id"] for row in rows})

    async def passed(self) -> dict[str, Passed]:
        """Return up to where each service's events have been entered."""
        names = {f"compliance-audit-from-{service}": service for service in self._connections}
        rows = await self._log.fetch(_PASSED, list(names))
        found: dict[str, list[Any]] = {}
        for row in rows:
            found.setdefault(names[row["subscription"]], []).append(row)
        return {service: _passed(those) for service, those in found.items()}

    async def state(self, tenant: str) -> LogState:
        """Return what the log says of itself."""
        row = await self._log.fetchrow(
            "SELECT size, frontier FROM audit_logs WHERE tenant_id = $1", tenant
        )
        checkpoints = await self._log.fetch(
            "SELECT size, note FROM audit_checkpoints WHERE tenant_id = $1", tenant
        )
        return LogState(
            size=row["size"] if row else 0,
            frontier=row["frontier"] if row else b"",
            notes={each["size"]: each["note"] for each in checkpoints},
        )

    async def entries(self, tenant: str) -> AsyncIterator[list[Any]]:
        """Yield the log's entries in pages, in order."""
        after = -1
        while page := await self._log.fetch(_ENTRIES, tenant, after, PAGE_ROWS):
            yield page
            after = page[-1]["leaf_index"]

    async def events_of(self, tenant: str, page: Sequence[Any]) -> dict[Place, Entry]:
        """Return the events that a page of entries stands for, as their services have them."""
        found: dict[Place, Entry] = {}
        for service, connection in self._connections.items():
            places = [row for row in page if row["service"] == service]
            if not places:
                continue
            streams = [row["stream"] for row in places]
            versions = [row["version"] for row in places]
            for row in await connection.fetch(_EVENTS_AT, tenant, streams, versions):
                found[service, row["stream"], row["version"]] = _entry(service, row)
        return found

    async def unentered(
        self, tenant: str, passed: Mapping[str, Passed]
    ) -> AsyncIterator[Unentered]:
        """Yield the events without an entry, by service, stream and version."""
        for service, connection in self._connections.items():
            after = ("", 0)
            while page := await connection.fetch(_EVENTS, tenant, *after, PAGE_ROWS):
                streams = [row["stream"] for row in page]
                versions = [row["version"] for row in page]
                for each in await self._log.fetch(
                    _WITHOUT_ENTRY, tenant, service, streams, versions
                ):
                    row = page[each["nth"] - 1]
                    yield Unentered(
                        service=service,
                        stream=row["stream"],
                        version=row["version"],
                        was_passed=passed.get(service, Passed()).has(row),
                    )
                after = (page[-1]["stream"], page[-1]["version"])


def _passed(rows: Sequence[Any]) -> Passed:
    """Read the checkpoints of one reader: one of a store, or one for each partition of a topic."""
    if CLUSTER_MARK not in rows[0]["epoch"]:
        return Passed(place=(rows[0]["transaction_id"], rows[0]["position"]))
    marks = [row["fresh_as_of"] or NEVER for row in rows]
    return Passed(committed_before=min(marks))


def _entry(service: str, row: Any) -> Entry:
    return Entry(
        tenant=row["tenant_id"],
        service=service,
        stream=row["stream"],
        version=row["version"],
        event_id=row["event_id"],
        type=row["type"],
        occurred_at=row["occurred_at"],
        recorded_at=row["recorded_at"],
        data=row["data"],
        metadata=row["metadata"],
    )
