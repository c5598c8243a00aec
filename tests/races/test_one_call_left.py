"""Two hundred consumers with one call left; many callers, two processes, one of them killed.

Every caller keeps its idempotency key and asks again until it has a decision. However they race,
each consumer gets exactly one permit.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx2
import pytest

from shared.eventstore.postgres import PostgresEventStore, open_pool
from shared.eventstore.transact import Transactor
from shared.kernel.clock import RandomIds
from tests.databases import Server
from tests.gates import Person
from tests.oracle import examine
from tests.races.processes import Processes
from tests.system import TENANT, Keys, System

pytestmark = [pytest.mark.integration, pytest.mark.slow]

CONSUMERS = 200
REQUESTERS = 64
REQUESTS_EACH = 25  # 8 a consumer; every fourth is sent twice at once
NOON = datetime(2026, 6, 10, 18, tzinfo=UTC)  # 13:00 in Chicago, a Wednesday
RETRIES_MAX = 200


@pytest.fixture
def outcomes(capsys: pytest.CaptureFixture[str]) -> Iterator[Counter[str]]:
    """Count answers, and say past pytest's capture how many of them were refusals to decide."""
    counted: Counter[str] = Counter()
    yield counted
    share = counted["503"] / max(1, counted.total())
    with capsys.disabled():
        print(f"\npermit race: {share:.1%} of answers were 503; {dict(counted)}")  # noqa: T201


async def _histories(system: System) -> list[Person]:
    """Give every consumer six calls on earlier days, so that one of seven is left."""
    pool = await open_pool(system.databases["compliance"].app)
    transactor = Transactor(PostgresEventStore(pool, wake=lambda: None), RandomIds())
    people = [Person(TENANT) for _ in range(CONSUMERS)]
    for person in people:
        history = person.known(NOON - timedelta(days=10))
        for days in range(6, 0, -1):
            history += person.call(NOON - timedelta(days=days))
        await person.live(transactor, history)
    await pool.close()
    return people


async def _decision(
    client: httpx2.AsyncClient, ports: list[int], person: Person, key: str, counted: Counter[str]
) -> dict[str, object]:
    for attempt in range(RETRIES_MAX):
        port = ports[(attempt + hash(key)) % len(ports)]
        try:
            answer = await client.post(
                f"http://127.0.0.1:{port}/v1/permits",
                json=person.body,
                headers={"Idempotency-Key": key},
            )
        except httpx2.HTTPError:
            counted["unreachable"] += 1
            await asyncio.sleep(0.02)
            continue
        counted[str(answer.status_code)] += 1
        if answer.status_code == 201:
            decision: dict[str, object] = answer.json()
            return decision
        assert answer.status_code in (409, 503), answer.text
        await asyncio.sleep(0.02 * (1 + attempt % 5))
    raise AssertionError("no decision")


async def test_each_consumer_gets_exactly_one_permit(
    postgres_server: Server, outcomes: Counter[str]
) -> None:
    async with postgres_server.databases() as databases:
        system = System(databases, Keys())
        await system.set_clock(TENANT, NOON)
        key = await system.key(scopes=["permits:write"])
        people = await _histories(system)
        processes = Processes(system, 2)
        try:
            await processes.ready()
            requests = [
                (person, f"{person.consumer_id}-{n}")
                for person in people
                for n in range(REQUESTERS * REQUESTS_EACH // CONSUMERS)
            ]
            requests += requests[::4]
            random.Random(1).shuffle(requests)
            queue = iter(requests)
            decided: dict[str, set[tuple[object, object]]] = {}
            headers = {"Authorization": f"Bearer {key}"}

            async def requester(client: httpx2.AsyncClient) -> None:
                for person, request_key in queue:
                    answer = await _decision(client, processes.ports, person, request_key, outcomes)
                    decided.setdefault(request_key, set()).add((answer["id"], answer["decision"]))
                    if len(decided) == len(requests) // 3:
                        processes.kill(1)

            limits = httpx2.Limits(max_connections=REQUESTERS)
            async with httpx2.AsyncClient(headers=headers, timeout=10, limits=limits) as client:
                await asyncio.gather(*(requester(client) for _ in range(REQUESTERS)))
        finally:
            processes.stop()

        assert all(len(answers) == 1 for answers in decided.values()), "twins answered differently"
        permits = Counter(
            request_key.rpartition("-")[0]
            for request_key, answers in decided.items()
            if next(iter(answers))[1] == "permit"
        )
        granted = await _granted(databases["compliance"].admin)
        assert granted == {person.consumer_id: 7 for person in people}
        assert set(permits.values()) <= {1}
        report = await examine(
            {
                name: databases[name].admin
                for name in ("ledger", "contact", "disputes", "compliance")
            }
        )
        frequency = [each for each in report.violations if "call" in each.code]
        assert frequency == []


async def _granted(url: str) -> dict[str, int]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(
        "SELECT stream, count(*) AS n FROM events"
        " WHERE type = 'forbear.compliance.permit-granted.v1' GROUP BY stream"
    )
    await connection.close()
    return {row["stream"].removeprefix("gate-"): row["n"] for row in rows}
