"""What an attempt answers to a command."""

from datetime import datetime, timedelta

from services.contact.attempts.domain import commands, events, outcomes
from services.contact.attempts.domain.refusals import (
    AttemptIsOver,
    AttemptNotFound,
    AttemptVetoedBefore,
    CanaryNotContacted,
    DispatchAlreadyStarted,
    EndsBeforeItStarts,
    InTheFuture,
    NotForAgents,
    OutcomeDoesNotFit,
    OutcomeOnRecord,
)
from services.contact.attempts.domain.state import Attempt
from shared.kernel import ids

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far a caller's clock may run ahead of ours; such an instant is taken as now."""

NO_SUCH_ATTEMPT = "there is no such attempt: check its id, or list attempts"
_UNDER_WAY = "this attempt is being dispatched: report its outcome, or ask for another attempt"
_VETOED = "compliance gave no leave for this attempt: see its objections, and ask for another later"
_OVER = "this attempt is over: ask for another"


def permit(command: commands.PermitAttempt, state: Attempt) -> tuple[events.Event, ...]:
    """Record a leave, once.

    Raises:
        CanaryNotContacted: the leave is to contact a canary, which nobody has.
    """
    if ids.is_canary(command.aim.consumer_id):
        raise CanaryNotContacted("a canary is never contacted: ask about a consumer of yours")
    if state.phase != "absent":
        return ()
    aim = command.aim
    return (
        events.AttemptPermitted(
            consumer_ids=(aim.consumer_id,),
            attempt_id=command.attempt_id,
            account_ids=aim.account_ids,
            party_id=aim.party_id,
            channel=aim.channel,
            contact_point_id=aim.contact_point_id,
            purpose=aim.purpose,
            content_digest=aim.content_digest,
            permit_id=command.permit_id,
            expires_at=command.expires_at,
            agent=command.agent,
            flags=command.flags,
            at=command.now,
            act=aim.act,
            in_reply_to=aim.in_reply_to,
            portion=aim.portion,
            renewed_for=aim.renewed_for,
            technology=aim.technology,
            disclosures=aim.disclosures,
            content=command.content,
        ),
    )


def veto(command: commands.VetoAttempt, state: Attempt) -> tuple[events.Event, ...]:
    """Record a veto, once."""
    if state.phase != "absent":
        return ()
    aim = command.aim
    return (
        events.AttemptVetoed(
            consumer_ids=(aim.consumer_id,),
            attempt_id=command.attempt_id,
            account_ids=aim.account_ids,
            party_id=aim.party_id,
            channel=aim.channel,
            contact_point_id=aim.contact_point_id,
            purpose=aim.purpose,
            content_digest=aim.content_digest,
            permit_id=command.permit_id,
            verdict=command.verdict,
            rules=command.rules,
            earliest_permitted_at=command.earliest_permitted_at,
            agent=command.agent,
            at=command.now,
            act=aim.act,
            in_reply_to=aim.in_reply_to,
            portion=aim.portion,
            renewed_for=aim.renewed_for,
            technology=aim.technology,
            disclosures=aim.disclosures,
        ),
    )


def start_dispatch(command: commands.StartDispatch, state: Attempt) -> tuple[events.Event, ...]:
    """Give the attempt to one dispatcher; whoever comes second is refused."""
    require_known(state)
    if state.target.channel != command.channel:
        raise NotForAgents(
            "this channel is dispatched by the service itself: read the attempt for what came of it"
        )
    match state.phase:
        case "permitted":
            return (
                events.DispatchStarted(
                    consumer_ids=(state.target.consumer_id,),
                    attempt_id=state.attempt_id,
                    account_ids=state.target.account_ids,
                    permit_id=state.permit_id,
                    dispatch_id=command.dispatch_id,
                    channel=state.target.channel,
                    at=command.now,
                ),
            )
        case "dispatching":
            if state.dispatch_id == command.dispatch_id:
                return ()
            raise DispatchAlreadyStarted(_UNDER_WAY)
        case "vetoed":
            raise AttemptVetoedBefore(_VETOED)
        case _:
            raise AttemptIsOver(_OVER)


def refuse_dispatch(command: commands.RefuseDispatch, state: Attempt) -> tuple[events.Event, ...]:
    """Record that nothing went out, unless more is known by now."""
    require_known(state)
    if state.dispatch_id != command.dispatch_id:
        raise DispatchAlreadyStarted("another dispatch of this attempt is on record")
    if state.phase != "dispatching":
        return ()
    return (
        events.DispatchRefused(
            consumer_ids=(state.target.consumer_id,),
            attempt_id=state.attempt_id,
            account_ids=state.target.account_ids,
            permit_id=state.permit_id,
            dispatch_id=command.dispatch_id,
            rules=command.rules,
            at=command.now,
        ),
    )


def conclude(command: commands.ConcludeAttempt, state: Attempt) -> tuple[events.Event, ...]:
    """Record what came of it, even where no leave was given or used: that is to be known, too."""
    require_known(state)
    if command.outcome not in outcomes.BY_CHANNEL[state.target.channel]:
        raise OutcomeDoesNotFit(
            "that cannot come of an attempt through this channel: report one of "
            + ", ".join(sorted(outcomes.BY_CHANNEL[state.target.channel])),
            pointer="/outcome",
        )
    if state.conclusion is not None:
        if state.conclusion.outcome == command.outcome:
            return ()
        if command.outcome not in outcomes.FOLLOWED_BY.get(state.conclusion.outcome, ()):
            raise OutcomeOnRecord(
                "another outcome is on record for this attempt: read it; only later knowledge"
                " replaces it"
            )
    elif command.outcome == outcomes.NOT_ATTEMPTED and state.phase != "dispatching":
        return _give_up(command, state)
    started_at = _past(command.started_at, command.now, "/started_at")
    ended_at = _past(command.ended_at, command.now, "/ended_at")
    if started_at and ended_at and ended_at < started_at:
        raise EndsBeforeItStarts(
            "the attempt ends before it starts: give an end at or after the start",
            pointer="/ended_at",
        )
    return (_concluded(command, state, started_at, ended_at),)


def conclude_overdue(command: commands.ConcludeOverdue, state: Attempt) -> tuple[events.Event, ...]:
    """Conclude a dispatch of which nothing was heard as unknown, which counts as made."""
    if state.phase != "dispatching":
        return ()
    unheard = commands.ConcludeAttempt(
        outcome=outcomes.UNKNOWN, reported_by="process:conclude-overdue", now=command.now
    )
    return (_concluded(unheard, state, None, None),)


def cancel(command: commands.CancelAttempt, state: Attempt) -> tuple[events.Event, ...]:
    """Give it up, unless it is under way or over."""
    require_known(state)
    match state.phase:
        case "permitted":
            return (_cancelled(state, command.reason, command.now),)
        case "cancelled":
            return ()
        case "vetoed":
            raise AttemptVetoedBefore(_VETOED)
        case "dispatching":
            raise DispatchAlreadyStarted(_UNDER_WAY)
        case _:
            raise AttemptIsOver(_OVER)


def revoke(command: commands.RevokeAttempt, state: Attempt) -> tuple[events.Event, ...]:
    """Give it up for a protective fact; what is under way is refused at the redeem instead."""
    if state.phase != "permitted":
        return ()
    return (_cancelled(state, "permit_revoked", command.now, command.by_fact),)


def require_known(state: Attempt) -> None:
    """Refuse a command to an attempt that does not exist.

    Raises:
        AttemptNotFound: nothing was decided under this id.
    """
    if state.phase == "absent":
        raise AttemptNotFound(NO_SUCH_ATTEMPT)


def _give_up(command: commands.ConcludeAttempt, state: Attempt) -> tuple[events.Event, ...]:
    if state.phase != "permitted":
        return ()
    return (_cancelled(state, "not_attempted", command.now),)


def _cancelled(
    state: Attempt,
    reason: events.CancelReason,
    now: datetime,
    by_fact: str | None = None,
) -> events.AttemptCancelled:
    return events.AttemptCancelled(
        consumer_ids=(state.target.consumer_id,),
        attempt_id=state.attempt_id,
        account_ids=state.target.account_ids,
        permit_id=state.permit_id,
        reason=reason,
        at=now,
        by_fact=by_fact,
    )


def _concluded(
    command: commands.ConcludeAttempt,
    state: Attempt,
    started_at: datetime | None,
    ended_at: datetime | None,
) -> events.AttemptConcluded:
    number = state.conclusion.number + 1 if state.conclusion else 1
    return events.AttemptConcluded(
        consumer_ids=(state.target.consumer_id,),
        attempt_id=state.attempt_id,
        account_ids=state.target.account_ids,
        permit_id=state.permit_id,
        report_id=f"{state.attempt_id}.{number}",
        channel=state.target.channel,
        contact_point_id=state.target.contact_point_id,
        outcome=command.outcome,
        conversation=command.outcome in outcomes.CONVERSATIONS,
        started_at=started_at,
        ended_at=ended_at,
        discussed=command.discussed,
        raised=command.raised,
        reported_by=command.reported_by,
        is_permitted=state.verdict == "permit",
        party_id=state.target.party_id,
        purpose=state.target.purpose,
        content_digest=state.target.content_digest,
        at=command.now,
        dispute_id=outcomes.dispute_id(state.attempt_id, command.outcome),
        note=command.note,
        technology=state.target.technology,
    )


def _past(instant: datetime | None, now: datetime, pointer: str) -> datetime | None:
    if instant is None:
        return None
    if instant - now > CLOCK_TOLERANCE:
        raise InTheFuture(
            "this lies in the future: give an instant up to now, or set your clock", pointer=pointer
        )
    return min(instant, now)
