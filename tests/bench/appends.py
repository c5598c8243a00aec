"""Appends through the store against a bare INSERT of the same row, at the same concurrency."""

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable, Mapping

import asyncpg

from services.compliance.permits.domain import commands
from shared.eventstore.postgres import PostgresEventStore, open_pool
from shared.eventstore.store import Batch, NewEvent, Reading
from shared.eventstore.transact import Deliberation
from shared.kernel.clock import RandomIds
from shared.kernel.records import replace
from shared.location.zones import data_version
from tests.bench.history import NOON, issue
from tests.bench.windows import Meter, Rounds, Variant, interleave
from tests.databases import Database
from tests.gates import BOOK, METADATA, Person
from tests.system import TENANT

CONCURRENCIES = (1, 8, 32)
_COLUMNS = "tenant_id, stream, version, event_id, type, data, metadata, occurred_at"
_BARE = f"INSERT INTO bare_events ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
_IDS = RandomIds()


class Rows:
    """Rows as a permit writes them, the same for both sides; each worker has its own stream."""

    def __init__(self) -> None:
        self._sample = _granted()
        self._streams = itertools.count(1)

    def stream(self) -> str:
        return f"gate-bench-{next(self._streams)}"

    def row(self, stream_name: str, version: int) -> NewEvent:
        return replace(self._sample, stream=stream_name, version=version, event_id=_IDS.new("evt"))


async def measure(
    database: Database, meters: Mapping[str, Meter], rounds: int, chance: random.Random
) -> Rounds:
    """Run the windows."""
    owner = await asyncpg.connect(database.owner)
    await owner.execute("CREATE TABLE bare_events (LIKE events INCLUDING ALL)")
    await owner.execute(f"GRANT INSERT ON bare_events TO {database.service}_app")
    await owner.close()
    rows = Rows()
    pool = await open_pool(database.app, size_max=max(CONCURRENCIES))
    store = PostgresEventStore(pool, wake=lambda: None)
    connections = [await asyncpg.connect(database.app) for _ in range(max(CONCURRENCIES))]
    statements = [await each.prepare(_BARE) for each in connections]
    for each in connections:  # preparing leaves a transaction open until the next statement
        await each.fetchval("SELECT 1")

    async def append(worker: int, event: NewEvent) -> None:
        await store.append(TENANT, Batch(events=(event,)))

    async def insert(worker: int, event: NewEvent) -> None:
        await statements[worker].fetch(
            TENANT,
            event.stream,
            event.version,
            event.event_id,
            event.type,
            event.data,
            event.metadata,
            event.occurred_at,
        )

    variants = []
    for number in CONCURRENCIES:
        variants.append(Variant(f"append-{number}", _workers(number, rows, append)))
        variants.append(Variant(f"insert-{number}", _workers(number, rows, insert)))
    try:
        return await interleave(variants, meters, rounds, chance)
    finally:
        await pool.close()
        for each in connections:
            await each.close()


def _workers(
    number: int, rows: Rows, write: Callable[[int, NewEvent], Awaitable[None]]
) -> Callable[[float], Awaitable[int]]:
    async def run(until: float) -> int:
        async def worker(which: int) -> int:
            stream_name = rows.stream()
            version = 0
            while time.perf_counter() < until:
                version += 1
                await write(which, rows.row(stream_name, version))
            return version

        return sum(await asyncio.gather(*(worker(each) for each in range(number))))

    return run


def _granted() -> NewEvent:
    """Return the event that a permit appends."""
    person = Person(TENANT)
    request = commands.RequestPermit(
        permit_id=_IDS.new("prm"),
        request=person.request,
        book=BOOK,
        tz_version=data_version(),
        now=NOON,
    )
    issues = [issue(person, each) for each in (*person.known(NOON), request)]
    deliberation = Deliberation(Reading(now=NOON, system_now=NOON, streams={}), _IDS)
    deliberation.decide(METADATA, issues)
    return deliberation.batch().events[-1]
