"""The feed of one machine: reads the event table of another service's database directly."""

from importlib import resources
from typing import Any

import asyncpg

from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach
from shared.messaging.feed import Bell, Envelope, Page, Position, rung

_PAGE = (resources.files("shared.messaging") / "sql" / "page.sql").read_text()
PARTITION = "0"


class PostgresFeed:
    """Tails a service's event log with its feed role. One partition."""

    def __init__(self, source: str, pool: "asyncpg.Pool[asyncpg.Record]", bell: Bell) -> None:
        self.source = source
        self._pool = pool
        self._listener = bell.listener()

    async def partitions(self) -> tuple[str, ...]:
        """Return the one partition."""
        return (PARTITION,)

    async def page(self, partition: str, after: Position, limit: int) -> Page:
        """Return the next events after a position, in commit order."""
        self._listener.clear()
        arguments = (str(after.transaction_id), after.position, limit)

        async def call() -> list[asyncpg.Record]:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                return await connection.fetch(_PAGE, *arguments)

        rows = await reach(call)
        events = tuple(self._envelope(row) for row in rows if row["event_id"] is not None)
        is_complete = len(events) < limit and not rows[0]["has_later"]
        return Page(
            events=events,
            epoch=rows[0]["epoch"],
            fresh_as_of=rows[0]["polled_at"] if is_complete else None,
        )

    async def wait(self, timeout_s: float) -> None:
        """Return when something was appended in this process, at the latest after the timeout."""
        await rung(self._listener, timeout_s)

    def _envelope(self, row: Any) -> Envelope:
        return Envelope(
            source=self.source,
            position=Position(transaction_id=row["transaction_id"], position=row["position"]),
            tenant=row["tenant_id"],
            stream=row["stream"],
            version=row["version"],
            event_id=row["event_id"],
            type=row["type"],
            data=row["data"],
            metadata_bytes=row["metadata"],
            occurred_at=row["occurred_at"],
            recorded_at=row["recorded_at"],
        )
