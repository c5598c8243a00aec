"""The feed of one machine: reads the event table of another service's database directly."""

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from typing import Any

import asyncpg

from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach
from shared.kernel.records import record
from shared.messaging.feed import BEHIND_MAX, Bell, Envelope, Page, Position, rung

_PAGE = (resources.files("shared.messaging") / "sql" / "page.sql").read_text()
_BEHIND = (
    "SELECT count(*) FROM (SELECT FROM events"
    " WHERE (transaction_id, position) > ($1::text::xid8, $2::bigint) LIMIT $3) AS behind"
)
PARTITION = "0"
POLLS_KEPT_MAX = 64
SOON_S = 0.02


@record
class _Poll:
    """Every transaction that had ended by `at` has an id below `next_transaction`."""

    at: datetime
    next_transaction: int


class PostgresFeed:
    """Tails a service's event log with its feed role. One partition, one reader."""

    def __init__(self, source: str, pool: "asyncpg.Pool[asyncpg.Record]", bell: Bell) -> None:
        self.source = source
        self._pool = pool
        self._listener = bell.listener()
        self._polls: deque[_Poll] = deque()
        self._epoch = ""
        self._has_later = False

    async def partitions(self) -> tuple[str, ...]:
        """Return the one partition."""
        return (PARTITION,)

    async def all_partitions(self) -> tuple[str, ...]:
        """Return the one partition."""
        return (PARTITION,)

    async def page(self, partition: str, after: Position, limit: int) -> Page:
        """Return the next events after a position, in commit order."""
        self._listener.clear()
        arguments = (str(after.transaction_id), after.position, limit)

        async def call() -> list[asyncpg.Record]:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                rows: list[asyncpg.Record] = await connection.fetch(_PAGE, *arguments)
                return rows

        rows = await reach(call)
        self._has_later = rows[0]["has_later"]
        events = tuple(self._envelope(row) for row in rows if row["event_id"] is not None)
        return Page(
            events=events,
            upto=events[-1].position if events else after,
            epoch=rows[0]["epoch"],
            fresh_as_of=self._fresh_as_of(rows[0], is_whole=len(events) < limit),
        )

    async def behind(self, positions: Mapping[str, Position]) -> int:
        """Count the committed events behind a position, by the index on commit order."""
        after = positions.get(PARTITION)
        if after is None:
            return 0
        arguments = (str(after.transaction_id), after.position, BEHIND_MAX)

        async def call() -> int:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                return int(await connection.fetchval(_BEHIND, *arguments))

        return await reach(call)

    async def wait(self, timeout_s: float) -> None:
        """Return when something was appended in this process, at the latest after the timeout.

        What was seen above the horizon needs no further append to come within reach.
        """
        await rung(self._listener, min(timeout_s, SOON_S) if self._has_later else timeout_s)

    async def close(self) -> None:
        """Hold nothing: connections belong to the pool."""

    def _fresh_as_of(self, row: Any, is_whole: bool) -> datetime | None:
        """Return the newest instant before which nothing committed is still to come.

        That is this poll if its snapshot shows nothing at or above the horizon. Under steady load
        it always shows something; then it is the newest earlier poll whose transactions have all
        fallen below the horizon since, so that a busy store does not look like a stuck one.
        """
        if row["epoch"] != self._epoch:
            self._polls.clear()
            self._epoch = row["epoch"]
        poll = _Poll(at=row["polled_at"], next_transaction=row["next_transaction"])
        fresh_as_of = None
        if is_whole:
            while self._polls and self._polls[0].next_transaction <= row["oldest_running"]:
                fresh_as_of = self._polls.popleft().at
            if not row["has_later"]:
                self._polls.clear()
                return poll.at
        if len(self._polls) < POLLS_KEPT_MAX:
            self._polls.append(poll)
        return fresh_as_of

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
