"""One agency per module, mended before each test; every test has people of its own."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.databases import Server
from tests.integration.contact.office import Office, opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def agency(postgres_server: Server) -> AsyncIterator[Office]:
    """Return a running agency."""
    async with opened(postgres_server) as made:
        yield made


@pytest.fixture
def office(agency: Office) -> Office:
    """Return the agency with its line whole and its mailbox empty."""
    agency.reset()
    return agency
