"""Due work with leases: claimed, done and completed in three steps, any of which may be the last.

The same rules as the runner on PostgreSQL, driven by timers instead of polls.
"""

import asyncio
from collections.abc import Mapping

from shared.eventstore import codec
from shared.eventstore.store import Metadata
from shared.kernel.jobs import Job
from shared.messaging.jobs import ATTEMPTS_MAX, BACKOFF_MAX_S, BACKOFF_S, LEASE_S, DueJob, Handle
from tests.simulation.databases import Database, Lease
from tests.simulation.processes import Process

FAR_S = 1e9


class SimulatedJobs:
    """Does the due jobs of one service in one process."""

    def __init__(
        self, database: Database, process: Process, handlers: Mapping[str, Handle]
    ) -> None:
        self._database = database
        self._process = process
        self._handlers = handlers
        self._news = asyncio.Event()
        database.listeners[self._appended] = None

    async def run(self) -> None:
        """Work until the process ends."""
        while True:
            self._news.clear()
            claimed = await self._claim()
            if claimed is None:
                await self._wait()
                continue
            await self._do(*claimed)

    async def _claim(self) -> tuple[str, Job, Lease] | None:
        if not any(self._ready_s(*each) <= self._now_s for each in self._database.jobs):
            return None
        await self._process.step("claims a job")
        for (tenant, key), job in list(self._database.jobs.items()):
            lease = self._lease(tenant, key)
            if self._ready_s(tenant, key) <= self._now_s:
                lease.owner, lease.until_s = self._process.name, self._now_s + LEASE_S
                lease.attempts += 1
                return tenant, job, lease
        return None

    async def _do(self, tenant: str, job: Job, lease: Lease) -> None:
        attempts = lease.attempts
        due = DueJob(
            tenant=tenant,
            key=job.key,
            kind=job.kind,
            arguments=job.arguments,
            metadata=codec.decode(Metadata, self._database.contexts[tenant, job.key]),
            due_at=job.due_at,
            attempts=attempts,
        )
        try:
            async with asyncio.timeout(LEASE_S * 0.9):
                await self._handlers[job.kind](due)
        except Exception as error:  # noqa: BLE001 - as the real runner: bounded retries, then failed
            self._process.trace.note(self._process.name, "fails", job.key, type(error).__name__)
            wait_s = min(BACKOFF_S * 2 ** (attempts - 1), BACKOFF_MAX_S)
            await self._settle(tenant, job, lease, attempts, wait_s)
            return
        await self._settle(tenant, job, lease, attempts, None)

    async def _settle(
        self, tenant: str, job: Job, lease: Lease, attempts: int, wait_s: float | None
    ) -> None:
        await self._process.step(f"settles {job.kind}")
        if (lease.owner, lease.attempts) != (self._process.name, attempts):
            return
        if self._database.leases.get((tenant, job.key)) is not lease:
            return  # withdrawn or set anew meanwhile
        lease.owner = None
        if wait_s is None:
            self._database.jobs.pop((tenant, job.key), None)
            self._database.leases.pop((tenant, job.key), None)
        else:
            lease.run_after_s = self._now_s + wait_s

    async def _wait(self) -> None:
        soonest_s = min((self._ready_s(*each) for each in self._database.jobs), default=FAR_S)
        try:
            await asyncio.wait_for(self._news.wait(), max(soonest_s - self._now_s, 0.0) + 0.001)
        except TimeoutError:
            return

    def _ready_s(self, tenant: str, key: str) -> float:
        lease = self._lease(tenant, key)
        if lease.attempts >= ATTEMPTS_MAX:
            return FAR_S
        due_s = self._now_s + self._process.loop.seconds_until(
            self._database.jobs[tenant, key].due_at
        )
        until_s = lease.until_s if lease.owner else 0.0
        return max(due_s, lease.run_after_s, until_s)

    def _lease(self, tenant: str, key: str) -> Lease:
        return self._database.leases.setdefault((tenant, key), Lease())

    def _appended(self) -> None:
        if not self._process.is_alive:
            del self._database.listeners[self._appended]
            return
        self._news.set()

    @property
    def _now_s(self) -> float:
        return self._process.loop.time()
