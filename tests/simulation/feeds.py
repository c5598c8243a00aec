"""Feeds that are late, repeat themselves, stand still for a while, and lie in two partitions.

Idle readers do not poll here: what their polls would have shown is worked out when somebody asks
how fresh they are. A reader that is cut off polls in vain, so it grows stale.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from shared.eventstore.store import StoreUnavailable
from shared.messaging.effects import Effect, Taken
from shared.messaging.feed import Bell, Envelope, Page, Position
from shared.messaging.memory import PARTITION, MemoryEffects, MemoryFeed
from shared.messaging.parking import Failure, ParkedEvent
from shared.messaging.subscription import POLL_S
from tests.simulation.databases import Connection, Database
from tests.simulation.processes import Process

EVERYTHING = 1_000_000
SEEN_AGAIN_MAX = 5


class SimulatedFeed:
    """One process's reader of one service's events, for one subscription."""

    def __init__(
        self, subscription: str, source: Database, process: Process, own: Connection
    ) -> None:
        self.source = source.name
        self.subscription = subscription
        self.is_cut = False
        self._log = source
        self._process = process
        self._own = own.database
        self._reader = MemoryFeed(source.name, source, Bell())
        self._news = asyncio.Event()
        self._idle_since_s: float | None = None
        source.listeners[self._appended] = None
        self._own.readers[self._catch_up] = None

    async def partitions(self) -> tuple[str, ...]:
        """Return the partitions of the feed; a round of reading begins here."""
        self._news.clear()
        return tuple(str(number) for number in range(self._process.chance.partitions))

    async def all_partitions(self) -> tuple[str, ...]:
        """Return the same: every process reads them all."""
        return tuple(str(number) for number in range(self._process.chance.partitions))

    async def behind(self, positions: Mapping[str, Position]) -> int:
        """Say nothing: nobody measures a simulation."""
        return 0

    async def close(self) -> None:
        """Hold nothing that outlives the process."""

    async def page(self, partition: str, after: Position, limit: int) -> Page:
        """Return the next events, sometimes with some that were delivered before."""
        chance = self._process.chance
        await self._process.step(f"reads {self.source} for {self.subscription}")
        if self.is_cut:
            raise StoreUnavailable("the source cannot be reached")
        begin = after.position
        if chance.happens(chance.repeated):
            begin = max(0, begin - SEEN_AGAIN_MAX)
        whole = await self._reader.page(
            PARTITION, Position(transaction_id=0, position=begin), EVERYTHING
        )
        ours = [each for each in whole.events if self._partition_of(each) == partition]
        new = [each for each in ours if each.position.position > after.position]
        again = [each for each in ours if each.position.position <= after.position] if new else []
        size = min(limit, chance.page_size)
        await self._process.back(f"has {len(new)} of {self.source}")
        return Page(
            events=(*again, *new[:size]),
            upto=new[:size][-1].position if new else after,
            epoch=whole.epoch,
            fresh_as_of=whole.fresh_as_of if len(new) <= size else None,
        )

    async def wait(self, timeout_s: float) -> None:
        """Return when there is news; the polls in between are only thought of."""
        if not self._news.is_set():
            self._idle_since_s = self._process.loop.time()
        await self._news.wait()
        self._idle_since_s = None

    def cut(self, is_cut: bool) -> None:
        """Cut the reader off from its source, or let it see again."""
        self.is_cut = is_cut
        self._idle_since_s = None
        self._news.set()

    def _appended(self) -> None:
        if not self._process.is_alive:
            del self._log.listeners[self._appended]
            return
        self._idle_since_s = None
        self._process.loop.call_later(self._process.chance.between(0, 0.01), self._news.set)

    async def _catch_up(self) -> None:
        """Mark as seen what the polls since the last page have shown: nothing new."""
        if not self._process.is_alive:
            del self._own.readers[self._catch_up]
            return
        if self._idle_since_s is None:
            return
        polls = int((self._process.loop.time() - self._idle_since_s) / POLL_S)
        if polls:
            seen = self._process.loop.begins + timedelta(
                seconds=self._idle_since_s + polls * POLL_S
            )
            self._mark(seen)

    def _mark(self, seen: datetime) -> None:
        rows = self._own.rows
        for partition in range(self._process.chance.partitions):
            key = (self.subscription, str(partition))
            rows.fresh_as_of[key] = max(seen, rows.fresh_as_of.get(key, seen))
        self._own.watermarks[self.subscription] = min(
            at for (name, _), at in rows.fresh_as_of.items() if name == self.subscription
        )

    def _partition_of(self, envelope: Envelope) -> str:
        number = sum(envelope.keys[0].encode()) % self._process.chance.partitions
        return str(number)


class Effects:
    """What subscriptions write, in transactions that fail, or succeed in silence."""

    def __init__(self, connection: Connection, effects: MemoryEffects) -> None:
        self.connection = connection
        self.effects = effects

    async def take_up(self, subscription: str, partition: str) -> Taken:
        """Read the checkpoint."""
        await self.connection.process.step(f"takes {subscription} up")
        return await self.effects.take_up(subscription, partition)

    async def expect(self, subscription: str, partitions: Sequence[str]) -> None:
        """Count partitions that were never read as never fresh."""
        await self.effects.expect(subscription, partitions)

    async def commit(
        self,
        taken: Taken,
        effects: Sequence[Effect],
        upto: Position,
        fresh_as_of: datetime | None,
    ) -> Taken:
        """Commit a page, or fail before or after it."""
        process = self.connection.process
        await process.step(f"handles {len(effects)} for {taken.subscription}")
        self.connection.fail_before_commit()
        moved = await self.effects.commit(taken, effects, upto, fresh_as_of)
        await process.back(f"has handled {taken.subscription} to {moved.position.position}")
        self.connection.lose_answer()
        return moved

    async def park(
        self,
        taken: Taken,
        parking: tuple[Envelope, Failure],
        upto: Position,
        fresh_as_of: datetime | None,
    ) -> Taken:
        """Set an event aside."""
        envelope, failure = parking
        trace = self.connection.process.trace
        trace.note(taken.subscription, "parks", envelope.type, failure.error)
        return await self.effects.park(taken, parking, upto, fresh_as_of)

    async def resolve(self, parked: ParkedEvent, effect: Effect) -> None:
        """End a parking."""
        await self.effects.resolve(parked, effect)

    async def keep_parked(self, parked: ParkedEvent, failure: Failure) -> None:
        """Note why an event stays parked."""
        await self.effects.keep_parked(parked, failure)

    async def mark_fresh(self, taken: Taken, upto: Position, fresh_as_of: datetime | None) -> Taken:
        """Note freshness."""
        self.connection.process.require_alive()
        return await self.effects.mark_fresh(taken, upto, fresh_as_of)

    async def accept_epoch(self, taken: Taken, epoch: str) -> Taken:
        """Bind a new checkpoint."""
        return await self.effects.accept_epoch(taken, epoch)
