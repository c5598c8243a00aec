"""Health and metrics where there are brokers, and where they are away."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import httpx2
import pytest

from shared.messaging.kafka.connection import Brokers
from shared.postgres.embedded import free_port
from shared.service.relay_health import SILENCE_MAX_S, RelayHealth
from shared.service.relaying import Databases, RelaySettings, relaying
from shared.telemetry import metrics
from tests.databases import Database, Server
from tests.exposed import Exposed
from tests.system import running
from tests.waiting import until

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def _measured() -> Iterator[None]:
    metrics.configure(is_scraped=True, environ={})
    yield
    metrics.shutdown()


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as made:
        yield made


class Port:
    """The side port of a relay."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def metrics(self) -> Exposed:
        answer = await self._client.get("/metrics")
        assert answer.status_code == 200
        return Exposed(answer.text)

    async def ready(self) -> tuple[int, dict[str, Any]]:
        answer = await self._client.get("/readyz")
        return answer.status_code, answer.json()

    async def status(self, path: str) -> int:
        return (await self._client.get(path)).status_code


async def relay(stack: AsyncExitStack, database: Database, brokers: str) -> Port:
    """Run a relay with a side port."""
    settings = RelaySettings(
        kafka_bootstrap_servers=brokers, kafka_partitions=2, relay_port=free_port()
    )
    urls: dict[str, Any] = {"app_database_url": database.app, "feed_database_url": database.feed}
    await stack.enter_async_context(relaying("ledger", settings, Databases(**urls)))
    address = f"http://127.0.0.1:{settings.relay_port}"
    client = await stack.enter_async_context(httpx2.AsyncClient(base_url=address, timeout=10))
    port = Port(client)

    async def answers() -> bool:
        try:
            return await port.status("/startupz") == 200
        except httpx2.TransportError:
            return False

    await until(answers)
    return port


async def test_a_relay_shows_what_it_publishes_and_another_waits(
    stack: AsyncExitStack, postgres_server: Server, kafka_brokers: Brokers
) -> None:
    databases = await stack.enter_async_context(postgres_server.databases())
    owner = databases["ledger"]
    leading = await relay(stack, owner, kafka_brokers.bootstrap_servers)

    async def has_begun() -> bool:
        seen = await leading.metrics()
        return bool(seen.samples("messaging_client_operation_duration_seconds_count"))

    await until(has_begun)
    waiting = await relay(stack, owner, kafka_brokers.bootstrap_servers)
    for each in (leading, waiting):
        assert await each.ready() == (
            200,
            {"status": "ready", "checks": dict.fromkeys(("database", "shards", "brokers"), "ok")},
        )
        assert await each.status("/livez") == 200
    await insert_event(owner)

    async def has_sent() -> bool:
        seen = await leading.metrics()
        return seen.value("messaging_client_sent_messages_total", forbear_shard="0/1") == 1

    await until(has_sent)
    seen = await leading.metrics()
    # Both relays are in this process, and one of them leads.
    assert seen.value("forbear_relay_leading", forbear_shard="0/1") == 1
    assert seen.value("forbear_task_failures_total", forbear_task="relay-0") == 0


async def insert_event(database: Database) -> None:
    connection = await asyncpg.connect(database.owner)
    await connection.execute(
        "INSERT INTO events (tenant_id, stream, version, event_id, type, data, metadata,"
        " occurred_at) VALUES ('agy_1', 'note-1', 1, 'evt_1', 'forbear.test.noted.v1', '{}',"
        ' \'{"actor":"t","correlation_id":"c"}\', now())'
    )
    await connection.close()


async def test_a_relay_without_brokers_throws_its_producer_away_and_is_alive(
    stack: AsyncExitStack, postgres_server: Server
) -> None:
    databases = await stack.enter_async_context(postgres_server.databases())
    port = await relay(stack, databases["ledger"], f"127.0.0.1:{free_port()}")

    async def has_rebuilt() -> bool:
        seen = await port.metrics()
        labels = {"forbear_client": "producer", "forbear_source": "ledger"}
        return bool(seen.samples("forbear_kafka_rebuilds_total", **labels))

    await until(has_rebuilt)
    assert await port.status("/livez") == 200


class Silent:
    """A relay that waits for an answer."""

    unanswered_s = SILENCE_MAX_S + 1


async def test_a_relay_that_brokers_do_not_answer_is_not_ready() -> None:
    class Pool:
        async def fetchval(self, statement: str) -> int:
            raise OSError

    silent: Any = Silent()
    health = RelayHealth("ledger", Pool(), [silent], {"relay-0"}).health
    assert await health.reasons() == {
        "database": "unreachable",
        "shards": "failing: relay-0",
        "brokers": "silent",
    }


async def test_a_service_without_brokers_is_degraded_and_says_why(
    stack: AsyncExitStack, postgres_server: Server
) -> None:
    brokers = f"127.0.0.1:{free_port()}"
    system = await stack.enter_async_context(
        running(postgres_server, "disputes", kafka_bootstrap_servers=brokers)
    )
    client = await stack.enter_async_context(system.client("disputes"))

    async def is_degraded() -> bool:
        answer = (await client.get("/readyz")).json()
        return bool(answer["checks"]["brokers"] == "unreachable")

    await until(is_degraded)
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert "disputes-accounts-from-ledger" in answer.json()["checks"]["subscriptions"]
    assert (await client.get("/livez")).status_code == 200
    seen = Exposed((await client.get("/metrics")).text)
    labels = {"forbear_client": "consumer", "forbear_source": "ledger"}
    assert seen.value("forbear_kafka_rebuilds_total", **labels) >= 1
    interrupted = {"error_type": "BrokersUnavailable"}
    assert seen.value("forbear_subscription_interruptions_total", **interrupted) >= 1
