"""Holds the log against the source tables, both ways, and names the first bad record.

What is found: a changed, dropped, added or moved event; a changed, dropped or swapped entry; a log
that no longer leads to a checkpoint that was signed.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.compliance.audit.checkpoint import CheckpointRefused, verify
from services.compliance.audit.leaf import Entry, leaf_bytes
from services.compliance.audit.merkle import EMPTY, leaf_hash
from shared.kernel.records import record

PAGE_ROWS = 2_000


@record
class BadRecord:
    """The first thing found wrong; `leaf_index` is absent where the log has no entry for it."""

    problem: str
    service: str
    stream: str
    version: int
    leaf_index: int | None = None

    def __str__(self) -> str:
        place = f"{self.service} {self.stream} version {self.version}"
        index = "" if self.leaf_index is None else f" (leaf {self.leaf_index})"
        return f"{self.problem}: {place}{index}"


@record
class Verification:
    """What a verification of one tenant's log came to."""

    tenant: str
    leaves: int
    checkpoints: int
    bad: BadRecord | None
    unaudited: int = 0

    @property
    def is_verified(self) -> bool:
        """Tell whether nothing was found wrong."""
        return self.bad is None


class Verifier:
    """Reads the log of compliance and the event tables of all services.

    Args:
        connections: by service, with a role that reads events of all tenants.
        keys: the public keys with which checkpoints were signed.
        progress: told how many leaves were checked.
    """

    def __init__(
        self,
        connections: Mapping[str, Any],
        keys: Sequence[Ed25519PublicKey],
        progress: Callable[[int], None] = lambda leaves: None,
    ) -> None:
        self._connections = connections
        self._keys = keys
        self._progress = progress

    async def tenants(self) -> list[str]:
        """Return every tenant that has a log or an event."""
        found = {
            row["tenant_id"]
            for row in await self._connections["compliance"].fetch(
                "SELECT tenant_id FROM audit_logs"
            )
        }
        for connection in self._connections.values():
            rows = await connection.fetch("SELECT DISTINCT tenant_id FROM events")
            found |= {row["tenant_id"] for row in rows}
        return sorted(found)

    async def verify(self, tenant: str) -> Verification:
        """Check one tenant's log from its first leaf to its last."""
        checkpoints = await self._checkpoints(tenant)
        frontier = EMPTY
        bad: BadRecord | None = None
        async for page in self._entries(tenant):
            events = await self._events_of(tenant, page)
            for row in page:
                bad = _look(row, events.get(_place(row)), frontier.size)
                if bad is None:
                    frontier = frontier.append(row["leaf_hash"])
                    bad = self._against_roots(row, frontier, checkpoints)
                if bad is not None:
                    return Verification(
                        tenant=tenant, leaves=frontier.size, checkpoints=len(checkpoints), bad=bad
                    )
            self._progress(frontier.size)
        bad, unaudited = await self._left_out(tenant, frontier.size)
        if bad is None:
            bad = _beyond(checkpoints, frontier.size)
        return Verification(
            tenant=tenant,
            leaves=frontier.size,
            checkpoints=len(checkpoints),
            bad=bad,
            unaudited=unaudited,
        )

    def _against_roots(
        self, row: Any, frontier: Any, checkpoints: Mapping[int, Any]
    ) -> BadRecord | None:
        root = frontier.root
        if root != row["root_after"]:
            return _bad("the log does not lead to this entry's root", row)
        checkpoint = checkpoints.get(frontier.size)
        if checkpoint is None:
            return None
        try:
            signed = verify(checkpoint["note"], checkpoint["tenant_id"], self._keys)
        except CheckpointRefused as error:
            return _bad(f"the checkpoint here is not good ({error.code})", row)
        if signed.root != root or signed.size != frontier.size:
            return _bad("the log does not lead to the checkpoint signed here", row)
        return None

    async def _checkpoints(self, tenant: str) -> dict[int, Any]:
        rows = await self._connections["compliance"].fetch(
            "SELECT tenant_id, size, note FROM audit_checkpoints WHERE tenant_id = $1", tenant
        )
        return {row["size"]: row for row in rows}

    async def _entries(self, tenant: str) -> AsyncIterator[list[Any]]:
        after = -1
        while True:
            page = await self._connections["compliance"].fetch(
                "SELECT leaf_index, service, stream, version, event_id, leaf_hash, root_after"
                " FROM audit_entries WHERE tenant_id = $1 AND leaf_index > $2"
                " ORDER BY leaf_index LIMIT $3",
                tenant,
                after,
                PAGE_ROWS,
            )
            if not page:
                return
            yield page
            after = page[-1]["leaf_index"]

    async def _events_of(self, tenant: str, page: Sequence[Any]) -> dict[Any, Entry]:
        found: dict[Any, Entry] = {}
        for service, connection in self._connections.items():
            places = [row for row in page if row["service"] == service]
            if not places:
                continue
            rows = await connection.fetch(
                "SELECT e.* FROM unnest($2::text[], $3::integer[]) AS p(stream, version)"
                " JOIN events e ON e.tenant_id = $1 AND e.stream = p.stream AND e.version = p.version",
                tenant,
                [row["stream"] for row in places],
                [row["version"] for row in places],
            )
            for row in rows:
                found[service, row["stream"], row["version"]] = _entry(service, row)
        return found

    async def _left_out(self, tenant: str, size: int) -> tuple[BadRecord | None, int]:
        """Find source events without an entry; those after the last one are on their way."""
        audited = self._connections["compliance"]
        missing: list[BadRecord] = []
        on_their_way = 0
        for service, connection in self._connections.items():
            known = await audited.fetch(
                "SELECT stream, max(version) AS newest, count(*) AS entries FROM audit_entries"
                " WHERE tenant_id = $1 AND service = $2 GROUP BY stream",
                tenant,
                service,
            )
            newest = {row["stream"]: (row["newest"], row["entries"]) for row in known}
            rows = await connection.fetch(
                "SELECT stream, max(version) AS newest, count(*) AS events FROM events"
                " WHERE tenant_id = $1 GROUP BY stream ORDER BY stream",
                tenant,
            )
            for row in rows:
                audited_to, entries = newest.get(row["stream"], (0, 0))
                on_their_way += max(0, row["newest"] - audited_to)
                if entries < audited_to:
                    missing.append(
                        BadRecord(
                            problem="events of this stream were never entered",
                            service=service,
                            stream=row["stream"],
                            version=audited_to,
                        )
                    )
        return min(missing, key=str, default=None), on_their_way


def _look(row: Any, event: Entry | None, expected_index: int) -> BadRecord | None:
    if row["leaf_index"] != expected_index:
        return _bad(f"the entry of leaf {expected_index} is gone; the next one is", row)
    if event is None:
        return _bad("the event was dropped from its service", row)
    if event.event_id != row["event_id"] or leaf_hash(leaf_bytes(event)) != row["leaf_hash"]:
        return _bad("the event and its entry differ", row)
    return None


def _beyond(checkpoints: Mapping[int, Any], size: int) -> BadRecord | None:
    beyond = [each for each in checkpoints if each > size]
    if not beyond:
        return None
    return BadRecord(
        problem=f"a checkpoint was signed at {min(beyond)} leaves, the log ends before",
        service="compliance",
        stream="audit",
        version=size,
        leaf_index=size,
    )


def _place(row: Any) -> tuple[str, str, int]:
    return row["service"], row["stream"], row["version"]


def _bad(problem: str, row: Any) -> BadRecord:
    return BadRecord(
        problem=problem,
        service=row["service"],
        stream=row["stream"],
        version=row["version"],
        leaf_index=row["leaf_index"],
    )


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
