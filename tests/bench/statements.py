"""How many statements an append, a permit and a redeem put on the wire, counted there."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import httpx2

from services.compliance.main import UPSTREAM
from services.compliance.settings import Settings
from shared.eventstore.postgres import PostgresEventStore, open_pool
from shared.eventstore.store import Batch
from shared.messaging.subscription import Subscription
from shared.service.foundation import Foundation
from shared.service.service import Parts
from shared.service.tasks import Run
from tests.bench import compliance
from tests.bench.appends import Rows
from tests.bench.wire import Tap, tapped
from tests.gates import Person
from tests.system import TENANT, System

TIMES = 20
KEY_LOOKUP = "FROM api_keys"  # at most once in four seconds and key, so not part of any request
_FRESH = """
INSERT INTO watermarks (subscription, partition, fresh_as_of)
SELECT name, '0', clock_timestamp() + interval '1 hour' FROM unnest($1::text[]) AS name
ON CONFLICT (subscription, partition) DO UPDATE SET fresh_as_of = excluded.fresh_as_of
"""


@dataclass(frozen=True)
class Statements:
    """The most that one operation of a kind sent, and every statement seen with how often."""

    append: int
    permit: int
    redeem: int
    texts: Mapping[str, int]


async def measure(system: System, key: str, people: Sequence[Person]) -> Statements:
    """Count on a service without feeds, where all that is sent is sent for the request.

    The very first request is left out: on a new connection the driver asks which types there are.
    """
    append, permit, redeem, texts = 0, 0, 0, Counter[str]()
    async with tapped(system.databases["compliance"].app) as (tap, url):
        append = await _appends(tap, url)
        async with _served(system, url, key) as client:
            await _post(client, "/v1/permits", people[0], "warm-up")
            for person in people[1:]:
                tap.statements.clear()
                decision = await _post(client, "/v1/permits", person, "request")
                permit = max(permit, _sent(tap))
                texts += tap.statements
                tap.statements.clear()
                path = f"/v1/permits/{decision['id']}/redeem"
                redemption = await _post(client, path, person, "redeem")
                if not redemption["is_redeemed"]:
                    raise RuntimeError("a permit was not redeemed")
                redeem = max(redeem, _sent(tap))
                texts += tap.statements
    return Statements(append=append, permit=permit, redeem=redeem, texts=texts)


async def _appends(tap: Tap, url: str) -> int:
    pool = await open_pool(url)
    store = PostgresEventStore(pool, wake=lambda: None)
    rows = Rows()
    counted = []
    for _ in range(TIMES + 1):
        tap.statements.clear()
        await store.append(TENANT, Batch(events=(rows.row(rows.stream(), 1),)))
        counted.append(_sent(tap))
    await pool.close()
    return max(counted[1:])  # on a new connection the driver first asks which types there are


def _sent(tap: Tap) -> int:
    return sum(times for text, times in tap.statements.items() if KEY_LOOKUP not in text)


async def _post(
    client: httpx2.AsyncClient, path: str, person: Person, purpose: str
) -> dict[str, Any]:
    headers = {"Idempotency-Key": f"{purpose}-{person.consumer_id}"}
    answer = await client.post(path, json=person.body, headers=headers)
    answer.raise_for_status()
    return dict(answer.json())


@asynccontextmanager
async def _served(system: System, url: str, key: str) -> AsyncIterator[httpx2.AsyncClient]:
    values: dict[str, Any] = {
        name.lower().removeprefix("forbear_"): value for name, value in system.environment().items()
    }
    values["public_keys"] = json.loads(values["public_keys"])
    values["compliance_app_database_url"] = url
    await _freshen(system)
    service = compliance.build(Settings(**values))
    service._parts = _prepared_only(service._parts)
    await service.start()
    try:
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=service.app),
            base_url="http://127.0.0.1",
            headers={"Authorization": f"Bearer {key}"},
        ) as client:
            yield client
    finally:
        await service.stop()


def _prepared_only(parts: Parts) -> Parts:
    """Have everything made that a request needs, and nothing run beside it."""

    def subscriptions(foundation: Foundation) -> Sequence[Subscription]:
        parts.subscriptions(foundation)
        return ()

    def background(foundation: Foundation) -> Mapping[str, Run]:
        parts.background(foundation)
        return {}

    return replace(parts, subscriptions=subscriptions, background=background)


async def _freshen(system: System) -> None:
    connection = await asyncpg.connect(system.databases["compliance"].admin)
    await connection.execute(_FRESH, list(UPSTREAM))
    await connection.close()
