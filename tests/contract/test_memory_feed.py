"""The feed in memory passes the contract."""

from collections.abc import Callable
from datetime import datetime

import pytest

from shared.eventstore.memory import MemoryEventStore
from shared.eventstore.transact import Transactor
from shared.kernel.clock import RandomIds, SystemClock
from shared.messaging.feed import Bell
from shared.messaging.memory import MemoryFeed
from tests.contract.feed import FeedContract


class TestMemoryFeed(FeedContract):
    @pytest.fixture
    def bell(self) -> Bell:
        return Bell()

    @pytest.fixture
    def now(self) -> Callable[[], datetime]:
        return SystemClock().now

    @pytest.fixture
    def store(self, now: Callable[[], datetime]) -> MemoryEventStore:
        return MemoryEventStore(now)

    @pytest.fixture
    def run(self, store: MemoryEventStore) -> Transactor:
        return Transactor(store, RandomIds())

    @pytest.fixture
    def feed(self, store: MemoryEventStore, bell: Bell) -> MemoryFeed:
        return MemoryFeed("ledger", store, bell)
