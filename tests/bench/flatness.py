"""What a permit takes with ten events in the consumer's history and with a hundred thousand.

The tenant's clock moves on before each pair of requests, as days do: permits not used are
forgotten after a day, so both gates can be asked without end. One caller, requests in turn.
"""

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

import asyncpg

from tests.bench import history
from tests.bench.client import Client
from tests.bench.history import NOON
from tests.bench.permits import PERMITS
from tests.bench.servers import Compliance
from tests.bench.windows import Spread
from tests.databases import Database
from tests.gates import Person

PAIRS = 60
OPENS, STEP, A_DAY = 15, timedelta(minutes=90), 7  # in UTC; well inside Chicago's permitted hours


class Vetoed(Exception):
    """A request was meant to be permitted."""


@dataclass(frozen=True)
class Flatness:
    """Medians of a round with short and with long histories."""

    short_s: Sequence[float]
    long_s: Sequence[float]
    events: tuple[int, int]

    @property
    def ratio(self) -> Spread:
        return Spread.of([b / a for a, b in zip(self.short_s, self.long_s, strict=True)])


async def measure(
    database: Database,
    compliance: Compliance,
    client: Client,
    short: Sequence[Person],
    long: Person,
    rounds: int,
) -> Flatness:
    """Ask for both in turn."""
    owner = await asyncpg.connect(database.owner)
    hours = _hours()
    people = itertools.cycle(short)

    async def ask(person: Person) -> float:
        request = client.post(PERMITS, person.body)
        started = time.perf_counter()
        answer = await client.connections[0].ask(request)
        taken = time.perf_counter() - started
        if answer.status != 201 or answer.json()["decision"] != "permit":
            raise Vetoed(answer.body.decode())
        return taken

    async def one_round() -> tuple[float, float]:
        taken: tuple[list[float], list[float]] = ([], [])
        for number in range(PAIRS):
            await _set_clock(owner, long.tenant, next(hours))
            pair = [(next(people), 0), (long, 1)]
            for person, which in pair if number % 2 else reversed(pair):
                taken[which].append(await ask(person))
                await compliance.quiet()
        return median(taken[0]), median(taken[1])

    try:
        for person in short:  # the first request of a consumer reads once more
            await _set_clock(owner, long.tenant, NOON)
            await ask(person)
        events = (
            max(await history.events_of(database, short)),
            max(await history.events_of(database, [long])),
        )
        await one_round()
        measured = [await one_round() for _ in range(rounds)]
    finally:
        await owner.close()
    return Flatness(
        short_s=[a for a, _ in measured], long_s=[b for _, b in measured], events=events
    )


def _hours() -> Iterator[datetime]:
    for day in itertools.count(1):
        opens = (NOON + timedelta(days=day)).replace(hour=OPENS)
        yield from (opens + number * STEP for number in range(A_DAY))


async def _set_clock(connection: asyncpg.Connection, tenant: str, at: datetime) -> None:
    await connection.execute("UPDATE clocks SET frozen_at = $2 WHERE tenant_id = $1", tenant, at)
