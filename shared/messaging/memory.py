"""Feed and effects over stores in this process: the same contracts, no clock and no thread.

For simulations: everything between two awaits happens at once, so a commit here is as atomic as a
transaction is there.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import takewhile

from shared.eventstore.memory import LoggedEvent, MemoryEventStore
from shared.eventstore.statements import Statement
from shared.kernel.ids import Ids
from shared.kernel.records import replace
from shared.messaging.effects import Deposed, Effect, StoreReplaced, Taken
from shared.messaging.feed import BEHIND_MAX, START, Bell, Envelope, Page, Position, rung
from shared.messaging.parking import Failure, ParkedEvent
from shared.messaging.planning import Known, Plan, by_tenant, plan, plan_resolution

PARTITION = "0"
NEVER = datetime.fromtimestamp(0, UTC)

Apply = Callable[[str, Statement], None]
Archive = Callable[[None, str, Sequence[Envelope]], Awaitable[None]]


class MemoryFeed:
    """Tails the log of a store in memory. One partition, one reader."""

    def __init__(self, source: str, store: MemoryEventStore, bell: Bell) -> None:
        self.source = source
        self._store = store
        self._listener = bell.listener()

    async def partitions(self) -> tuple[str, ...]:
        """Return the one partition."""
        return (PARTITION,)

    async def all_partitions(self) -> tuple[str, ...]:
        """Return the one partition."""
        return (PARTITION,)

    async def page(self, partition: str, after: Position, limit: int) -> Page:
        """Return the next events after a position, in commit order."""
        self._listener.clear()
        log = self._store.log[after.position : after.position + limit]
        is_whole = after.position + len(log) == len(self._store.log)
        events = tuple(self._envelope(each) for each in log)
        return Page(
            events=events,
            upto=events[-1].position if events else after,
            epoch=self._store.epoch,
            fresh_as_of=self._store.system_now() if is_whole else None,
        )

    async def behind(self, positions: Mapping[str, Position]) -> int:
        """Count the events behind a position."""
        behind = [len(self._store.log) - each.position for each in positions.values()]
        return min(sum(behind), BEHIND_MAX)

    async def wait(self, timeout_s: float) -> None:
        """Return when something was appended, at the latest after the timeout."""
        await rung(self._listener, timeout_s)

    async def close(self) -> None:
        """Hold nothing."""

    def _envelope(self, logged: LoggedEvent) -> Envelope:
        return Envelope(
            source=self.source,
            position=Position(transaction_id=0, position=logged.position),
            tenant=logged.tenant,
            stream=logged.event.stream,
            version=logged.event.version,
            event_id=logged.event.event_id,
            type=logged.event.type,
            data=logged.event.data,
            metadata_bytes=logged.event.metadata,
            occurred_at=logged.event.occurred_at,
            recorded_at=logged.recorded_at,
        )


class SubscriptionRows:
    """Inbox, checkpoints, watermarks and parked events of one service; outlives its processes."""

    def __init__(self) -> None:
        self.inbox: set[tuple[str, str, str]] = set()
        self.parked: list[ParkedEvent] = []  # in the order in which they were parked
        self.checkpoints: dict[tuple[str, str], Taken] = {}
        self.fresh_as_of: dict[tuple[str, str], datetime] = {}

    def keys_parked(self, tenant: str, subscription: str) -> set[str]:
        """Return the keys under which events of a tenant are parked."""
        return {
            key
            for each in self.parked
            if (each.envelope.tenant, each.subscription) == (tenant, subscription)
            for key in each.envelope.keys
        }

    def is_first(self, parked: ParkedEvent) -> bool:
        """Tell whether an event is parked as it was, with none before it under any of its keys."""
        if parked not in self.parked:
            return False
        return not any(
            set(each.envelope.keys).intersection(parked.envelope.keys)
            for each in self.parked[: self.parked.index(parked)]
            if (each.envelope.tenant, each.subscription)
            == (parked.envelope.tenant, parked.subscription)
        )

    async def due(self, subscriptions: Sequence[str]) -> list[ParkedEvent]:
        """Return the parked events that are to be taken up now."""
        return [
            each
            for each in self.parked
            if each.is_due and each.subscription in subscriptions and self.is_first(each)
        ]

    async def behind(self, settled: ParkedEvent) -> list[ParkedEvent]:
        """Return what is due under the keys of an event that is parked no more."""
        waiting = (
            each
            for each in self.parked
            if (each.envelope.tenant, each.subscription)
            == (settled.envelope.tenant, settled.subscription)
            and set(each.envelope.keys).intersection(settled.envelope.keys)
        )
        return list(takewhile(lambda each: each.is_due, waiting))


class MemoryEffects:
    """Writes what subscriptions of one service do, into its store in memory.

    Args:
        rows: what is kept beside the store; pass it on to the next process after a crash.
        wake: called when a page appended events of our own.
        apply: called with every read-model statement of a tenant; it must not fail.
        archive: called with every event of a tenant before anything is written.
    """

    def __init__(
        self,
        store: MemoryEventStore,
        ids: Ids,
        *,
        rows: SubscriptionRows | None = None,
        wake: Callable[[], None] = lambda: None,
        apply: Apply = lambda tenant, statement: None,
        archive: Archive | None = None,
    ) -> None:
        self.rows = rows or SubscriptionRows()
        self._store = store
        self._ids = ids
        self._wake = wake
        self._apply = apply
        self._archive = archive

    async def take_up(self, subscription: str, partition: str) -> Taken:
        """Read the checkpoint, or begin one."""
        begun = Taken(subscription=subscription, partition=partition, position=START, epoch="")
        return self.rows.checkpoints.setdefault((subscription, partition), begun)

    async def expect(self, subscription: str, partitions: Sequence[str]) -> None:
        """Count partitions that were never read as never fresh."""
        for partition in partitions:
            self.rows.fresh_as_of.setdefault((subscription, partition), NEVER)

    async def commit(
        self,
        taken: Taken,
        effects: Sequence[Effect],
        upto: Position,
        fresh_as_of: datetime | None,
    ) -> Taken:
        """Write the effects of a page, its inbox rows and the checkpoint at once."""
        is_archived = self._archive is not None
        plans = {}
        for tenant, those in by_tenant(effects, is_archived).items():
            known = self._known(taken, tenant, those)
            plans[tenant] = await plan(self._store, self._ids, tenant, those, known, is_archived)
        self._refuse_conflicts(taken, plans)
        if self._archive:
            for tenant, planned in plans.items():
                if planned.received:
                    await self._archive(None, tenant, planned.received)
            self._refuse_conflicts(taken, plans)
        moved = replace(taken, position=upto)
        self._write(moved, plans, fresh_as_of)
        if any(each.batch for each in plans.values()):
            self._wake()
        return moved

    async def park(
        self,
        taken: Taken,
        parking: tuple[Envelope, Failure],
        upto: Position,
        fresh_as_of: datetime | None,
    ) -> Taken:
        """Set an event aside with its error and move on."""
        planned = Plan()
        planned.parked.append(parking)
        self._refuse_conflicts(taken, {})
        moved = replace(taken, position=upto)
        self._write(moved, {parking[0].tenant: planned}, fresh_as_of)
        return moved

    async def resolve(self, parked: ParkedEvent, effect: Effect) -> None:
        """End the parking of an event with its effects and who asked for it, at once."""
        tenant, is_archived = parked.envelope.tenant, self._archive is not None
        planned = await plan_resolution(self._store, self._ids, parked, effect, is_archived)
        self._refuse_resolved(parked, planned)
        if self._archive and planned.received:
            await self._archive(None, tenant, planned.received)
            self._refuse_resolved(parked, planned)
        self._append(tenant, planned)
        self.rows.parked.remove(parked)
        self._mark_parked(parked)
        if planned.batch:
            self._wake()

    async def keep_parked(self, parked: ParkedEvent, failure: Failure) -> None:
        """Note why an event stays parked."""
        if parked in self.rows.parked:
            kept = replace(parked, failure=failure, order=None)
            self.rows.parked[self.rows.parked.index(parked)] = kept

    async def mark_fresh(self, taken: Taken, upto: Position, fresh_as_of: datetime | None) -> Taken:
        """Note that nothing committed before an instant is missing."""
        return await self.commit(taken, (), upto, fresh_as_of)

    async def accept_epoch(self, taken: Taken, epoch: str) -> Taken:
        """Bind a new checkpoint to the feed's store."""
        if taken.epoch:
            raise StoreReplaced(f"{taken.subscription} was reading another store; rebuild it")
        accepted = replace(taken, epoch=epoch)
        key = (taken.subscription, taken.partition)
        if self.rows.checkpoints[key] == taken:
            self.rows.checkpoints[key] = accepted
        return accepted

    def _known(self, taken: Taken, tenant: str, effects: Sequence[Effect]) -> Known:
        name = taken.subscription
        ids = (each.envelope.event_id for each in effects)
        return Known(
            event_ids=frozenset(each for each in ids if (tenant, name, each) in self.rows.inbox),
            parked_keys=frozenset(self.rows.keys_parked(tenant, name)),
        )

    def _refuse_conflicts(self, taken: Taken, plans: dict[str, Plan]) -> None:
        if self.rows.checkpoints[taken.subscription, taken.partition] != taken:
            raise Deposed(taken.subscription)
        for tenant, planned in plans.items():
            if planned.batch:
                self._store.refuse_conflicts(tenant, planned.batch)

    def _refuse_resolved(self, parked: ParkedEvent, planned: Plan) -> None:
        if not self.rows.is_first(parked):
            raise Deposed(parked.subscription)
        if planned.batch:
            self._store.refuse_conflicts(parked.envelope.tenant, planned.batch)

    def _write(self, moved: Taken, plans: dict[str, Plan], fresh_as_of: datetime | None) -> None:
        subscription = moved.subscription
        for tenant, planned in plans.items():
            self._append(tenant, planned)
            for envelope in planned.received:
                self.rows.inbox.add((tenant, subscription, envelope.event_id))
            for envelope, failure in planned.parked:
                self.rows.inbox.add((tenant, subscription, envelope.event_id))
                parked = ParkedEvent(
                    subscription=subscription,
                    partition=moved.partition,
                    envelope=envelope,
                    failure=failure,
                    at=self._store.system_now(),
                )
                self.rows.parked.append(parked)
                self._mark_parked(parked)
        self.rows.checkpoints[subscription, moved.partition] = moved
        if fresh_as_of is not None:
            self._mark(moved, fresh_as_of)

    def _append(self, tenant: str, planned: Plan) -> None:
        if planned.batch:
            self._store.write(tenant, planned.batch)
        for statement in planned.statements:
            self._apply(tenant, statement)

    def _mark_parked(self, changed: ParkedEvent) -> None:
        """Let decisions see in which subscriptions the keys of an event are parked."""
        tenant = changed.envelope.tenant
        for key in changed.envelope.keys:
            self._store.parked[tenant, key] = tuple(
                dict.fromkeys(
                    each.subscription
                    for each in self.rows.parked
                    if each.envelope.tenant == tenant and key in each.envelope.keys
                )
            )

    def _mark(self, taken: Taken, fresh_as_of: datetime) -> None:
        key = (taken.subscription, taken.partition)
        self.rows.fresh_as_of[key] = max(fresh_as_of, self.rows.fresh_as_of.get(key, fresh_as_of))
        self._store.watermarks[taken.subscription] = min(
            at
            for (subscription, _), at in self.rows.fresh_as_of.items()
            if subscription == taken.subscription
        )
