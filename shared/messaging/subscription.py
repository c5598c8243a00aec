"""Subscriptions: what a service does about events, with exactly-once effect.

A page of events becomes one transaction that holds every effect, the inbox rows and the
checkpoint. An event that keeps failing is parked with its error, and later events of the same
consumer are parked behind it; other consumers flow on. Nothing is ever skipped. Of many that fail
at once only the first are insisted on, since everybody's watermark waits for the end of the page.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from opentelemetry.trace import Span

from shared.eventstore import codec
from shared.eventstore.statements import Statement
from shared.eventstore.store import Metadata, StoreUnavailable
from shared.eventstore.transact import Issue
from shared.kernel.clock import SystemClock
from shared.kernel.errors import ClaimTaken, ConcurrencyConflict
from shared.kernel.records import event_name, record
from shared.messaging import spans
from shared.messaging.effects import Deposed, Effect, EffectStore, Taken
from shared.messaging.feed import Envelope, Feed, Page, Position
from shared.messaging.parking import Failure, NotDiscardable, ParkedEvent
from shared.telemetry import metrics, tracing
from shared.telemetry.logging import get_logger

PAGE_SIZE_MAX = 200
POLL_S = 0.25
RETRIES_MAX = 5
INSISTED_MAX = 2  # events insisted on between two looks at all partitions
CONFLICTS_MAX = 10
PAUSE_S = 0.05
INSIST_PAUSE_MAX_S = 0.5
PAUSE_MAX_S = 2.0

T = TypeVar("T")
React = Callable[[Any, Envelope], Sequence[Issue]]
Project = Callable[[Any, Envelope], Sequence[Statement]]

_RESOLVED = {
    "retry": "parked-event-retried",
    "discard": "parked-event-discarded",
    None: "parked-event-handled",
}

log = get_logger(__name__)
_clock = SystemClock()


@record
class Handler:
    """What to do about one event type: commands to issue, read-model rows to write.

    Without a class the event is not decoded and only the envelope is handed on. `then` is called
    with it once all is committed; it is for metrics, and a crash may leave it out.
    """

    name: str
    event: type | None = None
    react: React | None = None
    project: Project | None = None
    then: Callable[[Envelope], None] | None = None


def reaction(event: type, react: React) -> Handler:
    """Answer an event with commands of our own."""
    return Handler(name=event_name(event), event=event, react=react)


def projection(event: type, project: Project) -> Handler:
    """Write an event into a read model."""
    return Handler(name=event_name(event), event=event, project=project)


def projection_of(name: str, write: Callable[[Envelope], Sequence[Statement]]) -> Handler:
    """Write the envelopes of a stored event type into a read model."""
    return Handler(name=name, project=lambda _, envelope: write(envelope))


@record
class Linger:
    """How long to let more events gather behind a page of at least so many that was not full.

    What a page costs beside its events is then shared by more of them, and who waits for one of
    them waits no more than that much longer.
    """

    seconds: float
    events_min: int = 1


class Failing(Exception):
    """An event that could not be handled, however often it was tried; its cause is the last one."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.error)
        self.failure = failure


class UnknownVersion(Exception):
    """An event of a kind that is handled, in a version that is not: written by newer code."""


_LASTING = (codec.UnreadableEvent, UnknownVersion)  # trying again changes nothing


class Patience:
    """How often an event may fail: a whole burst must not hold up what everybody else waits for.

    Until a reader has looked at all partitions again, `INSISTED_MAX` events are tried
    `RETRIES_MAX` times each; every one after them that fails is parked at its first try.
    """

    def __init__(self) -> None:
        self._insisted = 0

    @property
    def tries_max(self) -> int:
        """Return how often the next event may fail."""
        return RETRIES_MAX if self._insisted < INSISTED_MAX else 1

    def note(self, failure: Failure) -> None:
        """Note that an event has failed; one that was given up at once has cost no time."""
        if failure.attempts == RETRIES_MAX:
            self._insisted += 1


@record
class Standing:
    """Where a reader stands: its checkpoint, and how far it has read beyond it without an event."""

    taken: Taken
    read_upto: Position


class Subscription:
    """One named reader of one service's feed. Two processes may run it: one of them gets anywhere.

    Args:
        name: what its checkpoint, inbox and watermark are kept under.
        handlers: several may name the same event; they run in this order.
        linger: when to let more events gather; None where somebody waits for each.
    """

    def __init__(
        self,
        name: str,
        feed: Feed,
        effects: EffectStore,
        handlers: Sequence[Handler],
        *,
        page_size_max: int = PAGE_SIZE_MAX,
        linger: Linger | None = None,
    ) -> None:
        self.name = name
        self.feed = feed
        self._effects = effects
        self._handlers = _by_event_name(handlers)
        self._kinds = {_kind(name) for name in self._handlers}
        self._page_size_max = page_size_max
        self._linger = linger
        self._standing: dict[str, Standing] = {}
        self._labels = {"forbear.subscription": name}
        self.interruption: StoreUnavailable | None = None
        """What it waits for at the moment; None while all goes well."""

    async def behind(self) -> int:
        """Return how many records of its feed it has not taken in yet, up to the feed's limit.

        Raises:
            StoreUnavailable: no answer.
        """
        return await self.feed.behind(
            {partition: each.read_upto for partition, each in self._standing.items()}
        )

    async def run(self) -> None:
        """Work until cancelled; a store that is away is waited for.

        Raises:
            StoreReplaced: the feed comes from another store; the subscription must be rebuilt.
        """
        try:
            await self._run_on()
        finally:
            await self.feed.close()

    async def _run_on(self) -> None:
        standing: dict[str, Standing] = {}
        pause_s = PAUSE_S
        size = self._page_size_max
        while True:
            try:
                taken_in = 0
                partitions = await self.feed.partitions()
                if standing.keys() != set(partitions):
                    standing = self._standing = await self._stand(standing, partitions)
                patience = Patience()
                for partition in partitions:
                    standing[partition], events = await self._advance(
                        standing[partition], size, patience
                    )
                    taken_in += events
                pause_s = PAUSE_S
                self.interruption = None
                size = min(size * 2, self._page_size_max)
                if not taken_in:
                    await self.feed.wait(POLL_S)
                elif self._linger and self._linger.events_min <= taken_in < size:
                    await asyncio.sleep(self._linger.seconds)
            except (StoreUnavailable, ConcurrencyConflict, Deposed) as error:
                standing = {}
                self._note(error)
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, PAUSE_MAX_S)
                # A page too long for the time limit of a transaction must not fail for ever.
                size = max(size // 4, 1)

    async def step(self, partition: str = "0") -> int:
        """Take one page and return how many events it held; for tests and rebuilds."""
        standing = await self._take_up(partition)
        _, events = await self._advance(standing, self._page_size_max, Patience())
        return events

    async def _stand(
        self, standing: Mapping[str, Standing], partitions: Sequence[str]
    ) -> dict[str, Standing]:
        await self._effects.expect(self.name, await self.feed.all_partitions())
        return {each: standing.get(each) or await self._take_up(each) for each in partitions}

    async def _take_up(self, partition: str) -> Standing:
        taken = await self._effects.take_up(self.name, partition)
        return Standing(taken=taken, read_upto=taken.position)

    async def _advance(
        self, standing: Standing, size: int, patience: Patience
    ) -> tuple[Standing, int]:
        taken = standing.taken
        page = await self.feed.page(taken.partition, standing.read_upto, size)
        if page.epoch and page.epoch != taken.epoch:
            taken = await self._effects.accept_epoch(taken, page.epoch)
        if page.events:
            with metrics.SUBSCRIPTION_PROCESS_DURATION.time(self._labels):
                taken = await self._take_all(taken, page, patience)
        else:
            taken = await self._effects.mark_fresh(taken, page.upto, page.fresh_as_of)
        return Standing(taken=taken, read_upto=page.upto), len(page.events)

    async def _take_all(self, taken: Taken, page: Page, patience: Patience) -> Taken:
        """Commit a page as one; if that fails, each half by itself, down to the event at fault."""
        if len(page.events) == 1:
            return await self._take_one(taken, page, patience)
        try:
            return await self._commit(taken, page)
        except (StoreUnavailable, Deposed):
            raise
        except Exception as error:  # noqa: BLE001 - narrowed down to one event, which is parked
            log.info("page-split", subscription=self.name, error=error)
        for half in page.halves():
            taken = await self._take_all(taken, half, patience)
        return taken

    async def _take_one(self, taken: Taken, page: Page, patience: Patience) -> Taken:
        (envelope,) = page.events
        try:
            return await _insist(lambda: self._commit(taken, page), patience.tries_max)
        except Failing as error:
            patience.note(error.failure)
            named = _named(self.name, envelope, error.failure)
            log.error("event-parked", **named, error=error.__cause__)
            metrics.EVENTS_PARKED.add(1, self._labels)
            parking = (envelope, error.failure)
            return await self._effects.park(taken, parking, page.upto, page.fresh_as_of)

    async def settle(self, parked: ParkedEvent) -> bool:
        """Handle a parked event, or let it go if that was ordered, and tell whether that was done.

        If it fails it stays parked.

        Raises:
            Deposed: somebody else has settled it, or something is parked before it.
            ConcurrencyConflict: others were in the way each time; again later.
            StoreUnavailable: no answer.
        """
        named = _named(self.name, parked.envelope, parked.failure)
        try:
            await _insist(lambda: self._resolve(parked))
        except NotDiscardable:
            log.error("discard-refused", **named)
            await self._effects.keep_parked(parked, parked.failure)
        except Failing as error:
            attempts = parked.failure.attempts + error.failure.attempts
            failure = Failure(error=error.failure.error, attempts=attempts)
            named = _named(self.name, parked.envelope, failure)
            log.error("parked-event-failed-again", **named, error=error.__cause__)
            await self._effects.keep_parked(parked, failure)
        else:
            log.warning(_RESOLVED[parked.order.action if parked.order else None], **named)
            return True
        return False

    async def _commit(self, taken: Taken, page: Page) -> Taken:
        with tracing.ending_together() as begun:
            effects = [self._effect(each, begun) for each in page.events]
            moved = await self._effects.commit(taken, effects, page.upto, page.fresh_as_of)
        if metrics.is_on():
            self._count(page.events)
        return moved

    def _count(self, envelopes: Sequence[Envelope]) -> None:
        metrics.SUBSCRIPTION_CONSUMED.add(len(envelopes), self._labels)
        now = _clock.now()
        for envelope in envelopes:
            delay_s = max(0.0, (now - envelope.recorded_at).total_seconds())
            metrics.SUBSCRIPTION_DELAY.record(delay_s, self._labels)
            for handler in self._handlers.get(envelope.type, ()):
                if handler.then:
                    handler.then(envelope)

    def _note(self, interruption: Exception) -> None:
        # That another reader or writer was first is no lack of anything.
        self.interruption = interruption if isinstance(interruption, StoreUnavailable) else None
        kind = type(interruption).__name__
        metrics.SUBSCRIPTION_INTERRUPTIONS.add(1, {**self._labels, "error.type": kind})

    async def _resolve(self, parked: ParkedEvent) -> None:
        with tracing.ending_together() as begun:
            await self._effects.resolve(parked, self._effect(parked.envelope, begun))

    def _effect(self, envelope: Envelope, begun: list[Span]) -> Effect:
        handlers = self._handlers.get(envelope.type, ())
        return Effect(
            envelope=envelope,
            run=lambda: self._run(handlers, envelope, begun),
            is_handled=bool(handlers) or _kind(envelope.type) in self._kinds,
        )

    def _run(
        self, handlers: Sequence[Handler], envelope: Envelope, begun: list[Span]
    ) -> tuple[Metadata, list[Issue], list[Statement]]:
        issues: list[Issue] = []
        statements: list[Statement] = []
        if not handlers and _kind(envelope.type) in self._kinds:
            raise UnknownVersion(envelope.type)
        metadata = envelope.metadata
        with spans.processing(self.name, envelope, metadata, begun) as origin:
            for handler in handlers:
                event: Any = codec.decode(handler.event, envelope.data) if handler.event else None
                if handler.react:
                    issues.extend(handler.react(event, envelope))
                if handler.project:
                    statements.extend(handler.project(event, envelope))
        caused = Metadata(
            actor=f"process:{self.name}",
            correlation_id=metadata.correlation_id,
            causation_id=envelope.event_id,
            traceparent=origin,
        )
        return caused, issues, statements


async def _insist(attempt: Callable[[], Awaitable[T]], tries_max: int = RETRIES_MAX) -> T:
    """Try a few times; others in the way count for less than the event itself.

    Raises:
        Failing: it is the event's own fault.
    """
    failures = conflicts = 0
    while True:
        try:
            return await attempt()
        except (StoreUnavailable, Deposed, NotDiscardable):
            raise
        except Exception as error:
            if not _is_passing(error):
                failures += 1
                if failures == tries_max or isinstance(error, _LASTING):
                    name = type(error).__name__
                    raise Failing(Failure(error=name, attempts=failures)) from error
            elif conflicts == CONFLICTS_MAX:
                raise  # no fault of the event: all of it is tried again
            else:
                conflicts += 1
        await asyncio.sleep(min(PAUSE_S * 2 ** (failures + conflicts - 1), INSIST_PAUSE_MAX_S))


def _named(subscription: str, envelope: Envelope, failure: Failure) -> dict[str, Any]:
    return {
        "subscription": subscription,
        "tenant": envelope.tenant,
        "event_id": envelope.event_id,
        "event_type": envelope.type,
        "reason": failure.error,
        "attempts": failure.attempts,
    }


def _kind(event_type: str) -> str:
    """Return the name of an event type without its version."""
    return event_type.rpartition(".v")[0]


def _is_passing(error: Exception) -> bool:
    """Tell whether another writer was in the way; a name that is taken stays taken."""
    return isinstance(error, ConcurrencyConflict) and not isinstance(error, ClaimTaken)


def _by_event_name(handlers: Sequence[Handler]) -> Mapping[str, tuple[Handler, ...]]:
    found: dict[str, tuple[Handler, ...]] = {}
    for handler in handlers:
        found[handler.name] = (*found.get(handler.name, ()), handler)
    return found
