"""Databases with PostgreSQL's manners: slow, failing before a commit, silent after one.

A database outlives the processes; a connection belongs to one of them and dies with it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.eventstore.memory import MemoryEventStore
from shared.eventstore.store import Batch, Idempotency, Reading, StoreUnavailable
from shared.kernel.decider import StreamOf
from shared.kernel.errors import ConcurrencyConflict
from shared.kernel.jobs import Job
from shared.messaging.memory import SubscriptionRows
from tests.simulation.processes import Process


class Database(MemoryEventStore):
    """What one service keeps."""

    def __init__(self, name: str, now: Callable[[], datetime]) -> None:
        super().__init__(now, self._ring)
        self.name = name
        self.rows = SubscriptionRows()
        self.leases: dict[tuple[str, str], Lease] = {}
        self.contexts: dict[tuple[str, str], bytes] = {}
        self.listeners: dict[Callable[[], None], None] = {}
        self.readers: dict[Callable[[], Awaitable[None]], None] = {}

    def write(self, tenant: str, batch: Batch) -> None:
        """Append without looking, and keep what jobs need besides."""
        super().write(tenant, batch)
        for scheduled in batch.jobs:
            key = (tenant, scheduled.change.key)
            self.leases.pop(key, None)
            if isinstance(scheduled.change, Job):
                self.contexts[key] = scheduled.context

    def _ring(self) -> None:
        for listener in tuple(self.listeners):
            listener()

    def ring(self) -> None:
        """Wake whoever waits for news of this database."""
        self._ring()


class Lease:
    """Who works on a job, until when, and how often it was tried."""

    def __init__(self) -> None:
        self.owner: str | None = None
        self.until_s = 0.0
        self.run_after_s = 0.0
        self.attempts = 0


class Connection:
    """The store as one process sees it."""

    def __init__(self, database: Database, process: Process) -> None:
        self.database = database
        self.process = process

    async def load(
        self,
        tenant: str,
        streams: Sequence[str | StreamOf],
        *,
        idempotency: Idempotency | None = None,
        parked_key: str | None = None,
    ) -> Reading:
        """Read at some instant between question and answer."""
        await self.process.step(f"loads {','.join(map(str, streams))}")
        if parked_key:
            for catch_up in tuple(self.database.readers):
                await catch_up()
        reading = await self.database.load(
            tenant, streams, idempotency=idempotency, parked_key=parked_key
        )
        await self.process.back("has loaded")
        return reading

    async def find(
        self, tenant: str, names: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], str]:
        """Return the targets of claimed names."""
        await self.process.step("looks names up")
        found = await self.database.find(tenant, names)
        await self.process.back("has names")
        return found

    async def append(self, tenant: str, batch: Batch) -> None:
        """Commit, or not, and say so, or not."""
        await self.process.step(f"appends {[event.type for event in batch.events]}")
        self.fail_before_commit()
        await self.commit(tenant, batch)
        await self.process.back("has appended")
        self.lose_answer()

    async def commit(self, tenant: str, batch: Batch) -> None:
        """Append all of it at once."""
        try:
            await self.database.append(tenant, batch)
        except ConcurrencyConflict:
            self.process.trace.note(self.process.name, "meets a conflict")
            await self.process.step("has not appended")
            raise

    def fail_before_commit(self) -> None:
        """Sometimes, fail with nothing done."""
        chance = self.process.chance
        if chance.happens(chance.failed_commits):
            self.process.trace.note(self.process.name, "fails before the commit")
            raise StoreUnavailable("the connection broke")

    def lose_answer(self) -> None:
        """Sometimes, fail with everything done."""
        chance = self.process.chance
        if chance.happens(chance.unanswered_commits):
            self.process.trace.note(self.process.name, "loses the answer to a commit")
            raise StoreUnavailable("the connection broke")

    # What a page of events commits together goes to the database as one transaction.

    def refuse_conflicts(self, tenant: str, batch: Batch) -> None:
        """Check what a transaction would append."""
        self.process.require_alive()
        self.database.refuse_conflicts(tenant, batch)

    def write(self, tenant: str, batch: Batch) -> None:
        """Append within a larger transaction."""
        self.process.require_alive()
        self.database.write(tenant, batch)

    @property
    def parked(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """Return which keys are parked where."""
        return self.database.parked

    @property
    def watermarks(self) -> Mapping[str, Any]:
        """Return how fresh each subscription is."""
        return self.database.watermarks
