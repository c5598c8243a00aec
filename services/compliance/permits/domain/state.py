"""A gate's folded state: only what rules and the protocol read, and bounded in size.

What would not fit is never dropped in silence: `is_overfull` makes the gate refuse everything.
"""

from datetime import datetime
from typing import assert_never

from services.compliance.permits.domain import events, notices
from services.compliance.permits.domain.notices import GivenNotice
from services.compliance.permits.domain.refusals import NoPermit, PermitUnknown
from services.compliance.rules import facts, reach, slots
from services.compliance.rules.facts import ContactPointKnown, Fact, InboundCall
from services.compliance.rules.places import Place, place_of
from services.compliance.rules.slots import Reach, Slot
from shared.kernel.records import record, replace

FACTS_KEPT_MAX = 1_000
ANSWERED_KEPT_MAX = 64
REPORTS_KEPT_MAX = 8


@record
class KeptFact:
    """The latest of one key: the fact, or None once released, as of its source's version."""

    fact_key: str
    source_version: int
    fact: Fact | None


@record
class GateState:
    """Facts by source and key, attempts by permit, and ids already answered without a slot.

    `reached` says by account how the consumer was reached about it, after attempts are forgotten.
    `notices` are those that attempts gave, which outlast them.
    """

    facts: dict[str, KeptFact] = {}
    slots: dict[str, Slot] = {}
    answered: tuple[str, ...] = ()
    is_overfull: bool = False
    reached: dict[str, tuple[Reach, ...]] = {}
    notices: tuple[GivenNotice, ...] = ()


def slot_of(state: GateState, permit_id: str) -> Slot:
    """Return a permit's attempt.

    Raises:
        NoPermit: what was asked for under that id was refused.
        PermitUnknown: no such permit at this gate, or one long past.
    """
    slot = state.slots.get(permit_id)
    if slot is not None:
        return slot
    if permit_id in state.answered:
        raise NoPermit(
            "The decision was a refusal, and a refusal is no leave: ask again once what objects is"
            " over. GET /v1/permits/{permit_id} shows what objected."
        )
    raise PermitUnknown("there is no such permit for this consumer")


def address(source_stream: str, fact_key: str) -> str:
    """Name a fact within a gate: keys are only unique within the stream that states them."""
    return f"{source_stream} {fact_key}"


def evolve(state: GateState, event: events.Event) -> GateState:
    """Apply one event and forget what no longer matters at its instant."""
    match event:
        case events.FirstFactRecorded():
            return evolve(state, events.latest(event))
        case events.FactRecorded() | events.FactReleased():
            return _keep_fact(_pruned(state, event.at), event)
        case events.PermitGranted():
            return _keep_slot(_pruned(state, event.at), _granted(state, event))
        case (
            events.PermitRefused()
            | events.RedemptionRefused()
            | events.ActCleared()
            | events.ActRefused()
        ):
            return _answered(state, _answered_id(event))
        case events.PermitRedeemed():
            return _redeemed(state, event)
        case events.OutcomeReported():
            return _with_outcome(state, event)
        case events.PermitReleased() | events.PermitRevoked():
            return _ended(state, event)
        case events.UnpermittedAttemptReported():
            slot = _unpermitted(state, event)
            kept = _keep_concluded(_pruned(state, event.at), slot)
            return replace(kept, reached=reach.after(kept.reached, slot, event.at))
        case _:
            assert_never(event)


def _granted(state: GateState, event: events.PermitGranted) -> Slot:
    return Slot(
        permit_id=event.permit_id,
        request=event.request,
        status="open",
        granted_at=event.at,
        expires_at=event.expires_at,
        answers=event.answers,
        confirms=event.confirms,
        place=_place(state, event.request.contact_point_id),
    )


def _place(state: GateState, contact_point_id: str | None) -> Place | None:
    for kept in state.facts.values():
        if isinstance(kept.fact, ContactPointKnown) and (
            kept.fact.contact_point_id == contact_point_id
        ):
            return place_of(kept.fact.label)
    return None


def _redeemed(state: GateState, event: events.PermitRedeemed) -> GateState:
    slot = state.slots.get(event.permit_id)
    if slot is None:
        return state
    return _keep_slot(
        state,
        replace(
            slot,
            status="redeemed",
            redeemed_at=event.at,
            redemption_id=event.redemption_id,
            answers=event.answers,
            confirms=event.confirms,
        ),
    )


def _ended(state: GateState, event: events.PermitReleased | events.PermitRevoked) -> GateState:
    slot = state.slots.get(event.permit_id)
    if slot is None:
        return state
    if isinstance(event, events.PermitRevoked):
        return _keep_slot(state, replace(slot, status="revoked", revoked_by=event.by_fact))
    return _keep_slot(state, replace(slot, status="released"))


def _keep_fact(state: GateState, event: events.FactRecorded | events.FactReleased) -> GateState:
    where = address(event.source_stream, event.fact_key)
    if where not in state.facts and len(state.facts) >= FACTS_KEPT_MAX:
        return replace(state, is_overfull=True)
    kept = KeptFact(
        fact_key=event.fact_key,
        source_version=event.source_version,
        fact=event.fact if isinstance(event, events.FactRecorded) else None,
    )
    known = replace(state, facts={**state.facts, where: kept})
    if isinstance(kept.fact, InboundCall):
        return replace(known, reached=reach.heard(state.reached, where, kept.fact))
    return known


def _keep_slot(state: GateState, slot: Slot) -> GateState:
    return replace(state, slots={**state.slots, slot.permit_id: slot})


def _keep_concluded(state: GateState, slot: Slot) -> GateState:
    given = notices.with_outcome(state.notices, slot)
    return replace(_keep_slot(state, slot), notices=given)


def _with_outcome(state: GateState, event: events.OutcomeReported) -> GateState:
    slot = state.slots.get(event.permit_id)
    if slot is None:
        return state
    concluded = replace(
        slot,
        outcome=event.outcome,
        started_at=event.started_at,
        ended_at=event.ended_at,
        discussed=event.discussed,
        raised=event.raised,
        reports=(*slot.reports, event.report_id)[-REPORTS_KEPT_MAX:],
    )
    kept = _keep_concluded(state, concluded)
    return replace(kept, reached=reach.after(state.reached, concluded, event.at))


def _unpermitted(state: GateState, event: events.UnpermittedAttemptReported) -> Slot:
    return Slot(
        permit_id=event.attempt_id,
        request=event.request,
        status="unpermitted",
        granted_at=event.started_at,
        expires_at=event.started_at,
        outcome=event.outcome,
        started_at=event.started_at,
        ended_at=event.ended_at,
        discussed=event.discussed,
        raised=event.raised,
        place=_place(state, event.request.contact_point_id),
    )


def _answered_id(
    event: events.PermitRefused | events.RedemptionRefused | events.ActCleared | events.ActRefused,
) -> str:
    match event:
        case events.PermitRefused():
            return event.permit_id
        case events.RedemptionRefused():
            return event.redemption_id
        case _:
            return event.clearance_id


def _answered(state: GateState, answered_id: str) -> GateState:
    return replace(state, answered=(*state.answered, answered_id)[-ANSWERED_KEPT_MAX:])


def _pruned(state: GateState, at: datetime) -> GateState:
    kept_slots = {key: slot for key, slot in state.slots.items() if at < slots.kept_until(slot)}
    kept_facts = {
        key: kept
        for key, kept in state.facts.items()
        if kept.fact is None or (until := facts.kept_until(kept.fact)) is None or at < until
    }
    if len(kept_slots) == len(state.slots) and len(kept_facts) == len(state.facts):
        return state
    return replace(state, facts=kept_facts, slots=kept_slots)
