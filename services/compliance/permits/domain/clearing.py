"""Clears or refuses acts other than contacts.

A clearance is for now: who acts later asks again, since a fact learnt meanwhile may forbid it. The
law on acts goes by dates, so one never lasts past midnight anywhere the person may be; that on
questions of consent goes by the clock, so theirs ends when the clock bars the conversation, or when
a consent that lets it go on does.
"""

from datetime import datetime, timedelta

from services.compliance.permits.domain import commands, events
from services.compliance.permits.domain.state import GateState
from services.compliance.rules import local_time, rulebook
from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.book import Book
from services.compliance.rules.findings import Judgement
from services.compliance.rules.succession import first_permitted

CLEARANCE_TTL = timedelta(minutes=15)
"""How long after its clearance an act may begin."""


def gate_of(state: GateState, command: commands.ClearAct, book: Book) -> ActGate:
    """Show the state to the rules on acts, as a book has them."""
    return ActGate(
        facts=((kept.fact_key, kept.fact) for kept in state.facts.values() if kept.fact),
        slots=state.slots.values(),
        request=command.request,
        circumstances=command.circumstances,
        is_overfull=state.is_overfull,
        periods=book.periods,
        reached=state.reached,
    )


def clear_act(command: commands.ClearAct, state: GateState) -> tuple[events.Event, ...]:
    """Clear the act, or refuse with every rule that objects; asked again, it adds nothing."""
    if command.clearance_id in state.answered:
        return ()
    gate, now = gate_of(state, command, command.book), command.now
    judged = rulebook.judge_act(gate, command.book, now)
    if judged.verdict == "permit":
        cleared = events.ActCleared(
            consumer_ids=(command.request.consumer_id,),
            clearance_id=command.clearance_id,
            request=command.request,
            circumstances=command.circumstances,
            flags=judged.flags,
            expires_at=_expires_at(gate, command.book, now),
            rule_pack=command.book.label,
            tz_version=command.tz_version,
            watermarks=command.watermarks,
            trace_id=command.trace_id,
            observed=rulebook.observe_act(gate, command.book, now),
            at=now,
        )
        return (cleared,)
    refused = events.ActRefused(
        consumer_ids=(command.request.consumer_id,),
        clearance_id=command.clearance_id,
        request=command.request,
        circumstances=command.circumstances,
        verdict=judged.verdict,
        objections=judged.objections,
        flags=judged.flags,
        earliest_permitted_at=_earliest(state, command, gate, judged),
        rule_pack=command.book.label,
        tz_version=command.tz_version,
        watermarks=command.watermarks,
        trace_id=command.trace_id,
        observed=rulebook.observe_act(gate, command.book, now),
        books_ahead=events.ahead(command.following),
        at=now,
    )
    return (refused,)


def _earliest(
    state: GateState, command: commands.ClearAct, gate: ActGate, judged: Judgement
) -> datetime | None:
    def by(book: Book, since: datetime) -> datetime | None:
        if since == command.now:
            return rulebook.act_permitted_at(gate, book, since, judged)
        return rulebook.act_permitted_at(gate_of(state, command, book), book, since)

    return first_permitted(by, command.book, command.now, command.following)


def _expires_at(gate: ActGate, book: Book, now: datetime) -> datetime:
    tomorrows = (
        local_time.first_instant(each, local_time.local_date(each, now) + timedelta(days=1))
        for each in gate.counting_zones
    )
    lawful_until = rulebook.act_lawful_until(gate, book, now)
    return min(now + CLEARANCE_TTL, lawful_until, *tomorrows)
