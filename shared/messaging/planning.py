"""What the events of one tenant come to: worked out in full before anything is written."""

from collections.abc import Iterable, Sequence

from sqlalchemy.sql import Executable

from shared.eventstore.store import Batch, EventStore, Metadata
from shared.eventstore.transact import Deliberation, Issue, StreamsWanted
from shared.kernel.ids import Ids
from shared.kernel.records import record
from shared.messaging.effects import Effect
from shared.messaging.feed import Envelope
from shared.messaging.parking import (
    WAITS,
    Failure,
    NotDiscardable,
    ParkedEvent,
    resolution_of,
)


@record
class Known:
    """What a subscription has had, and which keys are parked in it."""

    event_ids: frozenset[str]
    parked_keys: frozenset[str]


class Plan:
    """Effects of one tenant's part of a page."""

    def __init__(self) -> None:
        self.received: list[Envelope] = []
        self.parked: list[tuple[Envelope, Failure]] = []
        self.statements: list[Executable] = []
        self.issues: list[tuple[Metadata, list[Issue]]] = []
        self.batch: Batch | None = None


def by_tenant(effects: Iterable[Effect], is_archived: bool) -> dict[str, list[Effect]]:
    """Group the effects that matter; tenants in one order everywhere, so that locks are too."""
    found: dict[str, list[Effect]] = {}
    for effect in effects:
        if effect.is_handled or is_archived:
            found.setdefault(effect.envelope.tenant, []).append(effect)
    return dict(sorted(found.items()))


def keys_of(effects: Iterable[Effect]) -> set[str]:
    """Return every key that the events concern."""
    return {key for effect in effects for key in effect.envelope.keys}


async def plan(
    store: EventStore,
    ids: Ids,
    tenant: str,
    effects: Sequence[Effect],
    known: Known,
    is_archived: bool,
) -> Plan:
    """Run what is new and not behind a parked event, and decide on one reading of the streams.

    Raises:
        Exception: whatever a handler or a decider raised.
    """
    planned = _run(effects, set(known.event_ids), set(known.parked_keys), is_archived)
    await _deliberate(store, ids, tenant, planned)
    return planned


async def plan_resolution(
    store: EventStore, ids: Ids, parked: ParkedEvent, effect: Effect, is_archived: bool
) -> Plan:
    """Run a parked event unless it is to be discarded, and put on record who had that done.

    Raises:
        NotDiscardable: the archive takes every event.
        Exception: whatever a handler or a decider raised.
    """
    planned = Plan()
    if parked.order is None or parked.order.action == "retry":
        planned = _run([effect], set(), set(), is_archived)
    elif is_archived:
        raise NotDiscardable(parked.subscription)
    if parked.order is not None:
        metadata, issue = resolution_of(parked, parked.order)
        planned.issues.append((metadata, [issue]))
    await _deliberate(store, ids, parked.envelope.tenant, planned)
    return planned


async def _deliberate(store: EventStore, ids: Ids, tenant: str, planned: Plan) -> None:
    if not planned.issues:
        return
    streams = {issue.stream for _, issues in planned.issues for issue in issues}
    while planned.batch is None:
        deliberation = Deliberation(await store.load(tenant, sorted(streams)), ids, streams)
        try:
            for metadata, issues in planned.issues:
                deliberation.decide(metadata, issues)
        except StreamsWanted as wanted:
            streams.update(wanted.streams)
            continue
        planned.batch = deliberation.batch()
    planned.batch = planned.batch if planned.batch.events else None


def _run(effects: Sequence[Effect], had: set[str], parked: set[str], is_archived: bool) -> Plan:
    planned = Plan()
    for effect in effects:
        envelope = effect.envelope
        if envelope.event_id in had:
            continue
        had.add(envelope.event_id)
        keys = envelope.keys
        if parked.intersection(keys):
            planned.parked.append((envelope, WAITS))
            parked.update(keys)
            continue
        metadata, issues, rows = effect.run()
        if issues or rows or is_archived:
            planned.received.append(envelope)
        planned.statements.extend(rows)
        if issues:
            planned.issues.append((metadata, issues))
    return planned
