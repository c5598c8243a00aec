"""How long an event is on its way: from its append in one service to its effect in another.

Counted from the return of the append to the commit that holds the effect, another service's own
event. Events are appended at fixed instants, whatever became of the ones before.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from statistics import median, quantiles

from shared.eventstore.postgres import PostgresEventStore, open_pool
from shared.eventstore.store import Metadata
from shared.eventstore.transact import Context, Issue, Transactor
from shared.kernel.clock import RandomIds
from shared.messaging.feed import Bell, Envelope, Feed
from shared.messaging.kafka.connection import Brokers
from shared.messaging.kafka.feed import KafkaFeed
from shared.messaging.kafka.publications import Publications
from shared.messaging.kafka.relay import Relay, Shard, Topic
from shared.messaging.lease import Lease
from shared.messaging.notices import Announcer, Ear
from shared.messaging.postgres import PostgresFeed
from shared.messaging.postgres_effects import PostgresEffects
from shared.messaging.subscription import Subscription, reaction
from tests.bench.publishing import PARTITIONS
from tests.contract.tally import Written, note, tallying
from tests.databases import Database, Server
from tests.system import TENANT
from tests.waiting import until

SOURCE = "contact"
EVENTS_PER_S = (50, 200)
WARM_UP_S = 3.0
SECONDS = 15.0
STREAMS = 100
ARRIVAL_S_MAX = 60.0
_IDS = RandomIds()
_METADATA = Metadata(actor="bench", correlation_id="bench")


@dataclass(frozen=True)
class Journey:
    """How long the events of one feed took at one load, in seconds."""

    feed: str
    events_per_s: int
    seconds: Sequence[float]

    @property
    def p50(self) -> float:
        return median(self.seconds)

    @property
    def p99(self) -> float:
        return quantiles(self.seconds, n=100)[98]


class Effects:
    """Answers every note with an event of its own, and notes when that was committed."""

    def __init__(self) -> None:
        self.committed_at: dict[str, float] = {}
        self._decided: list[str] = []

    def react(self, event: Written, _: Envelope) -> Sequence[Issue]:
        self._decided.append(event.reference)
        return [tallying(event.reference, stream=f"tally-{event.consumer_ids[0]}")]

    def wake(self) -> None:
        """Note that what was decided has been committed."""
        now = time.perf_counter()
        self.committed_at |= dict.fromkeys(self._decided, now)
        self._decided.clear()


async def measure(server: Server, brokers: Brokers) -> list[Journey]:
    """Measure both feeds at each load, on databases of their own."""
    measured = []
    for feed in ("postgres", "kafka"):
        for events_per_s in EVENTS_PER_S:
            source, target = await server.database(SOURCE), await server.database("disputes")
            given = brokers if feed == "kafka" else None
            async with _crossing(source, target, given, f"{SOURCE}{events_per_s}") as crossing:
                run, effects = crossing
                await _load(run, effects, events_per_s, WARM_UP_S, "warm")
                seconds = await _load(run, effects, events_per_s, SECONDS, "measured")
            measured.append(Journey(feed=feed, events_per_s=events_per_s, seconds=seconds))
            await server.drop(source, target)
    return measured


async def _load(
    run: Transactor, effects: Effects, events_per_s: int, seconds: float, prefix: str
) -> list[float]:
    appended_at: dict[str, float] = {}

    async def append(number: int) -> None:
        reference = f"{prefix}-{number}"
        consumer = f"cns_{number % STREAMS}"
        issue = note(reference, consumer, stream=f"note-{consumer}")
        await run.transact(Context(tenant=TENANT, metadata=_METADATA), [issue])
        appended_at[reference] = time.perf_counter()

    begun = time.perf_counter()
    tasks = []
    for number in range(round(events_per_s * seconds)):
        await asyncio.sleep(max(begun + number / events_per_s - time.perf_counter(), 0))
        tasks.append(asyncio.create_task(append(number)))
    await asyncio.gather(*tasks)

    async def have_all_arrived() -> bool:
        return appended_at.keys() <= effects.committed_at.keys()

    await until(have_all_arrived, ARRIVAL_S_MAX)
    return [effects.committed_at[each] - at for each, at in appended_at.items()]


@asynccontextmanager
async def _crossing(
    source: Database, target: Database, brokers: Brokers | None, name: str
) -> AsyncIterator[tuple[Transactor, Effects]]:
    """Have two services at work; with brokers, the first one's relay too."""
    async with AsyncExitStack() as stack:
        app, feed_pool, other = [
            await open_pool(each) for each in (source.app, source.feed, target.app)
        ]
        for each in (app, feed_pool, other):
            stack.push_async_callback(each.close)
        bell, effects = Bell(), Effects()
        store = PostgresEventStore(app, bell.ring)
        feed: Feed = PostgresFeed(name, feed_pool, bell)
        runs = {}
        if brokers is not None:
            heard = Bell()  # the relay is another process: it is told over the database
            runs["announcer"] = Announcer(app, bell).run
            runs["ear"] = Ear(feed_pool, heard).run
            runs["relay"] = Relay(
                feed=PostgresFeed(name, feed_pool, heard),
                effects=PostgresEffects(app, store, _IDS, lambda: None),
                publications=Publications(app),
                lease=Lease(app, "relay-0", "bench"),
                brokers=brokers,
                topic=Topic(partitions=PARTITIONS),
                shard=Shard(),
            ).run
            feed = KafkaFeed(name, brokers, "journeys")
        written = PostgresEffects(
            other, PostgresEventStore(other, lambda: None), _IDS, effects.wake
        )
        handlers = [reaction(Written, effects.react)]
        runs["subscription"] = Subscription("journeys", feed, written, handlers).run
        tasks = [asyncio.create_task(run()) for run in runs.values()]
        stack.push_async_callback(_end, tasks)
        yield Transactor(store, _IDS), effects


async def _end(tasks: Sequence["asyncio.Task[None]"]) -> None:
    for each in tasks:
        each.cancel()
    await asyncio.wait(tasks)
