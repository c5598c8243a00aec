"""Due work: claimed in one short transaction, done outside any, completed in another.

A job follows its tenant's clock; its lease and its retries follow the database's.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import asyncpg
import structlog

from shared.eventstore import codec
from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach
from shared.eventstore.store import Metadata, StoreUnavailable
from shared.kernel.records import record
from shared.messaging.feed import Bell, rung
from shared.telemetry.tracing import handling

CLAIM_MAX = 20
LEASE_S = 30
POLL_S = 0.25
ATTEMPTS_MAX = 12
BACKOFF_S = 0.5  # doubles with each attempt
BACKOFF_MAX_S = 3600

_CLAIM = """
UPDATE jobs SET owner = $1, lease_until = clock_timestamp() + make_interval(secs => $2),
                attempts = attempts + 1
WHERE (tenant_id, key) IN (
  SELECT j.tenant_id, j.key FROM jobs j LEFT JOIN clocks c ON c.tenant_id = j.tenant_id
  WHERE j.status = 'waiting'
    AND j.due_at <= coalesce(c.frozen_at, clock_timestamp())
    AND j.run_after <= clock_timestamp()
    AND (j.lease_until IS NULL OR j.lease_until < clock_timestamp())
  ORDER BY j.due_at, j.key
  LIMIT $3
  FOR UPDATE OF j SKIP LOCKED)
RETURNING tenant_id, key, kind, arguments, context, due_at, attempts
"""
_DONE = """
UPDATE jobs SET status = 'done', owner = NULL, lease_until = NULL, last_error = NULL
WHERE tenant_id = $1 AND key = $2 AND owner = $3 AND status = 'waiting' AND due_at = $4
"""
_AGAIN = """
UPDATE jobs SET owner = NULL, lease_until = NULL, last_error = $4,
                status = CASE WHEN attempts >= $5 THEN 'failed' ELSE status END,
                run_after = clock_timestamp() + make_interval(secs => $6)
WHERE tenant_id = $1 AND key = $2 AND owner = $3 AND status = 'waiting'
"""

log = structlog.get_logger(__name__)


@record
class DueJob:
    """A job that is due, claimed for us."""

    tenant: str
    key: str
    kind: str
    arguments: dict[str, str]
    metadata: Metadata
    due_at: datetime
    attempts: int


Handle = Callable[[DueJob], Awaitable[None]]


class JobRunner:
    """Does the due jobs of one service, in order of when they are due.

    Args:
        pool: connections of the jobs role, which sees all tenants' jobs and clocks.
        owner: names this runner in its leases.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        handlers: Mapping[str, Handle],
        owner: str,
        bell: Bell,
    ) -> None:
        self._pool = pool
        self._handlers = handlers
        self._owner = owner
        self._listener = bell.listener()

    async def run(self) -> None:
        """Work until cancelled; a store that is away is waited for."""
        while True:
            self._listener.clear()
            try:
                done = await self.step()
            except StoreUnavailable:
                done = 0
            if not done:
                await rung(self._listener, POLL_S)

    async def step(self) -> int:
        """Claim what is due, do it, and return how many jobs that were."""

        async def call() -> list[Any]:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                return await connection.fetch(_CLAIM, self._owner, LEASE_S, CLAIM_MAX)

        rows = await reach(call)
        jobs = sorted((_due(row) for row in rows), key=lambda job: (job.due_at, job.key))
        for job in jobs:
            await self._do(job)
        return len(jobs)

    async def _do(self, job: DueJob) -> None:
        try:
            with handling("jobs", job.kind, job.metadata.traceparent):
                await self._handlers[job.kind](job)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - bounded retries with backoff, then visible as failed
            wait_s = min(BACKOFF_S * 2 ** (job.attempts - 1), BACKOFF_MAX_S)
            log.warning("job-failed", kind=job.kind, attempts=job.attempts, error=type(error).__name__)
            await self._execute(
                _AGAIN, job.tenant, job.key, self._owner, type(error).__name__, ATTEMPTS_MAX, wait_s
            )
            return
        await self._execute(_DONE, job.tenant, job.key, self._owner, job.due_at)

    async def _execute(self, statement: str, *arguments: Any) -> None:
        async def call() -> None:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                await connection.execute(statement, *arguments)

        await reach(call)


def _due(row: Any) -> DueJob:
    return DueJob(
        tenant=row["tenant_id"],
        key=row["key"],
        kind=row["kind"],
        arguments=codec.decode(dict[str, str], row["arguments"]),
        metadata=codec.decode(Metadata, row["context"]),
        due_at=row["due_at"],
        attempts=row["attempts"],
    )
