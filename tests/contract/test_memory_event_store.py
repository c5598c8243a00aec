"""The event store in memory passes the contract."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest

from shared.eventstore.memory import MemoryEventStore
from shared.kernel.clock import SystemClock
from tests.contract.event_store import EventStoreContract


class TestMemoryEventStore(EventStoreContract):
    @pytest.fixture
    def store(self) -> MemoryEventStore:
        return MemoryEventStore(SystemClock().now)

    @pytest.fixture
    def set_clock(self, store: MemoryEventStore) -> Callable[[str, datetime], Awaitable[None]]:
        async def set_to(tenant: str, instant: datetime) -> None:
            store.clocks[tenant] = instant

        return set_to
