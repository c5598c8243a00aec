"""What a permit takes in a log of ten thousand events and in one of a million, all else equal.

The larger log is of as many more consumers: each has the same short past, and any may be asked.
It is written inside the database, from one consumer's past that the real decider has decided.
"""

import random
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from hashlib import sha256

import asyncpg

from services.compliance.permits.domain import commands, stream
from shared.eventstore.postgres import PostgresEventStore, open_pool
from shared.eventstore.transact import Transactor
from shared.kernel.clock import RandomIds
from shared.location.zones import data_version
from tests.bench import history
from tests.bench.history import NOON
from tests.bench.raw import Asker
from tests.bench.windows import Done, Meter, Rounds, Variant, interleave
from tests.bench.workers import at_once
from tests.databases import Database, Server
from tests.gates import BOOK, Person
from tests.system import TENANT

FEW, MANY = 10_000, 1_000_000
EVENTS_EACH = 5
ASKED_MAX = 20_000
AT_ONCE = (1, 8)
_IDS = RandomIds()
_CLOCK = "INSERT INTO clocks VALUES ($1, $2)"
_PEOPLE = """
CREATE TEMP TABLE people (n integer, consumer_id text, account_id text, point_id text, digest text)
"""
_AS_THEIRS = """
convert_to(replace(replace(replace(replace(convert_from({column}, 'UTF8'),
  $2, p.consumer_id), $3, p.account_id), $4, p.point_id), $5, p.digest), 'UTF8')
"""
_EVENTS = f"""
INSERT INTO events (tenant_id, stream, version, event_id, type, data, metadata, occurred_at)
SELECT e.tenant_id, 'gate-' || p.consumer_id, e.version, 'evt_' || p.n || '-' || e.version, e.type,
       {_AS_THEIRS.format(column="e.data")}, e.metadata, e.occurred_at
FROM people p CROSS JOIN (SELECT * FROM events WHERE stream = $1 ORDER BY version) e
ORDER BY p.n, e.version
"""
_STATES = f"""
INSERT INTO states (tenant_id, stream, version, state, at)
SELECT s.tenant_id, 'gate-' || p.consumer_id, s.version, {_AS_THEIRS.format(column="s.state")}, s.at
FROM people p CROSS JOIN (SELECT * FROM states WHERE stream = $1) s
"""
_CLAIMS = """
INSERT INTO claims (tenant_id, kind, digest, target)
SELECT c.tenant_id, c.kind, p.point_id, 'point-' || p.digest
FROM people p CROSS JOIN (SELECT * FROM claims WHERE digest = $1) c
"""


@dataclass(frozen=True)
class Growth:
    """The windows `few-1`, `many-1`, `few-8`, `many-8`, and how many events each log had."""

    rounds: Rounds
    events: tuple[int, int]


async def measure(
    server: Server, many: int, meters: Mapping[str, Meter], rounds: int, chance: random.Random
) -> Growth:
    """Fill two databases, and run the windows on both."""
    databases = [await server.database("compliance") for _ in range(2)]
    try:
        async with AsyncExitStack() as stack:
            variants = []
            for name, database, events in zip(("few", "many"), databases, (FEW, many), strict=True):
                people = await _filled(database, events // EVENTS_EACH, chance)
                pool = await open_pool(database.app, size_max=max(AT_ONCE))
                stack.push_async_callback(pool.close)
                store = PostgresEventStore(pool, wake=lambda: None)
                asker = Asker(Transactor(store, _IDS), people)
                variants += [
                    Variant(f"{name}-{number}", partial(_windows, number, asker))
                    for number in AT_ONCE
                ]
            measured = await interleave(variants, meters, rounds, chance)
    finally:
        await server.drop(*databases)
    return Growth(rounds=measured, events=(FEW, many))


async def _windows(number: int, asker: Asker, until: float) -> Done:
    return await at_once(number, until, asker.ask)


async def _filled(database: Database, number: int, chance: random.Random) -> list[Person]:
    """Write so many consumers, and return some of them in any order."""
    people = [Person(TENANT) for _ in range(number)]
    async with history.transactor(database) as writer:
        await people[0].live(writer, _past(people[0]))
    connection = await asyncpg.connect(database.admin)
    await connection.execute(_CLOCK, TENANT, NOON)
    await connection.execute(_PEOPLE)
    await connection.copy_records_to_table(
        "people", records=[(n, *_ids(each)) for n, each in enumerate(people[1:], start=1)]
    )
    gate, ids = stream(people[0].consumer_id), _ids(people[0])
    await connection.execute(_EVENTS, gate, *ids)
    await connection.execute(_STATES, gate, *ids)
    await connection.execute(_CLAIMS, people[0].contact_point_id)
    await connection.execute("VACUUM (ANALYZE) events, states, claims")
    await connection.execute("CHECKPOINT")
    await connection.close()
    return chance.sample(people, min(number, ASKED_MAX))


def _past(person: Person) -> list[commands.Command]:
    at = NOON - timedelta(days=30)
    request = commands.RequestPermit(
        permit_id=_IDS.new("prm"),
        request=person.request,
        book=BOOK,
        tz_version=data_version(),
        now=at,
    )
    release = commands.ReleasePermit(
        consumer_id=person.consumer_id, permit_id=request.permit_id, reason="no agent", now=at
    )
    return [*person.known(at - timedelta(days=1)), request, release]


def _ids(person: Person) -> tuple[str, str, str, str]:
    digest = sha256(person.contact_point_id.encode()).hexdigest()
    return person.consumer_id, person.account_id, person.contact_point_id, digest
