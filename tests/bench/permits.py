"""Permits over HTTP against FastAPI alone: one by one, many in a call, redeemed, asked alone."""

import asyncio
import itertools
import random
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.bench.client import Client, Connection
from tests.bench.servers import Compliance
from tests.bench.windows import Done, Meter, Rounds, Variant, interleave
from tests.bench.workers import at_once
from tests.gates import Person

CONNECTIONS = 32
BATCH_CONNECTIONS = 8
BATCH = 50
ALONE = 300
REDEEMED_MAX = 4_000
PERMITS, OWN_NOTHING, BATCHES = "/v1/permits", "/v1/noop", "/v1/permits:batch"
NOTHING, NAIVE = "/noop", "/naive"


@dataclass(frozen=True)
class Permits:
    """The windows of all variants, the decisions made, and latencies of one caller alone."""

    rounds: Rounds
    decisions: Mapping[str, int]
    alone_permit_s: float
    alone_noop_s: float


class Load:
    """Requests for one consumer after another."""

    def __init__(self, client: Client, people: Sequence[Person]) -> None:
        self.client = client
        self._people = itertools.cycle(people)
        self._granted: deque[tuple[str, Person]] = deque(maxlen=REDEEMED_MAX)
        self.decisions: Counter[str] = Counter()

    async def ask(self, connection: Connection, path: str) -> None:
        """Ask for the next person."""
        person = next(self._people)
        answer = await connection.ask(self.client.post(path, person.body))
        if answer.status != 201:
            self.decisions[str(answer.status)] += 1
        elif path == PERMITS:
            self._count(answer.json(), person)

    async def ask_many(self, connection: Connection) -> int:
        """Ask for the next people in one call."""
        asked = list(itertools.islice(self._people, BATCH))
        body = {"requests": [each.body for each in asked]}
        answer = await connection.ask(self.client.post(BATCHES, body))
        if answer.status != 201:
            self.decisions[str(answer.status)] += 1
            return 0
        for person, item in zip(asked, answer.json()["data"], strict=True):
            if item["decision"]:
                self._count(item["decision"], person)
            else:
                self.decisions[item["problem"]["code"]] += 1
        return len(asked)

    async def redeem(self, connection: Connection) -> int:
        """Redeem the newest permit that was not redeemed."""
        if not self._granted:
            await asyncio.sleep(0.001)
            return 0
        permit_id, person = self._granted.pop()
        path = f"{PERMITS}/{permit_id}/redeem"
        answer = await connection.ask(self.client.post(path, person.body))
        is_redeemed = answer.status == 200 and answer.json()["is_redeemed"]
        self.decisions["redeemed" if is_redeemed else f"redeem {answer.status}"] += 1
        return 1

    async def run(self, path: str, until: float) -> Done:
        """Ask on all connections."""
        connections = self.client.connections
        return await at_once(
            len(connections), until, lambda worker: self.ask(connections[worker], path)
        )

    async def run_many(self, until: float) -> Done:
        """Ask for many at a time, on some connections."""
        connections = self.client.connections
        return await at_once(
            BATCH_CONNECTIONS, until, lambda worker: self.ask_many(connections[worker])
        )

    async def run_redeems(self, until: float) -> Done:
        """Redeem on all connections."""
        connections = self.client.connections
        return await at_once(
            len(connections), until, lambda worker: self.redeem(connections[worker])
        )

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

    def _count(self, decision: Mapping[str, Any], person: Person) -> None:
        rules = [each["rule"] for each in decision["objections"]]
        self.decisions[" ".join([decision["decision"], *rules])] += 1
        if decision["decision"] == "permit":
            self._granted.append((decision["id"], person))


async def measure(
    compliance: Compliance,
    client: Client,
    peers: Client,
    people: Sequence[Person],
    meters: Mapping[str, Meter],
    rounds: int,
    chance: random.Random,
) -> Permits:
    """Run the windows; `peers` are FastAPI alone."""
    load, others = Load(client, people), Load(peers, people)
    await load.prime(CONNECTIONS * 4)
    await compliance.quiet()
    variants = [
        Variant("permit", lambda until: load.run(PERMITS, until), compliance.quiet),
        Variant("batch", load.run_many, compliance.quiet),
        Variant("redeem", load.run_redeems, compliance.quiet),
        Variant("own noop", lambda until: load.run(OWN_NOTHING, until)),
        Variant("noop", lambda until: others.run(NOTHING, until)),
        Variant("naive route", lambda until: others.run(NAIVE, until)),
    ]
    measured = await interleave(variants, meters, rounds, chance)
    return Permits(
        rounds=measured,
        decisions=load.decisions,
        alone_permit_s=await load.alone(PERMITS, ALONE),
        alone_noop_s=await others.alone(NOTHING, ALONE),
    )
