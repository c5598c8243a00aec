"""The event store in PostgreSQL passes the contract."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

import asyncpg
import pytest

from shared.eventstore.postgres import PostgresEventStore, open_pool
from tests.contract.event_store import EventStoreContract
from tests.databases import Database

pytestmark = pytest.mark.integration


class TestPostgresEventStore(EventStoreContract):
    @pytest.fixture
    async def store(self, database: Database) -> AsyncIterator[PostgresEventStore]:
        pool = await open_pool(database.app)
        yield PostgresEventStore(pool, wake=lambda: None)
        await pool.close()

    @pytest.fixture
    def set_clock(self, database: Database) -> Callable[[str, datetime], Awaitable[None]]:
        async def set_to(tenant: str, instant: datetime) -> None:
            connection = await asyncpg.connect(database.owner)
            await connection.execute(
                "INSERT INTO clocks VALUES ($1, $2)"
                " ON CONFLICT (tenant_id) DO UPDATE SET frozen_at = $2",
                tenant,
                instant,
            )
            await connection.close()

        return set_to
