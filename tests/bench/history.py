"""Consumers with a past, decided by the real decider and appended many events at a time."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg

from services.compliance.permits.domain import GATES, commands, stream
from shared.eventstore.postgres import PostgresEventStore, open_pool
from shared.eventstore.transact import Context, Issue, Transactor
from shared.kernel.clock import RandomIds
from shared.location.zones import data_version
from tests.databases import Database
from tests.gates import BOOK, METADATA, Person

NOON = datetime(2026, 6, 10, 18, tzinfo=UTC)  # 13:00 in Chicago, a Wednesday
PEOPLE_AT_ONCE = 40
COMMANDS_AT_ONCE = 500
LONG_HISTORY_DAYS = 2_000
CYCLES_A_DAY = 6
VETOES_A_DAY = 35

_IDS = RandomIds()


@asynccontextmanager
async def transactor(database: Database) -> AsyncIterator[Transactor]:
    """Open a database as its service does."""
    pool = await open_pool(database.app)
    yield Transactor(PostgresEventStore(pool, wake=lambda: None), RandomIds())
    await pool.close()


async def people(writer: Transactor, tenant: str, number: int, calls: int) -> list[Person]:
    """Make consumers who have been called on so many of the last days, once a day."""
    made = [Person(tenant) for _ in range(number)]
    for first in range(0, number, PEOPLE_AT_ONCE):
        issues = []
        for person in made[first : first + PEOPLE_AT_ONCE]:
            past = person.known(NOON - timedelta(days=calls + 1))
            for days in range(calls, 0, -1):
                past += person.call(NOON - timedelta(days=days))
            issues += [issue(person, each) for each in past]
        await writer.transact(Context(tenant=tenant, metadata=METADATA), issues)
    return made


async def long_history(writer: Transactor, tenant: str) -> Person:
    """Make a consumer with 100,000 events: years of calls, permits given back and vetoes."""
    person = Person(tenant)
    pending: list[commands.Command] = []
    for command in _long_past(person):
        pending.append(command)
        if len(pending) == COMMANDS_AT_ONCE:
            await person.live(writer, pending)
            pending.clear()
            await asyncio.sleep(0)
    await person.live(writer, pending)
    return person


def _long_past(person: Person) -> Iterator[commands.Command]:
    begun = NOON - timedelta(days=LONG_HISTORY_DAYS)
    yield from person.known(begun - timedelta(days=1))
    for day in range(LONG_HISTORY_DAYS):
        at = begun + timedelta(days=day)
        for _ in range(CYCLES_A_DAY):
            request = _request(person, at)
            yield request
            yield commands.ReleasePermit(
                consumer_id=person.consumer_id,
                permit_id=request.permit_id,
                reason="no agent",
                now=at,
            )
        yield from person.call(at)
        later = at + timedelta(minutes=5)
        for _ in range(VETOES_A_DAY):  # seven calls in seven days are made
            yield _request(person, later)


def _request(person: Person, at: datetime) -> commands.RequestPermit:
    return commands.RequestPermit(
        permit_id=_IDS.new("prm"),
        request=person.request,
        book=BOOK,
        tz_version=data_version(),
        now=at,
    )


def issue(person: Person, command: commands.Command) -> Issue:
    """Address a command to a consumer's gate."""
    return Issue(stream=stream(person.consumer_id), decider=GATES, command=lambda moment: command)


async def events_of(database: Database, persons: Sequence[Person]) -> list[int]:
    """Return how many events the gates of consumers hold."""
    connection = await asyncpg.connect(database.admin)
    rows = await connection.fetch(
        "SELECT stream, count(*) AS events FROM events WHERE stream = ANY($1) GROUP BY stream",
        [stream(each.consumer_id) for each in persons],
    )
    await connection.close()
    return [row["events"] for row in rows]
