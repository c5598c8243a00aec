"""Disputes: received, acknowledged, answered, resolved.

One stream per dispute, so that each is answered by itself, however many there are of an account. A
dispute is never denied before an answer is on record; it may be upheld or withdrawn at any time.
"""

from datetime import datetime, timedelta
from typing import assert_never

from services.disputes.disputes.domain import commands, events, told
from services.disputes.disputes.domain.refusals import (
    AmountUnexpected,
    AnswerDoesNotFit,
    AnswerOnRecord,
    AnswerRequired,
    DisputeIsResolved,
    DisputeNotFound,
    InTheFuture,
    SentTooEarly,
)
from services.disputes.disputes.domain.state import Dispute, Status, evolve
from shared.kernel.decider import Decider

__all__ = ["DISPUTES", "Dispute", "Status", "commands", "decide", "events", "stream", "told"]

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a caller's clock may run ahead of ours; such an instant is taken as now."""

ANSWERS: dict[events.Kind, tuple[events.Answer, ...]] = {
    "dispute": ("verification", "judgment", "duplicative_notice"),
    "original_creditor_request": ("original_creditor", "duplicative_notice"),
}


def decide(command: commands.Command, state: Dispute) -> tuple[events.Event, ...]:
    """Answer a command with what happens; a repeat yields nothing.

    Raises:
        DomainError: one of `refusals`, when the command does not fit the dispute.
    """
    match command:
        case commands.OpenDispute():
            return _open(command, state)
        case commands.AcknowledgeDispute():
            return _acknowledge(command, state)
        case commands.AnswerDispute():
            return _answer(command, state)
        case commands.ResolveDispute():
            return _resolve(command, state)
        case _:
            assert_never(command)


def _open(command: commands.OpenDispute, state: Dispute) -> tuple[events.Event, ...]:
    if state.status != "absent":
        return ()
    if command.kind == "original_creditor_request" and command.disputed_amount is not None:
        raise AmountUnexpected("this request disputes no amount", pointer="/disputed_amount_minor")
    return (
        events.DisputeOpened(
            consumer_ids=command.consumer_ids,
            dispute_id=command.dispute_id,
            account_id=command.account_id,
            kind=command.kind,
            in_writing=command.in_writing,
            received_at=_past(command.received_at, command.now, "/received_at"),
            disputed_amount=command.disputed_amount,
            grounds=command.grounds,
            statement=command.statement,
            opened_by=command.opened_by,
            at=command.now,
            timely=command.timely,
            disputed_by=command.disputed_by,
            says_the_same=command.says_the_same,
            brings_new=command.brings_new,
        ),
    )


def _acknowledge(command: commands.AcknowledgeDispute, state: Dispute) -> tuple[events.Event, ...]:
    _require_known(state)
    if state.acknowledged_at is not None:
        return ()
    _require_unresolved(state)
    return (
        events.DisputeAcknowledged(
            consumer_ids=state.consumer_ids,
            dispute_id=state.dispute_id,
            account_id=state.account_id,
            acknowledged_by=command.acknowledged_by,
            at=command.now,
        ),
    )


def _answer(command: commands.AnswerDispute, state: Dispute) -> tuple[events.Event, ...]:
    _require_known(state)
    if command.answer not in ANSWERS[state.kind]:
        raise AnswerDoesNotFit("that does not answer this kind of dispute", pointer="/answer")
    if state.answer is not None:
        if state.answer == command.answer:
            return ()
        raise AnswerOnRecord("another answer is on record for this dispute")
    _require_unresolved(state)
    sent_at = _past(command.sent_at, command.now, "/sent_at")
    received_at = state.received_at or sent_at
    if sent_at < received_at:
        raise SentTooEarly("an answer follows the dispute it answers", pointer="/sent_at")
    return (
        events.DisputeAnswered(
            consumer_ids=state.consumer_ids,
            dispute_id=state.dispute_id,
            account_id=state.account_id,
            answer=command.answer,
            sent_at=sent_at,
            answered_by=command.answered_by,
            kind=state.kind,
            in_writing=state.in_writing,
            received_at=received_at,
            disputed_amount=state.disputed_amount,
            at=command.now,
            timely=state.timely,
            says_the_same=state.says_the_same,
            brings_new=state.brings_new,
        ),
    )


def _resolve(command: commands.ResolveDispute, state: Dispute) -> tuple[events.Event, ...]:
    _require_known(state)
    if state.resolution == command.resolution:
        return ()
    _require_unresolved(state)
    if command.resolution == "denied" and state.answer is None:
        raise AnswerRequired("answer the dispute before denying it")
    return (
        events.DisputeResolved(
            consumer_ids=state.consumer_ids,
            dispute_id=state.dispute_id,
            account_id=state.account_id,
            resolution=command.resolution,
            resolved_by=command.resolved_by,
            at=command.now,
            note=command.note,
        ),
    )


def _require_known(state: Dispute) -> None:
    if state.status == "absent":
        raise DisputeNotFound("there is no such dispute")


def _require_unresolved(state: Dispute) -> None:
    if state.resolution is not None:
        raise DisputeIsResolved("the dispute came to an end")


def _past(instant: datetime | None, now: datetime, pointer: str) -> datetime:
    if instant is None:
        return now
    if instant - now > CLOCK_TOLERANCE:
        raise InTheFuture("this lies in the future", pointer=pointer)
    return min(instant, now)


def stream(dispute_id: str) -> str:
    """Name the stream of one dispute."""
    return f"dispute-{dispute_id}"


DISPUTES: Decider[commands.Command, Dispute, events.Event] = Decider(
    initial=Dispute(), evolve=evolve, decide=decide, events=events.EVENTS
)
