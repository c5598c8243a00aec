"""Reads the `events` tables of the four databases, page by page, and has them examined.

The log is read up to one instant at which nothing was under way any more, so that no cause is
missing from one database whose effect is in another.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from tests.oracle.examination import SERVICES, STALENESS, Examination
from tests.oracle.log import LoggedEvent
from tests.oracle.report import Report

PAGE_ROWS = 2_000
SETTLE_POLL_S = 0.02
SETTLE_POLLS_MAX = 1_500

_NEXT_TRANSACTION = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
_OLDEST_TRANSACTION = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"

_COLUMNS = """
  tenant_id, stream, version, event_id, type, data, metadata, occurred_at, recorded_at,
  transaction_id::text::bigint AS transaction_id, position
"""
_PAGE = f"""
SELECT {_COLUMNS} FROM events
WHERE (tenant_id, stream, version) > ($1, $2, $3) AND recorded_at <= $4
ORDER BY tenant_id, stream, version LIMIT {PAGE_ROWS}
"""
_PAGE_OF_TENANT = f"""
SELECT {_COLUMNS} FROM events
WHERE tenant_id = $1 AND (stream, version) > ($2, $3) AND recorded_at <= $4
ORDER BY stream, version LIMIT {PAGE_ROWS}
"""


async def examine(
    urls: Mapping[str, str], tenant: str | None = None, *, staleness: timedelta = STALENESS
) -> Report:
    """Examine the logs of the services at these URLs, of one tenant or of all.

    Raises:
        TimeoutError: a transaction stays open, so no end of the log can be drawn.
    """
    names = [each for each in SERVICES if each in urls]
    connections = {name: await asyncpg.connect(urls[name]) for name in names}
    try:
        end = await _settled(connections)
        examination = Examination(end, staleness, is_complete=len(names) == len(SERVICES))
        for name in names:
            async for stream in _streams(connections[name], tenant, end):
                examination.take(stream)
        return examination.finish()
    finally:
        for connection in connections.values():
            await connection.close()


async def _settled(connections: Mapping[str, Any]) -> datetime:
    """Return an instant of the past before which every transaction has ended, everywhere."""
    instants = [await each.fetchval("SELECT clock_timestamp()") for each in connections.values()]
    for connection in connections.values():
        until = await connection.fetchval(_NEXT_TRANSACTION)
        for _ in range(SETTLE_POLLS_MAX):
            if await connection.fetchval(_OLDEST_TRANSACTION) >= until:
                break
            await asyncio.sleep(SETTLE_POLL_S)
        else:
            raise TimeoutError("a transaction has been open for too long to read past it")
    end: datetime = min(instants)
    return end


async def _streams(
    connection: Any, tenant: str | None, end: datetime
) -> AsyncIterator[list[LoggedEvent]]:
    stream: list[LoggedEvent] = []
    async for event in _events(connection, tenant, end):
        if stream and (event.tenant, event.stream) != (stream[0].tenant, stream[0].stream):
            yield stream
            stream = []
        stream.append(event)
    if stream:
        yield stream


async def _events(connection: Any, tenant: str | None, end: datetime) -> AsyncIterator[LoggedEvent]:
    after = (tenant or "", "", 0)
    page = _PAGE if tenant is None else _PAGE_OF_TENANT
    while True:
        rows = await connection.fetch(page, *after, end)
        for row in rows:
            yield LoggedEvent(
                tenant=row["tenant_id"],
                stream=row["stream"],
                version=row["version"],
                event_id=row["event_id"],
                type=row["type"],
                data=row["data"],
                metadata=row["metadata"],
                occurred_at=row["occurred_at"],
                recorded_at=row["recorded_at"],
                order=(row["transaction_id"], row["position"]),
            )
        if len(rows) < PAGE_ROWS:
            return
        after = (rows[-1]["tenant_id"], rows[-1]["stream"], rows[-1]["version"])
