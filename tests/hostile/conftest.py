"""One agency for all tests that change nothing."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.databases import Server
from tests.hostile.agency import Agency, seeded


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def agency(postgres_server: Server) -> AsyncIterator[Agency]:
    """Return an agency with one of everything."""
    async with seeded(postgres_server) as made:
        yield made
