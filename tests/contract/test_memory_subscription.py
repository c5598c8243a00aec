"""Subscriptions over memory pass the contract."""

from datetime import datetime
from typing import Any

import pytest

from shared.eventstore import codec, statements
from shared.eventstore.memory import MemoryEventStore
from shared.eventstore.transact import Transactor
from shared.kernel.clock import RandomIds, SystemClock
from shared.kernel.records import event_name, replace
from shared.messaging.feed import Bell
from shared.messaging.memory import MemoryEffects, MemoryFeed, SubscriptionRows
from shared.messaging.parking import Order
from tests.contract.feed import arrival
from tests.contract.parking import OPERATOR, REASON, ParkingContract
from tests.contract.subscription import Archive, Rival, Rivaled, SubscriptionContract
from tests.contract.tally import Tallied, Written


class MemoryWorld:
    def __init__(self) -> None:
        self._bell = Bell()
        self._from = MemoryEventStore(self.now, self._bell.ring)
        self._to = MemoryEventStore(self.now)
        self.source = Transactor(self._from, RandomIds())
        self.target = Transactor(self._to, RandomIds())
        self._rows: list[tuple[str, statements.Statement]] = []
        self._kept = SubscriptionRows()

    def now(self) -> datetime:
        return SystemClock().now()

    def feed(self) -> MemoryFeed:
        return MemoryFeed("ledger", self._from, self._bell)

    async def arrival(self) -> None:
        await arrival(self.feed())

    def outcome(self) -> MemoryFeed:
        return MemoryFeed("contact", self._to, Bell())

    def effects(
        self, archive: Archive | None = None, meanwhile: Rival | None = None
    ) -> MemoryEffects:
        """Return another process's access to what is stored."""
        store: Any = Rivaled(self._to, meanwhile) if meanwhile else self._to
        return MemoryEffects(
            store, RandomIds(), rows=self._kept, apply=self._apply, archive=archive
        )

    async def tallied(self, tenant: str) -> list[str]:
        return [
            codec.decode(Tallied, each.event.data).reference
            for each in self._to.log
            if each.tenant == tenant and each.event.type == event_name(Tallied)
        ]

    async def projected(self, tenant: str) -> list[str]:
        rows = [statements.compiled(row)[1] for owner, row in self._rows if owner == tenant]
        return [reference for _, reference in rows]

    async def parked(self, tenant: str) -> list[tuple[str, str, str]]:
        return [
            (key, codec.decode(Written, each.envelope.data).reference, each.failure.error)
            for each in sorted(self._kept.parked, key=lambda each: each.envelope.position.position)
            if each.envelope.tenant == tenant
            for key in sorted(each.envelope.keys)
        ]

    def queue(self) -> SubscriptionRows:
        return self._kept

    async def order(self, action: Any, reference: str) -> None:
        for number, each in enumerate(self._kept.parked):
            if codec.decode(Written, each.envelope.data).reference == reference:
                order = Order(action=action, by=OPERATOR, reason=REASON)
                self._kept.parked[number] = replace(each, order=order)

    async def attempts(self, reference: str) -> int:
        (found,) = {
            each.failure.attempts
            for each in self._kept.parked
            if codec.decode(Written, each.envelope.data).reference == reference
        }
        return found

    async def replace_source(self) -> None:
        self._from.epoch = "another"

    def _apply(self, tenant: str, statement: statements.Statement) -> None:
        self._rows.append((tenant, statement))


class TestMemorySubscription(SubscriptionContract, ParkingContract):
    @pytest.fixture
    def world(self) -> MemoryWorld:
        return MemoryWorld()
