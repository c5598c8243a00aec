"""The services with Kafka between them: what is said in one is known in the others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from services.command.administration import opened as stores_opened
from services.command.clocks import ClockDriver
from services.compliance.audit.verification import Verifier
from shared.messaging.kafka.connection import Brokers
from shared.service.relaying import Databases, RelaySettings, relaying
from tests.databases import SERVICES, Server
from tests.integration.contact.office import NOON, Office, Person, opened
from tests.kafka.provider import remove_topics
from tests.system import TENANT

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

STALENESS_S = 15.0  # two marks of a relay that has just been restarted, and a rebalance


class Relays:
    """The relays of the services, each to be stopped and started again."""

    def __init__(self, office: Office, brokers: Brokers) -> None:
        self._office = office
        self._settings = RelaySettings(
            kafka_bootstrap_servers=brokers.bootstrap_servers, kafka_partitions=2, relay_shards=2
        )
        self._running: dict[str, AsyncExitStack] = {}

    async def start(self, *services: str) -> None:
        for service in services:
            database = self._office.system.databases[service]
            urls: dict[str, Any] = {
                "app_database_url": database.app,
                "feed_database_url": database.feed,
            }
            stack = AsyncExitStack()
            await stack.enter_async_context(relaying(service, self._settings, Databases(**urls)))
            self._running[service] = stack

    async def stop(self, *services: str) -> None:
        for service in services:
            await self._running.pop(service).aclose()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def agency(
    postgres_server: Server, kafka_brokers: Brokers
) -> AsyncIterator[tuple[Office, Relays]]:
    """Return a running agency and its relays."""
    await remove_topics(kafka_brokers)
    settings = {
        "kafka_bootstrap_servers": kafka_brokers.bootstrap_servers,
        "staleness_bound_s": STALENESS_S,
    }
    async with opened(postgres_server, **settings) as office:
        relays = Relays(office, kafka_brokers)
        await relays.start(*SERVICES)
        yield office, relays
        await relays.stop(*SERVICES)


async def rules(person: Person) -> list[str]:
    """Return what objects to an e-mail, of which there may be any number."""
    answer = (await person.attempt("email")).json()
    return [each["rule"] for each in answer["objections"]]


async def test_what_is_said_in_one_is_known_in_the_others(agency: tuple[Office, Relays]) -> None:
    office, _ = agency
    person = await office.place()
    await person.permitted()
    body = {"account_id": person.account_id, "in_writing": True}
    told = await office.post("disputes", "/disputes", body)
    assert (told.status_code, told.json()["effective"]) == (201, True)

    async def is_held() -> bool:
        page = await office.get("ledger", f"/accounts/{person.account_id}/holds")
        return any(each["reason"] == "dispute" for each in page["data"])

    await office.until(is_held)


async def test_a_test_clock_advances_and_the_audit_log_is_whole(
    agency: tuple[Office, Relays],
) -> None:
    office, _ = agency
    await (await office.place()).permitted()
    urls = {each: office.system.databases[each].owner for each in SERVICES}
    async with stores_opened(urls) as stores:
        await ClockDriver(stores).advance(TENANT, NOON + timedelta(hours=1))
        connections = {each: stores.of(each) for each in SERVICES}
        key = office.system.keys.signing["audit"].public_key()
        found = await Verifier(connections, [key]).verify(TENANT)
        assert (found.bad, found.unaudited) == (None, 0)
        assert found.leaves > 5
        events = [
            await each.fetchval("SELECT count(*) FROM events") for each in connections.values()
        ]
        assert found.leaves == sum(events)


@pytest.mark.parametrize("source", ["contact", "disputes"])
async def test_leave_ends_with_freshness_and_comes_back_by_itself(
    agency: tuple[Office, Relays], source: str
) -> None:
    office, relays = agency
    person = await office.place()
    await person.permitted("email")
    await relays.stop(source)
    await person.permitted("email")  # not at once: what is known is fresh enough for a while

    async def is_stale() -> bool:
        await asyncio.sleep(0.5)  # what is permitted meanwhile must not fill the gate
        return "facts-stale" in await rules(person)

    await office.until(is_stale)
    await relays.start(source)
    await person.permitted("email")
