"""Permit decisions over HTTP against a route of the same process that does nothing."""

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.client import Client, Connection
from tests.bench.servers import Compliance
from tests.bench.windows import Meter, Rounds, Variant, interleave
from tests.gates import Person

CONNECTIONS = 32
ALONE = 300
PERMITS, NOTHING = "/v1/permits", "/v1/noop"


@dataclass(frozen=True)
class Permits:
    """The windows of `permit` and `noop`, the decisions made, and latencies of one caller alone."""

    rounds: Rounds
    decisions: Mapping[str, int]
    alone_permit_s: float
    alone_noop_s: float


class Load:
    """Requests for one consumer after another."""

    def __init__(self, client: Client, people: Sequence[Person]) -> None:
        self.client = client
        self._bodies = itertools.cycle([each.body for each in people])
        self.decisions: Counter[str] = Counter()

    async def ask(self, connection: Connection, path: str) -> None:
        answer = await connection.ask(self.client.post(path, next(self._bodies)))
        if answer.status != 201:
            self.decisions[str(answer.status)] += 1
        elif path == PERMITS:
            decision = answer.json()
            rules = [each["rule"] for each in decision["objections"]]
            self.decisions[" ".join([decision["decision"], *rules])] += 1

    async def run(self, path: str, until: float) -> int:
        async def worker(connection: Connection) -> int:
            answered = 0
            while time.perf_counter() < until:
                await self.ask(connection, path)
                answered += 1
            return answered

        return sum(await asyncio.gather(*map(worker, self.client.connections)))

    async def prime(self, times: int) -> None:
        """Ask for each consumer once: the first request looks up the address, later ones know."""
        left = iter(range(times))

        async def worker(connection: Connection) -> None:
            for _ in left:
                await self.ask(connection, PERMITS)

        await asyncio.gather(*map(worker, self.client.connections))

    async def alone(self, path: str, times: int) -> float:
        """Return the median time of one request after another."""
        taken = []
        for _ in range(times):
            started = time.perf_counter()
            await self.ask(self.client.connections[0], path)
            taken.append(time.perf_counter() - started)
        return median(taken)


async def measure(
    compliance: Compliance,
    client: Client,
    people: Sequence[Person],
    meters: Mapping[str, Meter],
    rounds: int,
    chance: random.Random,
) -> Permits:
    """Run the windows."""
    load = Load(client, people)
    await load.prime(len(people))
    await compliance.quiet()
    variants = [
        Variant("permit", lambda until: load.run(PERMITS, until), compliance.quiet),
        Variant("noop", lambda until: load.run(NOTHING, until)),
    ]
    measured = await interleave(variants, meters, rounds, chance)
    return Permits(
        rounds=measured,
        decisions=load.decisions,
        alone_permit_s=await load.alone(PERMITS, ALONE),
        alone_noop_s=await load.alone(NOTHING, ALONE),
    )
