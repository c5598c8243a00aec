"""Opt-outs of one address or number, for every debt and every consumer of the agency.

One guard stream per keyed digest of the address: a permit for any consumer who has this address
is decided together with its version, so an opt-out committed here stops them all.
"""

from datetime import datetime
from typing import assert_never

from services.compliance.rules.facts import Medium
from services.compliance.rules.request import PointOptOut
from shared.kernel.decider import Claim, Decider, StreamOf
from shared.kernel.records import event, record


@record
class OptOutPoint:
    """Take in that this address is not to be used, at all or through one medium."""

    digest: str
    consumer_ids: tuple[str, ...]
    fact_key: str
    source_stream: str
    source_version: int
    medium: Medium | None
    now: datetime


@record
class ReleaseOptOut:
    """End such an opt-out, by whom and why."""

    digest: str
    consumer_ids: tuple[str, ...]
    fact_key: str
    source_stream: str
    source_version: int
    released_by: str
    reason: str
    now: datetime


Command = OptOutPoint | ReleaseOptOut


@event("forbear.compliance.point-opted-out.v1")
class PointOptedOut:
    """The address is not to be used."""

    consumer_ids: tuple[str, ...]
    fact_key: str
    source_stream: str
    source_version: int
    medium: Medium | None
    at: datetime


@event("forbear.compliance.point-opt-out-released.v1")
class PointOptOutReleased:
    """The opt-out ended, or will not begin: it may be released before it arrives."""

    consumer_ids: tuple[str, ...]
    fact_key: str
    source_stream: str
    source_version: int
    released_by: str
    reason: str
    at: datetime


Event = PointOptedOut | PointOptOutReleased


@record
class KeptOptOut:
    """The latest of one key, as of its source's version."""

    fact_key: str
    source_version: int
    is_in_force: bool
    medium: Medium | None = None


@record
class PointState:
    """Opt-outs of the address by source and key, released ones kept to be told from late ones."""

    opt_outs: dict[str, KeptOptOut] = {}


CONTACT_POINT = "contact-point"


def claim(contact_point_id: str, digest: str) -> Claim:
    """Let a contact point lead to the stream of the address that it is."""
    return Claim(kind=CONTACT_POINT, digest=contact_point_id, target=stream(digest))


def stream_of(contact_point_id: str) -> StreamOf:
    """Return the stream of the address that a contact point is."""
    return StreamOf(kind=CONTACT_POINT, digest=contact_point_id)


def stream(digest: str) -> str:
    """Name the stream of an address by its keyed digest."""
    return f"point-{digest}"


def opt_outs(state: PointState) -> tuple[PointOptOut, ...]:
    """Return the opt-outs that bind the address now, as a permit request carries them."""
    return tuple(
        PointOptOut(fact_key=kept.fact_key, medium=kept.medium)
        for kept in state.opt_outs.values()
        if kept.is_in_force
    )


def evolve(state: PointState, event: Event) -> PointState:
    """Apply one event."""
    where = f"{event.source_stream} {event.fact_key}"
    match event:
        case PointOptedOut():
            kept = KeptOptOut(
                fact_key=event.fact_key,
                source_version=event.source_version,
                is_in_force=True,
                medium=event.medium,
            )
        case PointOptOutReleased():
            kept = KeptOptOut(
                fact_key=event.fact_key, source_version=event.source_version, is_in_force=False
            )
        case _:
            assert_never(event)
    return PointState(opt_outs={**state.opt_outs, where: kept})


def decide(command: Command, state: PointState) -> tuple[Event, ...]:
    """Take the newer statement; an older or equal version of the same key changes nothing."""
    kept = state.opt_outs.get(f"{command.source_stream} {command.fact_key}")
    if kept is not None and kept.source_version >= command.source_version:
        return ()
    match command:
        case OptOutPoint():
            opted_out = PointOptedOut(
                consumer_ids=command.consumer_ids,
                fact_key=command.fact_key,
                source_stream=command.source_stream,
                source_version=command.source_version,
                medium=command.medium,
                at=command.now,
            )
            return (opted_out,)
        case ReleaseOptOut():
            released = PointOptOutReleased(
                consumer_ids=command.consumer_ids,
                fact_key=command.fact_key,
                source_stream=command.source_stream,
                source_version=command.source_version,
                released_by=command.released_by,
                reason=command.reason,
                at=command.now,
            )
            return (released,)
        case _:
            assert_never(command)


POINTS: Decider[Command, PointState, Event] = Decider(
    initial=PointState(),
    evolve=evolve,
    decide=decide,
    events=(PointOptedOut, PointOptOutReleased),
    state=PointState,
    is_guard=True,
)
