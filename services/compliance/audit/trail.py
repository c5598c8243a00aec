"""Adds every event of every service to its tenant's log, in the transaction that delivers it."""

from collections.abc import Callable, Sequence
from typing import Any

import asyncpg

from services.compliance.audit.leaf import Entry, leaf_bytes
from services.compliance.audit.merkle import HASH_BYTES, Frontier, leaf_hash
from shared.eventstore.store import StoreUnavailable
from shared.messaging.feed import Envelope

_OPEN = "INSERT INTO audit_logs (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING"
_READ = "SELECT size, frontier FROM audit_logs WHERE tenant_id = $1 FOR UPDATE"
_GROW = "UPDATE audit_logs SET size = $2, frontier = $3 WHERE tenant_id = $1"
_ADD = """
INSERT INTO audit_entries
  (tenant_id, leaf_index, service, stream, version, event_id, leaf_hash, root_after)
SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::integer[], $6::text[],
                         $7::bytea[], $8::bytea[])
"""


class Trail:
    """Writes audit entries; one log per tenant, grown under a lock on its row.

    Args:
        grown: told which tenant's log has grown, so that a checkpoint follows.
    """

    def __init__(self, grown: Callable[[str], None]) -> None:
        self._grown = grown

    async def archive(self, connection: Any, tenant: str, envelopes: Sequence[Envelope]) -> None:
        """Append events to the tenant's log.

        Raises:
            StoreUnavailable: the readers of other services kept the log for too long; again later.
        """
        frontier = await _held(connection, tenant)
        first = frontier.size
        leaves, roots = [], []
        for envelope in envelopes:
            leaf = leaf_hash(leaf_bytes(entry_of(envelope)))
            frontier = frontier.append(leaf)
            leaves.append(leaf)
            roots.append(frontier.root)
        await connection.execute(
            _ADD,
            tenant,
            list(range(first, frontier.size)),
            [each.source for each in envelopes],
            [each.stream for each in envelopes],
            [each.version for each in envelopes],
            [each.event_id for each in envelopes],
            leaves,
            roots,
        )
        await connection.execute(_GROW, tenant, frontier.size, b"".join(frontier.hashes))
        self._grown(tenant)


async def _held(connection: Any, tenant: str) -> Frontier:
    """Return the log's frontier, which nobody else can move until the transaction ends."""
    try:
        row = await connection.fetchrow(_READ, tenant)
        if row is None:
            await connection.execute(_OPEN, tenant)
            row = await connection.fetchrow(_READ, tenant)
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as error:
        # No fault of the events: they must not be parked for it.
        raise StoreUnavailable("the log is being written by another reader") from error
    return Frontier(size=row["size"], hashes=hashes_of(row["frontier"]))


def entry_of(envelope: Envelope) -> Entry:
    """Return what the log commits to about a delivered event."""
    return Entry(
        tenant=envelope.tenant,
        service=envelope.source,
        stream=envelope.stream,
        version=envelope.version,
        event_id=envelope.event_id,
        type=envelope.type,
        occurred_at=envelope.occurred_at,
        recorded_at=envelope.recorded_at,
        data=envelope.data,
        metadata=envelope.metadata_bytes,
    )


def hashes_of(hashes: bytes) -> tuple[bytes, ...]:
    """Read a stored frontier back as hashes."""
    return tuple(hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES))
