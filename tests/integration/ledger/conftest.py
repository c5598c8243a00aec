"""The ledger alone, over real PostgreSQL; every test places accounts of its own."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.databases import Server
from tests.integration.ledger.desk import Desk, opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(postgres_server: Server) -> AsyncIterator[Desk]:
    """Return a running ledger."""
    async with opened(postgres_server) as made:
        yield made
