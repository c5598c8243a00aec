"""Subscriptions: what a service does about events, with exactly-once effect.

A page of events becomes one transaction that holds every effect, the inbox rows and the
checkpoint. An event that keeps failing is parked with its error, and later events of the same
consumer are parked behind it; other consumers flow on. Nothing is ever skipped.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy.sql import Executable

from shared.eventstore import codec
from shared.eventstore.store import Metadata, StoreUnavailable
from shared.eventstore.transact import Issue
from shared.kernel.errors import ConcurrencyConflict
from shared.kernel.records import event_name, record
from shared.messaging.effects import Deposed, Effect, EffectStore, Taken
from shared.messaging.feed import Envelope, Feed, Page
from shared.telemetry.tracing import handling

PAGE_SIZE_MAX = 200
POLL_S = 0.25
RETRIES_MAX = 5
PAUSE_S = 0.05
PAUSE_MAX_S = 2.0

React = Callable[[Any, Envelope], Sequence[Issue]]
Project = Callable[[Any, Envelope], Sequence[Executable]]

log = structlog.get_logger(__name__)


@record
class Handler:
    """What to do about one event class: commands to issue, read-model rows to write."""

    event: type
    react: React | None = None
    project: Project | None = None


def reaction(event: type, react: React) -> Handler:
    """Answer an event with commands of our own."""
    return Handler(event=event, react=react)


def projection(event: type, project: Project) -> Handler:
    """Write an event into a read model."""
    return Handler(event=event, project=project)


class Subscription:
    """One named reader of one service's feed.

    Args:
        name: what its checkpoint, inbox and watermark are kept under.
        handlers: several may name the same event; they run in this order.
    """

    def __init__(self, name: str, feed: Feed, effects: EffectStore, handlers: Sequence[Handler]) -> None:
        self.name = name
        self.feed = feed
        self._effects = effects
        self._handlers = _by_event_name(handlers)

    async def run(self) -> None:
        """Work until cancelled; a store that is away is waited for."""
        positions: dict[str, Taken] = {}
        pause_s = PAUSE_S
        while True:
            try:
                busy = False
                for partition in await self.feed.partitions():
                    if partition not in positions:
                        positions[partition] = await self._effects.take_up(self.name, partition)
                    page = await self.feed.page(partition, positions[partition].position, PAGE_SIZE_MAX)
                    positions[partition] = await self._take(positions[partition], page)
                    busy = busy or bool(page.events)
                pause_s = PAUSE_S
                if not busy:
                    await self.feed.wait(POLL_S)
            except (StoreUnavailable, ConcurrencyConflict, Deposed):
                positions.clear()
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, PAUSE_MAX_S)

    async def step(self, partition: str = "0") -> int:
        """Take one page and return how many events it held; for tests and rebuilds."""
        taken = await self._effects.take_up(self.name, partition)
        page = await self.feed.page(partition, taken.position, PAGE_SIZE_MAX)
        await self._take(taken, page)
        return len(page.events)

    async def _take(self, taken: Taken, page: Page) -> Taken:
        if page.epoch != taken.epoch:
            taken = await self._effects.accept_epoch(taken, page.epoch)
        if not page.events:
            return await self._effects.mark_fresh(taken, page.fresh_as_of)
        effects = [self._effect(each) for each in page.events]
        try:
            return await self._effects.commit(taken, effects, page.fresh_as_of)
        except (StoreUnavailable, ConcurrencyConflict, Deposed):
            raise
        except Exception as error:  # noqa: BLE001 - found out one by one, then parked with its error
            log.warning("page-failed", subscription=self.name, error=type(error).__name__)
        for effect in effects:
            taken = await self._take_one(taken, effect)
        return taken

    async def _take_one(self, taken: Taken, effect: Effect) -> Taken:
        for attempt in range(RETRIES_MAX):
            try:
                return await self._effects.commit(taken, [effect], None)
            except (StoreUnavailable, Deposed):
                raise
            except Exception as error:  # noqa: BLE001 - bounded retries, then the event is parked
                failure = error
                await asyncio.sleep(PAUSE_S * 2**attempt)
        log.error(
            "event-parked",
            subscription=self.name,
            event_id=effect.envelope.event_id,
            event_type=effect.envelope.type,
            error=type(failure).__name__,
        )
        return await self._effects.park(taken, effect.envelope, type(failure).__name__)

    def _effect(self, envelope: Envelope) -> Effect:
        handlers = self._handlers.get(envelope.type, ())
        return Effect(envelope=envelope, run=lambda: self._run(handlers, envelope))

    def _run(
        self, handlers: Sequence[Handler], envelope: Envelope
    ) -> tuple[Metadata, list[Issue], list[Executable]]:
        issues: list[Issue] = []
        statements: list[Executable] = []
        metadata = envelope.metadata
        with handling(self.name, envelope.type, metadata.traceparent):
            for handler in handlers:
                event = codec.decode(handler.event, envelope.data)
                if handler.react:
                    issues.extend(handler.react(event, envelope))
                if handler.project:
                    statements.extend(handler.project(event, envelope))
        caused = Metadata(
            actor=f"process:{self.name}",
            correlation_id=metadata.correlation_id,
            causation_id=envelope.event_id,
            traceparent=metadata.traceparent,
        )
        return caused, issues, statements


def _by_event_name(handlers: Sequence[Handler]) -> Mapping[str, tuple[Handler, ...]]:
    found: dict[str, tuple[Handler, ...]] = {}
    for handler in handlers:
        name = event_name(handler.event)
        found[name] = (*found.get(name, ()), handler)
    return found


