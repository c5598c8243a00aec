"""The services with Kafka between them: what is said in one is known in the others."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from shared.messaging.kafka.connection import Brokers
from shared.service.relaying import Databases, RelaySettings, relaying
from tests.databases import SERVICES, Server
from tests.integration.contact.office import Office, Person, opened

pytestmark = pytest.mark.integration

STALENESS_S = 8.0  # two marks of a relay that has just been restarted, and a rebalance


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


@asynccontextmanager
async def _agency(server: Server, brokers: Brokers) -> AsyncIterator[tuple[Office, Relays]]:
    settings = {
        "kafka_bootstrap_servers": brokers.bootstrap_servers,
        "staleness_bound_s": STALENESS_S,
    }
    async with opened(server, **settings) as office:
        relays = Relays(office, brokers)
        await relays.start(*SERVICES)
        try:
            yield office, relays
        finally:
            await relays.stop(*SERVICES)


async def rules(person: Person) -> list[str]:
    """Return what objects to an e-mail, of which there may be any number."""
    answer = (await person.attempt("email")).json()
    return [each["rule"] for each in answer["objections"]]


async def test_leave_ends_with_freshness_and_comes_back_by_itself(
    postgres_server: Server, kafka_brokers: Brokers
) -> None:
    async with _agency(postgres_server, kafka_brokers) as (office, relays):
        person = await office.place()
        await person.permitted()
        told = await office.post(
            "disputes", "/disputes", {"account_id": person.account_id, "in_writing": True}
        )
        assert (told.status_code, told.json()["effective"]) == (201, True)

        async def is_held() -> bool:  # disputes → ledger, through the brokers
            page = await office.get("ledger", f"/accounts/{person.account_id}/holds")
            return any(each["reason"] == "dispute" for each in page["data"])

        await office.until(is_held)
        other = await office.place()
        await other.permitted("email")
        await relays.stop("contact")

        async def is_stale() -> bool:
            return "facts-stale" in await rules(other)

        await office.until(is_stale)
        await relays.start("contact")
        await other.permitted("email")
