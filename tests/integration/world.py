"""The smallest world that has a test clock: services that tick, and one that repeats each tick.

Real stores, feeds, subscriptions and jobs; only the events are made up.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta

import asyncpg

from shared.eventstore.postgres import PostgresEventStore, open_pool
from shared.eventstore.store import Metadata
from shared.eventstore.transact import Context, Issue, Moment, Transactor
from shared.kernel.clock import RandomIds
from shared.kernel.decider import Decider
from shared.kernel.jobs import Job
from shared.kernel.records import event, record
from shared.messaging.feed import Bell, Envelope
from shared.messaging.jobs import POLL_S, DueJob, Handle, JobRunner
from shared.messaging.postgres import PostgresFeed
from shared.messaging.postgres_effects import Archive, PostgresEffects
from shared.messaging.subscription import PAGE_SIZE_MAX, Handler, Subscription, reaction
from tests.databases import SERVICES, Database

METADATA = Metadata(actor="test", correlation_id="test")


@record
class Tick:
    """Note one more tick; another follows after `every_s` until `times` are reached."""

    now: datetime
    every_s: int = 0
    times: int = 0


@event("forbear.test.ticked.v1")
class Ticked:
    """It ticked."""

    number: int
    at: datetime
    every_s: int = 0
    times: int = 0
    stream: str = ""
    consumer_ids: tuple[str, ...] = ()


def _decide(command: Tick, state: int) -> tuple[Ticked, ...]:
    if command.times and state >= command.times:
        return ()
    return (Ticked(number=state + 1, at=command.now, every_s=command.every_s, times=command.times),)


def _jobs(event: Ticked) -> tuple[Job, ...]:
    if not event.every_s or event.number == event.times:
        return ()
    due_at = event.at + timedelta(seconds=event.every_s)
    arguments = {"every_s": str(event.every_s), "times": str(event.times)}
    return (Job(key=f"tick-{event.every_s}", kind="tick", due_at=due_at, arguments=arguments),)


TICKS: Decider[Tick, int, Ticked] = Decider(
    initial=0,
    evolve=lambda state, event: event.number,
    decide=_decide,
    events=(Ticked,),
    jobs=_jobs,
)


def repeat(event: Ticked, envelope: Envelope) -> Sequence[Issue]:
    """Echo a tick in a stream of our own, at our own time."""
    return [Issue(stream=f"echo-{envelope.stream}", decider=TICKS, command=_now)]


def _now(moment: Moment) -> Tick:
    return Tick(now=moment.now)


class Running:
    """One service of the world."""

    def __init__(
        self, service: str, databases: Mapping[str, Database], bells: Mapping[str, Bell]
    ) -> None:
        self.service = service
        self._databases = databases
        self._bells = bells
        self.bell = bells[service]
        self._tasks: list[asyncio.Task[None]] = []
        self.failing_jobs = False

    async def open(self, stack: AsyncExitStack) -> None:
        own = self._databases[self.service]
        self.pool = await stack.enter_async_context(await open_pool(own.app))
        self.jobs_pool = await stack.enter_async_context(await open_pool(own.jobs, size_max=2))
        self.store = PostgresEventStore(self.pool, self.bell.ring)
        self.transactor = Transactor(self.store, RandomIds())
        self._stack = stack

    async def subscription(
        self,
        name: str,
        source: str,
        handlers: Sequence[Handler],
        archive: Archive | None = None,
        page_size_max: int = PAGE_SIZE_MAX,
    ) -> Subscription:
        pool = await self._stack.enter_async_context(
            await open_pool(self._databases[source].feed, size_max=1)
        )
        wake = self.bell.ring
        effects = PostgresEffects(self.pool, self.store, RandomIds(), wake, archive)
        feed = PostgresFeed(source, pool, self._bells[source])
        return Subscription(name, feed, effects, handlers, page_size_max=page_size_max)

    def begin(self, subscription: Subscription) -> None:
        self._tasks.append(asyncio.create_task(subscription.run()))

    def begin_jobs(self, poll_s: float = POLL_S) -> None:
        handlers: dict[str, Handle] = {"tick": self.do_tick}
        runner = JobRunner(self.jobs_pool, handlers, self.service, self.bell, poll_s=poll_s)
        self._tasks.append(asyncio.create_task(runner.run()))

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def tick(self, tenant: str, stream: str, every_s: int = 0, times: int = 0) -> None:
        issue = Issue(
            stream=stream,
            decider=TICKS,
            command=lambda moment: Tick(now=moment.now, every_s=every_s, times=times),
        )
        await self.transactor.transact(Context(tenant=tenant, metadata=METADATA), [issue])

    async def do_tick(self, job: DueJob) -> None:
        if self.failing_jobs:
            raise RuntimeError
        await self.tick(
            job.tenant,
            f"clock-{job.arguments['every_s']}",
            int(job.arguments["every_s"]),
            int(job.arguments["times"]),
        )


@asynccontextmanager
async def open_world(databases: Mapping[str, Database]) -> AsyncIterator[dict[str, Running]]:
    """Open four services that do nothing yet."""
    bells = {service: Bell() for service in SERVICES}
    async with AsyncExitStack() as stack:
        made = {service: Running(service, databases, bells) for service in SERVICES}
        for each in made.values():
            await each.open(stack)
            stack.push_async_callback(each.stop)
        yield made


@asynccontextmanager
async def world(
    databases: Mapping[str, Database], jobs_poll_s: float = POLL_S
) -> AsyncIterator[dict[str, Running]]:
    """Run four services that tick; contact echoes the ledger, compliance echoes contact."""
    async with open_world(databases) as made:
        for each in made.values():
            each.begin(await each.subscription(f"{each.service}-views", each.service, ()))
            each.begin_jobs(jobs_poll_s)
        for service, source in (("contact", "ledger"), ("compliance", "contact")):
            name = f"{service}-echoes-from-{source}"
            handlers = [reaction(Ticked, repeat)]
            made[service].begin(await made[service].subscription(name, source, handlers))
        yield made


async def ticks(database: Database, tenant: str, stream: str) -> list[datetime]:
    """Return when a stream ticked, by domain time."""
    connection = await asyncpg.connect(database.owner)
    try:
        rows = await connection.fetch(
            "SELECT occurred_at FROM events WHERE tenant_id = $1 AND stream = $2 ORDER BY version",
            tenant,
            stream,
        )
        return [row["occurred_at"] for row in rows]
    finally:
        await connection.close()
