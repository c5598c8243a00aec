"""Databases with PostgreSQL's manners: slow, failing before a commit, silent after one.

A database outlives the processes; a connection belongs to one of them and dies with it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from shared.eventstore import rows
from shared.eventstore.lane import Lane
from shared.eventstore.memory import MemoryEventStore
from shared.eventstore.store import Batch, Idempotency, Reading, StoreUnavailable
from shared.kernel.decider import StreamOf
from shared.kernel.errors import ConcurrencyConflict
from shared.kernel.jobs import Job
from shared.kernel.records import record
from shared.messaging.memory import SubscriptionRows
from tests.simulation.processes import Killed, Process

GROUP_SIZE_MAX = 32


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


@contextmanager
def _ending() -> Iterator[None]:
    """Let whoever waits in a lane end with the process."""
    try:
        yield
    except Killed:
        raise asyncio.CancelledError from None


class Lease:
    """Who works on a job, until when, and how often it was tried."""

    def __init__(self) -> None:
        self.owner: str | None = None
        self.until_s = 0.0
        self.run_after_s = 0.0
        self.attempts = 0


@record
class Question:
    """What one request needs to read."""

    tenant: str
    streams: tuple[str | StreamOf, ...]
    idempotency: Idempotency | None
    parked_key: str | None


class Connection:
    """The store as one process sees it: what is asked at the same time goes together in a lane."""

    def __init__(self, database: Database, process: Process) -> None:
        self.database = database
        self.process = process
        self._loads: Lane[Question, Reading] = Lane(
            self.load_together,
            size_max=GROUP_SIZE_MAX,
            keys=lambda asked: (),
            fatal=(StoreUnavailable,),
        )
        self._appends: Lane[tuple[str, Batch], None] = Lane(
            self.append_together,
            size_max=GROUP_SIZE_MAX,
            keys=self.taken_by,
            fatal=(StoreUnavailable,),
        )

    async def load(
        self,
        tenant: str,
        streams: Sequence[str | StreamOf],
        *,
        idempotency: Idempotency | None = None,
        parked_key: str | None = None,
    ) -> Reading:
        """Read at some instant between question and answer."""
        self.process.require_alive()
        return await self._loads.ask(
            Question(
                tenant=tenant,
                streams=tuple(streams),
                idempotency=idempotency,
                parked_key=parked_key,
            )
        )

    async def load_together(self, group: Sequence[Question]) -> Sequence[Reading]:
        """Read for several at one instant."""
        with _ending():
            names = (str(stream) for each in group for stream in each.streams)
            await self.process.step(f"loads {','.join(names)}")
            if any(each.parked_key for each in group):
                for catch_up in tuple(self.database.readers):
                    await catch_up()
            readings = [
                await self.database.load(
                    each.tenant,
                    each.streams,
                    idempotency=each.idempotency,
                    parked_key=each.parked_key,
                )
                for each in group
            ]
            await self.process.back("has loaded")
        return readings

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
        self.process.require_alive()
        await self._appends.ask((tenant, batch))

    def taken_by(self, asked: tuple[str, Batch]) -> Iterable[Hashable]:
        """Return what an append writes; those that write the same do not go together."""
        return rows.taken_by(asked[1])

    async def append_together(self, group: Sequence[tuple[str, Batch]]) -> Sequence[None]:
        """Commit all of it, or nothing."""
        with _ending():
            types = [event.type for _, batch in group for event in batch.events]
            await self.process.step(f"appends {types}")
            self.fail_before_commit()
            try:
                await self.commit(group)
            except ConcurrencyConflict:
                self.process.trace.note(self.process.name, "meets a conflict")
                await self.process.step("has not appended")
                raise
            await self.process.back("has appended")
            self.lose_answer()
        return [None] * len(group)

    async def commit(self, group: Sequence[tuple[str, Batch]]) -> None:
        """Append all of it at once."""
        for tenant, batch in group:
            self.database.refuse_conflicts(tenant, batch)
        for tenant, batch in group:
            self.database.write(tenant, batch)
        self.database.ring()

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
