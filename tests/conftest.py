"""Real servers for the tests, from whichever is there; one database per test from a template."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.databases import Database, Server


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
