"""An agency per test."""

from collections.abc import AsyncIterator

import pytest

from tests.databases import Server
from tests.integration.contact.office import Office, opened


@pytest.fixture
async def office(postgres_server: Server) -> AsyncIterator[Office]:
    """Return a running agency."""
    async with opened(postgres_server) as made:
        yield made
