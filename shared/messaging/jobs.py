"""Due work: claimed in one short transaction, done outside any, completed in another.

A job follows its tenant's clock; its lease and its retries follow the database's. Whoever claims a
job again counts one attempt more, so an attempt that outlived its lease completes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib import resources
from itertools import groupby
from typing import Any

import asyncpg
from opentelemetry.util.types import AttributeValue

from shared.eventstore import codec
from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach
from shared.eventstore.store import Metadata, StoreUnavailable
from shared.kernel.records import record, replace
from shared.messaging.feed import Bell, rung
from shared.telemetry import metrics, tracing
from shared.telemetry.logging import get_logger

CLAIM_MAX = 20
LEASE_S = 30.0
LEASE_MARGIN_S = 3.0  # for completing in time what was done in time
POLL_S = 0.25
WAKE_S = 0.02  # many appends in a row are one reason to look
ATTEMPTS_MAX = 300  # about a day: another service may be away overnight, and nobody is called
BACKOFF_S = 0.5  # doubles with each attempt
BACKOFF_MAX_S = 300  # work goes on soon after what it waits for is back

_CLAIM = (resources.files("shared.messaging") / "sql" / "claim_jobs.sql").read_text()
_OURS = "WHERE tenant_id = $1 AND key = $2 AND owner = $3 AND attempts = $4 AND status = 'waiting'"
_DONE = f"""
UPDATE jobs SET status = 'done', owner = NULL, lease_until = NULL, last_error = NULL
{_OURS}
"""
_AGAIN = f"""
UPDATE jobs SET owner = NULL, lease_until = NULL, last_error = $5,
                status = CASE WHEN attempts >= $6 THEN 'failed' ELSE status END,
                run_after = clock_timestamp() + make_interval(secs => $7)
{_OURS}
"""
_RELEASE = f"UPDATE jobs SET owner = NULL, lease_until = NULL, attempts = attempts - 1 {_OURS}"

log = get_logger(__name__)


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


class LeaseLost(Exception):
    """The job was claimed again and again, and no attempt ever said how it ended."""


Handle = Callable[[DueJob], Awaitable[None]]


class JobRunner:
    """Does the due jobs of one service, each tenant's in the order in which they are due.

    Args:
        pool: connections of the jobs role, which sees all tenants' jobs and clocks.
        owner: names this runner in its leases; no two runners share a name.
        lease_s: how long a claim holds; a handler that takes longer is stopped and tried again.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        handlers: Mapping[str, Handle],
        owner: str,
        bell: Bell,
        *,
        lease_s: float = LEASE_S,
        poll_s: float = POLL_S,
    ) -> None:
        self._pool = pool
        self._handlers = handlers
        self._owner = owner
        self._listener = bell.listener()
        self._lease_s = lease_s
        self._poll_s = poll_s

    async def run(self) -> None:
        """Work until cancelled; a store that is away is waited for."""
        while True:
            self._listener.clear()
            try:
                done = await self.step()
            except StoreUnavailable:
                done = 0
            if not done:
                await asyncio.sleep(WAKE_S)
                await rung(self._listener, self._poll_s)

    async def step(self) -> int:
        """Claim what is due, do it, and return how many jobs that were.

        Raises:
            StoreUnavailable: no answer; leases run out by themselves.
        """
        deadline = asyncio.get_running_loop().time() + self._lease_s * (
            1 - LEASE_MARGIN_S / LEASE_S
        )

        async def call() -> list[Any]:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                rows: list[Any] = await connection.fetch(
                    _CLAIM, self._owner, self._lease_s, CLAIM_MAX
                )
                return rows

        rows = await reach(call)
        jobs = sorted(
            (_due(row) for row in rows), key=lambda job: (job.tenant, job.due_at, job.key)
        )
        results = await asyncio.gather(
            *(
                self._do_all(list(those), deadline)
                for _, those in groupby(jobs, key=lambda job: job.tenant)
            ),
            return_exceptions=True,
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result
        return len(jobs)

    async def _do_all(self, jobs: Sequence[DueJob], deadline: float) -> None:
        for job in jobs:
            if asyncio.get_running_loop().time() < deadline:
                await self._do(job, deadline)
            else:
                await self._execute(_RELEASE, job)

    async def _do(self, job: DueJob, deadline: float) -> None:
        try:
            if job.attempts > ATTEMPTS_MAX:
                raise LeaseLost("every attempt ended without a result")
            with (
                _span_of(job) as origin,
                metrics.JOB_DURATION.time({"forbear.job_kind": job.kind}),
            ):
                async with asyncio.timeout_at(deadline):
                    metadata = replace(job.metadata, traceparent=origin)
                    await self._handlers[job.kind](replace(job, metadata=metadata))
        except Exception as error:  # noqa: BLE001 - bounded retries with backoff, then visible as failed
            name = type(error).__name__
            wait_s = min(BACKOFF_S * 2 ** (job.attempts - 1), BACKOFF_MAX_S)
            log.warning("job-failed", kind=job.kind, attempts=job.attempts, error=name)
            await self._execute(_AGAIN, job, name, ATTEMPTS_MAX, wait_s)
            return
        await self._execute(_DONE, job)

    async def _execute(self, statement: str, job: DueJob, *arguments: Any) -> None:
        async def call() -> None:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                await connection.execute(
                    statement, job.tenant, job.key, self._owner, job.attempts, *arguments
                )

        await reach(call)


@contextmanager
def _span_of(job: DueJob) -> Iterator[str | None]:
    """Do a job below what asked for it, and yield the origin of what comes of it."""
    asked = job.metadata.traceparent
    attributes: dict[str, AttributeValue] = {
        "forbear.job_kind": job.kind,
        "forbear.attempts": job.attempts,
        "forbear.tenant": job.tenant,
    }
    with tracing.span(
        f"job {job.kind}",
        kind="consumer",
        parent=asked,
        links=(asked,),
        attributes=attributes,
    ) as span:
        yield tracing.traceparent_of(span) if span.is_recording() else asked


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
