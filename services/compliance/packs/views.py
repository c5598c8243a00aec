"""Which rule packs there are: their streams, read from the log itself.

There are few, and an index of their own leads to them, so they need no read model.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by

from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach

STREAMS = "rulepack-%"
EVENTS = sa.table("events", *(sa.column(name) for name in ("stream", "version", "type", "data")))

# The time before the look: what was committed by then is in it.
_NOW = "SELECT clock_timestamp()"
_HEADS = f"""
SELECT tenant_id, stream, max(version) AS version FROM events WHERE stream LIKE '{STREAMS}'
GROUP BY tenant_id, stream
"""


async def heads(every_tenant: Any) -> tuple[datetime, dict[tuple[str, str], int]]:
    """Return the newest version of each pack's stream, by tenant, and as of when that is.

    Args:
        every_tenant: connections of a role that reads the events of all tenants.

    Raises:
        StoreUnavailable: no answer.
    """

    async def call() -> tuple[datetime, list[Any]]:
        async with every_tenant.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await connection.fetchval(_NOW), await connection.fetch(_HEADS)

    now, rows = await reach(call)
    return now, {(row["tenant_id"], row["stream"]): row["version"] for row in rows}


def listed(after: Any, limit: int) -> sa.Select[Any]:
    """Query a tenant's packs, each with its events, oldest pack first."""
    in_order = [
        sa.func.array_agg(aggregate_order_by(column, EVENTS.c.version)).label(name)
        for name, column in (("types", EVENTS.c.type), ("data", EVENTS.c.data))
    ]
    query = sa.select(EVENTS.c.stream, *in_order).where(EVENTS.c.stream.like(STREAMS))
    if after:
        query = query.where(EVENTS.c.stream > sa.literal(after[0]))
    return query.group_by(EVENTS.c.stream).order_by(EVENTS.c.stream).limit(limit)


def counted() -> sa.Select[Any]:
    """Query how many packs a tenant has."""
    query = sa.select(sa.func.count().label("packs"))
    return query.where(EVENTS.c.stream.like(STREAMS), EVENTS.c.version == 1)
