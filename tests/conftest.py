"""Real servers for the tests, from whichever is there; one database per test from a template."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator

import pytest

from services.command.administration import Stores, opened
from tests.databases import SERVICES, Database, Server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """Return a PostgreSQL server: from the environment, a Docker engine, or embedded."""
    url = os.environ.get("FORBEAR_TEST_DATABASE_URL")
    if url:
        server = Server(url)
        yield server
        asyncio.run(server.close())
        return
    raise pytest.UsageError("no PostgreSQL")


@pytest.fixture
async def database(postgres_server: Server) -> AsyncIterator[Database]:
    """Return a fresh database with the event store in it."""
    made = await postgres_server.database()
    yield made
    await postgres_server.drop(made)


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
