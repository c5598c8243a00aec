"""Grants, refuses and redeems permits.

A redeem runs the whole decision again at its own instant, the permit's own slot left out. The
slack between redeem and dispatch is part of every window, so what is decided holds for all of it.
"""

from datetime import datetime, timedelta

from services.compliance.permits.domain import commands, events, notices
from services.compliance.permits.domain.state import GateState, slot_of
from services.compliance.rules import exceptions, rulebook
from services.compliance.rules.book import Book
from services.compliance.rules.findings import Judgement, Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.request import Circumstances, ContactRequest, dispatch_bound
from services.compliance.rules.slots import Slot
from services.compliance.rules.succession import first_permitted
from shared.kernel import ids

PERMIT_TTL = timedelta(minutes=5)
"""How long a permit waits to be redeemed; it counts as an attempt meanwhile."""


def gate_of(
    state: GateState,
    command: commands.RequestPermit | commands.RedeemPermit,
    *,
    besides: str | None = None,
) -> Gate:
    """Show the state to the rules, leaving one permit's own slot out."""
    return shown(state, command.request, command.circumstances, besides=besides, book=command.book)


def shown(
    state: GateState,
    request: ContactRequest,
    circumstances: Circumstances,
    *,
    book: Book,
    besides: str | None = None,
) -> Gate:
    """Show the state to the rules as they see it for a request judged by a book."""
    known = ((kept.fact_key, kept.fact) for kept in state.facts.values() if kept.fact)
    return Gate(
        facts=(*known, *notices.as_facts(state.notices)),
        slots=(slot for slot in state.slots.values() if slot.permit_id != besides),
        request=request,
        circumstances=circumstances,
        is_overfull=state.is_overfull,
        limitations=book.limitations,
        reached=state.reached,
    )


def request_permit(command: commands.RequestPermit, state: GateState) -> tuple[events.Event, ...]:
    """Grant leave, or refuse with every rule that objects; a repeated request adds nothing."""
    if command.permit_id in state.slots or command.permit_id in state.answered:
        return ()
    request, now = command.request, command.now
    gate = gate_of(state, command)
    judged = rulebook.judge(gate, command.book, now)
    if judged.verdict != "permit":
        refused = events.PermitRefused(
            consumer_ids=(request.consumer_id,),
            permit_id=command.permit_id,
            request=request,
            circumstances=command.circumstances,
            verdict=judged.verdict,
            objections=judged.objections,
            flags=judged.flags,
            earliest_permitted_at=_earliest(state, command, gate, judged),
            rule_pack=command.book.label,
            tz_version=command.tz_version,
            watermarks=command.watermarks,
            trace_id=command.trace_id,
            observed=rulebook.observe(gate, command.book, now),
            books_ahead=events.ahead(command.following),
            at=now,
        )
        return (refused,)
    granted = events.PermitGranted(
        consumer_ids=(request.consumer_id,),
        permit_id=command.permit_id,
        request=request,
        circumstances=command.circumstances,
        flags=judged.flags,
        answers=_answers(gate, now),
        confirms=exceptions.confirmable(gate, now),
        expires_at=min(now + PERMIT_TTL, rulebook.lawful_until(gate, command.book, now)),
        rule_pack=command.book.label,
        tz_version=command.tz_version,
        watermarks=command.watermarks,
        trace_id=command.trace_id,
        observed=rulebook.observe(gate, command.book, now),
        at=now,
    )
    return (granted,)


def redeem_permit(command: commands.RedeemPermit, state: GateState) -> tuple[events.Event, ...]:
    """Use the permit, or refuse; the same redemption again is no leave and adds nothing.

    Raises:
        NoPermit, PermitUnknown: as `slot_of`.
    """
    if command.redemption_id in state.answered:
        return ()
    slot = slot_of(state, command.permit_id)
    if slot.redemption_id == command.redemption_id:
        return ()
    request, now = command.request, command.now
    gate = gate_of(state, command, besides=command.permit_id)
    judged = rulebook.judge(gate, command.book, now)
    objections = (*_unfit(slot, request, now), *judged.objections)
    if objections:
        refused = events.RedemptionRefused(
            consumer_ids=(request.consumer_id,),
            permit_id=command.permit_id,
            redemption_id=command.redemption_id,
            request=request,
            circumstances=command.circumstances,
            objections=objections,
            rule_pack=command.book.label,
            tz_version=command.tz_version,
            watermarks=command.watermarks,
            trace_id=command.trace_id,
            observed=rulebook.observe(gate, command.book, now),
            at=now,
        )
        return (refused,)
    redeemed = events.PermitRedeemed(
        consumer_ids=(request.consumer_id,),
        permit_id=command.permit_id,
        redemption_id=command.redemption_id,
        request=request,
        circumstances=command.circumstances,
        flags=judged.flags,
        answers=_answers(gate, now),
        confirms=exceptions.confirmable(gate, now),
        dispatch_before=now + dispatch_bound(request.channel),
        rule_pack=command.book.label,
        tz_version=command.tz_version,
        watermarks=command.watermarks,
        trace_id=command.trace_id,
        observed=rulebook.observe(gate, command.book, now),
        at=now,
    )
    return (redeemed,)


def _earliest(
    state: GateState, command: commands.RequestPermit, gate: Gate, judged: Judgement
) -> datetime | None:
    def by(book: Book, since: datetime) -> datetime | None:
        if since == command.now:
            return rulebook.earliest_permitted_at(gate, book, since, judged)
        later = shown(state, command.request, command.circumstances, book=book)
        return rulebook.earliest_permitted_at(later, book, since)

    return first_permitted(by, command.book, command.now, command.following)


def _answers(gate: Gate, at: datetime) -> str | None:
    message = exceptions.reply_to(gate, at)
    return None if message is None else message.message_id


def _unfit(slot: Slot, request: ContactRequest, now: datetime) -> tuple[Objection, ...]:
    """Return why the permit itself is no good for this dispatch."""
    found = []
    if ids.is_canary(request.consumer_id):
        found.append(_permit_objection("permit-of-canary", "Canaries are never contacted.", slot))
    if slot.status == "redeemed":
        found.append(_permit_objection("permit-used", "The permit has been used.", slot))
    elif slot.status == "revoked":
        found.append(
            _permit_objection(
                "permit-revoked",
                "The permit was revoked by a protective fact.",
                slot,
                fact=slot.revoked_by or "",
            )
        )
    elif slot.status != "open" or slot.outcome is not None:
        found.append(_permit_objection("permit-released", "The permit was given back.", slot))
    elif now >= slot.expires_at:
        found.append(
            _permit_objection(
                "permit-expired",
                "The permit has expired.",
                slot,
                expires_at=slot.expires_at.isoformat(),
            )
        )
    differing = [
        name
        for name in ContactRequest.__struct_fields__  # type: ignore[attr-defined]
        if getattr(slot.request, name) != getattr(request, name)
    ]
    if differing:
        found.append(
            _permit_objection(
                "permit-mismatch",
                "The dispatch is not the one the permit was granted for.",
                slot,
                differs=", ".join(differing),
            )
        )
    return tuple(found)


def _permit_objection(rule: str, explanation: str, slot: Slot, **facts: str) -> Objection:
    return Objection(
        rule=rule,
        law="PERMIT",
        citation="12 CFR 1006.100 (policy: one permit, one attempt)",
        explanation=explanation,
        facts={"permit_id": slot.permit_id, **facts},
        verdict="deny",
    )
