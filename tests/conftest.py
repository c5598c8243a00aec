"""Real servers for the tests, from whichever is there; one database per module from a template."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, settings

from services.command.administration import Stores, opened
from shared.messaging.kafka.connection import Brokers
from shared.postgres.programs import ServerUnavailable
from tests.databases import SERVICES, Database, Server
from tests.kafka.local import KafkaUnavailable
from tests.kafka.provider import kafka
from tests.servers import postgres

# The same examples on every run, however long each takes: others with --hypothesis-profile=search.
_PATIENT = settings(
    deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.register_profile("same", _PATIENT, derandomize=True)
settings.register_profile("search", _PATIENT)
settings.load_profile("same")


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a PostgreSQL server; without one, tests are skipped, but never in CI."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(postgres(tmp_path_factory.mktemp("postgres")))
        except ServerUnavailable as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(str(error))
        server = Server(url)
        yield server
        asyncio.run(server.close())


@pytest.fixture(scope="session")
def kafka_brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brokers]:
    """Return a Kafka cluster; without one, tests are skipped, but never in CI."""
    with ExitStack() as stack:
        try:
            address = stack.enter_context(kafka(tmp_path_factory.mktemp("kafka")))
        except KafkaUnavailable as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(str(error))
        yield Brokers(bootstrap_servers=address)


@pytest.fixture(scope="module")
def kept_database(postgres_server: Server) -> Iterator[Database]:
    """Return a database with the event store in it, shared by a module's tests."""
    made = asyncio.run(postgres_server.database())
    yield made
    asyncio.run(postgres_server.drop(made))


@pytest.fixture
async def database(postgres_server: Server, kept_database: Database) -> Database:
    """Return the module's database with nothing in it."""
    await postgres_server.empty(kept_database)
    return kept_database


@pytest.fixture(scope="module")
def databases(postgres_server: Server) -> Iterator[dict[str, Database]]:
    """Return a database of each service and the vault's, shared by a module's tests."""
    made = asyncio.run(postgres_server.all_databases())
    yield made
    asyncio.run(postgres_server.drop(*made.values()))


@pytest.fixture
async def stores(databases: dict[str, Database]) -> AsyncIterator[Stores]:
    """Return owners' connections to the database of each service."""
    async with opened({service: databases[service].owner for service in SERVICES}) as made:
        yield made
