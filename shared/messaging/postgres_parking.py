"""Parked events in PostgreSQL: one row under each key, in the order in which they were parked.

A parking ends by deleting its rows, last of all in the transaction with the effects: only as they
were read, and only if nothing stands before them. Of two who try, one waits for the other's commit,
finds nothing to delete, and undoes all of its own. The app role may do neither that nor change a
row but through functions (`shared/eventstore/confinement.py`).
"""

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import asyncpg

from shared.eventstore import codec
from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach
from shared.messaging.effects import Deposed, Taken
from shared.messaging.feed import Delivery, Envelope, Position
from shared.messaging.parking import BEHIND, Failure, Order, ParkedEvent

PAGE_MAX = 200

_PARK = """
INSERT INTO parked_events (tenant_id, subscription, key, partition, transaction_id, position,
  stream, version, event_id, type, error, attempts,
  source, data, metadata, occurred_at, recorded_at, delivery)
VALUES ($1, $2, $3, $4, $5::text::xid8, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
"""
_RELEASE = "SELECT release_parked($1, $2, $3, $4)"
_KEEP = "SELECT keep_parked($1, $2, $3, $4, $5, $6)"
_SET_TENANT = "SELECT set_config('forbear.tenant', $1, true)"
# Planned once per connection, perhaps while the table is small, and kept.
_INDEXED = "SET LOCAL enable_seqscan = off"
# An event is due when it stands first under each of its keys. What was parked behind an event while
# that was being settled stands first at once, and is due too. The walk along the index takes one
# step for each key, however many events wait under it.
_DUE = """
WITH RECURSIVE firsts AS (
  (SELECT tenant_id, subscription, key, number, event_id, error, ordered,
     data IS NOT NULL AS is_kept
   FROM parked_events ORDER BY tenant_id, subscription, key, number LIMIT 1)
  UNION ALL
  SELECT following.* FROM firsts CROSS JOIN LATERAL (
    SELECT p.tenant_id, p.subscription, p.key, p.number, p.event_id, p.error, p.ordered,
      p.data IS NOT NULL
    FROM parked_events p
    WHERE (p.tenant_id, p.subscription, p.key)
      > (firsts.tenant_id, firsts.subscription, firsts.key)
    ORDER BY p.tenant_id, p.subscription, p.key, p.number LIMIT 1) AS following
), due AS (
  SELECT tenant_id, subscription, event_id FROM firsts
  WHERE subscription = ANY ($1)
    AND (ordered IS NOT NULL OR error = $2) AND (is_kept OR ordered = 'discard')
  GROUP BY tenant_id, subscription, event_id
  HAVING count(*) = (SELECT count(*) FROM parked_events own
    WHERE own.tenant_id = firsts.tenant_id AND own.subscription = firsts.subscription
      AND own.event_id = firsts.event_id)
  ORDER BY min(number) LIMIT $3
)
SELECT one.* FROM due CROSS JOIN LATERAL (
  SELECT p.*, p.transaction_id::text::bigint AS transaction_number FROM parked_events p
  WHERE p.tenant_id = due.tenant_id AND p.subscription = due.subscription
    AND p.event_id = due.event_id
  ORDER BY p.number LIMIT 1) AS one
ORDER BY one.number
"""
_BEHIND = """
SELECT one.* FROM unnest($3::text[]) AS asked (key) CROSS JOIN LATERAL (
  SELECT p.*, p.transaction_id::text::bigint AS transaction_number FROM parked_events p
  WHERE p.tenant_id = $1 AND p.subscription = $2 AND p.key = asked.key
  ORDER BY p.number LIMIT $4) AS one
ORDER BY one.number LIMIT $4
"""
_UNPUBLISHED = """
SELECT *, transaction_id::text::bigint AS transaction_number FROM parked_events
WHERE delivery IS NOT NULL AND published_at IS NULL AND subscription <> ALL ($2::text[])
ORDER BY number LIMIT $1
"""
_PUBLISHED = """
UPDATE parked_events SET published_at = clock_timestamp()
WHERE tenant_id = $1 AND subscription = $2 AND event_id = $3 AND attempts = $4
"""


async def park(connection: Any, taken: Taken, parked: Sequence[tuple[Envelope, Failure]]) -> None:
    """Set events aside, in order."""
    rows = [
        _row(taken, key, envelope, failure) for envelope, failure in parked for key in envelope.keys
    ]
    await connection.executemany(_PARK, rows)


async def release(connection: Any, parked: ParkedEvent) -> None:
    """End the parking of an event, with whatever else the transaction holds.

    Raises:
        Deposed: it is no longer parked as it was, or not the first of its keys.
    """
    tenant, subscription, event_id = _named(parked)
    await connection.execute(_SET_TENANT, tenant)
    arguments = (subscription, event_id, parked.failure.attempts, _ordered(parked))
    if not await connection.fetchval(_RELEASE, *arguments):
        raise Deposed(subscription)


async def keep(connection: Any, parked: ParkedEvent, failure: Failure) -> None:
    """Note why an event stays parked, unless somebody else has noted it meanwhile."""
    tenant, subscription, event_id = _named(parked)
    await connection.execute(_SET_TENANT, tenant)
    before = (parked.failure.attempts, _ordered(parked))
    await connection.execute(
        _KEEP, subscription, event_id, *before, failure.error, failure.attempts
    )


class PostgresParkedEvents:
    """Parked events of all tenants of one service.

    Args:
        pool: connections of the jobs role.
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def due(self, subscriptions: Sequence[str]) -> list[ParkedEvent]:
        """Return those that are to be taken up now, a page at most."""
        return await self._read(_DUE, list(subscriptions), BEHIND, PAGE_MAX)

    async def behind(self, settled: ParkedEvent) -> list[ParkedEvent]:
        """Return what is due under the keys of an event that is parked no more, a page at most."""
        tenant, subscription, _ = _named(settled)
        keys = list(settled.envelope.keys)
        waiting = await self._read(_BEHIND, tenant, subscription, keys, PAGE_MAX)
        return list(takewhile(lambda each: each.is_due, waiting))

    async def unpublished(self, *, without: Sequence[str] = ()) -> list[ParkedEvent]:
        """Return those that came through a topic and are not known to be in its dead letters.

        That is a page at most; `without` names subscriptions to leave out.

        Raises:
            StoreUnavailable: no answer.
        """
        return await self._read(_UNPUBLISHED, PAGE_MAX, list(without))

    async def note_published(self, parked: Sequence[ParkedEvent]) -> None:
        """Note that the brokers have them, as they have failed so far.

        Raises:
            StoreUnavailable: no answer.
        """
        rows = [(*_named(each), each.failure.attempts) for each in parked]

        async def call() -> None:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                await connection.executemany(_PUBLISHED, rows)

        await reach(call)

    async def _read(self, query: str, *arguments: Any) -> list[ParkedEvent]:
        async def call() -> list[Any]:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                async with connection.transaction():
                    await connection.execute(_INDEXED)
                    rows: list[Any] = await connection.fetch(query, *arguments)
                    return rows

        rows = await reach(call)
        by_event = {(row["tenant_id"], row["subscription"], row["event_id"]): row for row in rows}
        return [_parked(row) for row in by_event.values()]  # it has one under each of its keys


def _ordered(parked: ParkedEvent) -> str | None:
    return parked.order.action if parked.order else None


def _named(parked: ParkedEvent) -> tuple[str, str, str]:
    return parked.envelope.tenant, parked.subscription, parked.envelope.event_id


def _row(taken: Taken, key: str, envelope: Envelope, failure: Failure) -> tuple[Any, ...]:
    position = envelope.position
    return (
        envelope.tenant,
        taken.subscription,
        key,
        taken.partition,
        str(position.transaction_id),
        position.position,
        envelope.stream,
        envelope.version,
        envelope.event_id,
        envelope.type,
        failure.error,
        failure.attempts,
        envelope.source,
        envelope.data,
        envelope.metadata_bytes,
        envelope.occurred_at,
        envelope.recorded_at,
        codec.encode(envelope.delivery) if envelope.delivery else None,
    )


def _parked(row: Any) -> ParkedEvent:
    order = None
    if row["ordered"] is not None:
        order = Order(action=row["ordered"], by=row["ordered_by"], reason=row["order_reason"] or "")
    return ParkedEvent(
        subscription=row["subscription"],
        partition=row["partition"],
        envelope=_envelope(row),
        failure=Failure(error=row["error"], attempts=row["attempts"]),
        at=row["failed_at"] or row["parked_at"],
        order=order,
    )


def _envelope(row: Any) -> Envelope:
    """Read what was kept; of an event parked before anything was kept, that is its name only."""
    return Envelope(
        source=row["source"] or "",
        position=Position(transaction_id=row["transaction_number"], position=row["position"]),
        tenant=row["tenant_id"],
        stream=row["stream"],
        version=row["version"],
        event_id=row["event_id"],
        type=row["type"],
        data=row["data"] or b"",
        metadata_bytes=row["metadata"] or b"",
        occurred_at=row["occurred_at"] or row["parked_at"],
        recorded_at=row["recorded_at"] or row["parked_at"],
        delivery=codec.decode(Delivery, row["delivery"]) if row["delivery"] else None,
    )
