"""Takes in what came of attempts, those without a permit included, and permits given back."""

from datetime import datetime

from services.compliance.permits.domain import commands, events, reports
from services.compliance.permits.domain.refusals import OutcomeUnknown, PermitUsed
from services.compliance.permits.domain.state import GateState, slot_of
from services.compliance.rules.outcomes import OUTCOMES, UNKNOWN
from services.compliance.rules.request import dispatch_bound
from services.compliance.rules.slots import Slot


def report_outcome(command: commands.ReportOutcome, state: GateState) -> tuple[events.Event, ...]:
    """Record the outcome with its times held to what the permit allows; a report counts once.

    A report that says nothing new adds nothing.

    Raises:
        NoPermit, PermitUnknown: as `slot_of`.
        OutcomeUnknown, OutcomeMisfit, OutcomeMilder, EndsBeforeItStarts, AccountNotTheirs: as
            `reports.require_lawful`.
    """
    slot = slot_of(state, command.permit_id)
    if command.report_id in slot.reports:
        return ()
    reports.require_lawful(command, slot, state)
    started_at, ended_at = _held_times(slot, command)
    discussed, raised = command.discussed or slot.discussed, command.raised or slot.raised
    if (slot.outcome, slot.started_at, slot.ended_at, slot.discussed, slot.raised) == (
        command.outcome,
        started_at,
        ended_at,
        discussed,
        raised,
    ):
        return ()
    irregularities = []
    if (command.started_at or started_at, command.ended_at or ended_at) != (started_at, ended_at):
        irregularities.append("time_out_of_bounds")
    if slot.status not in ("redeemed", "unpermitted") and OUTCOMES[command.outcome].is_made:
        irregularities.append("permit_not_redeemed")
    reported = events.OutcomeReported(
        consumer_ids=(command.consumer_id,),
        permit_id=command.permit_id,
        report_id=command.report_id,
        outcome=command.outcome,
        started_at=started_at,
        ended_at=ended_at,
        reported_started_at=command.started_at,
        reported_ended_at=command.ended_at,
        discussed=discussed,
        raised=raised,
        irregularities=tuple(irregularities),
        at=command.now,
    )
    return (reported,)


def release_permit(command: commands.ReleasePermit, state: GateState) -> tuple[events.Event, ...]:
    """Take the permit back unused; one that has ended otherwise stays as it is.

    Raises:
        NoPermit, PermitUnknown: as `slot_of`.
        PermitUsed: the permit was redeemed, so something may have gone out.
    """
    slot = slot_of(state, command.permit_id)
    if slot.status in ("redeemed", "unpermitted"):
        raise PermitUsed("the permit has been redeemed; report its outcome instead")
    if slot.status != "open":
        return ()
    released = events.PermitReleased(
        consumer_ids=(command.consumer_id,),
        permit_id=command.permit_id,
        reason=command.reason,
        at=command.now,
    )
    return (released,)


def report_unpermitted_attempt(
    command: commands.ReportUnpermittedAttempt, state: GateState
) -> tuple[events.Event, ...]:
    """Record an attempt made without leave; it counts from when it was made.

    It is never dropped: what its report says is held to what can be.

    Raises:
        OutcomeUnknown: an outcome code that the table does not list.
    """
    if command.outcome not in OUTCOMES:
        raise OutcomeUnknown("the outcome is not one of the table", pointer="/outcome")
    if command.attempt_id in state.slots or command.attempt_id in state.answered:
        return ()
    started_at = min(command.started_at, command.now)
    reported = events.UnpermittedAttemptReported(
        consumer_ids=(command.request.consumer_id,),
        attempt_id=command.attempt_id,
        request=command.request,
        outcome=command.outcome,
        started_at=started_at,
        ended_at=max(started_at, min(command.ended_at or started_at, command.now)),
        discussed=command.discussed,
        raised=command.raised,
        at=command.now,
    )
    return (reported,)


def _held_times(slot: Slot, command: commands.ReportOutcome) -> tuple[datetime, datetime]:
    """Hold the start to [redeemed, redeemed + bound] and the end to [start, now].

    A start that nobody has said is the latest possible; an end that nobody has said is now for
    a conversation (its day is that of its end) and the start for anything else. A clock that puts
    the start before the redeem is slow, and puts the end as much too early. What a correction
    would move back stays.
    """
    if slot.redeemed_at is None:
        first, last = slot.granted_at, max(slot.granted_at, command.now)
    else:
        first = slot.redeemed_at
        last = first + dispatch_bound(slot.request.channel)
    started_at = max(first, min(command.started_at or slot.started_at or last, last))
    said_end = command.ended_at
    if said_end is not None and command.started_at is not None and command.started_at < first:
        said_end += last - command.started_at
    if not _is_talk(command.outcome):
        ended_at = said_end or started_at
    elif slot.outcome is not None and _is_talk(slot.outcome):
        ended_at = said_end or slot.ended_at or command.now
    else:
        ended_at = said_end or command.now
    if slot.outcome not in (None, UNKNOWN) and slot.started_at is not None:
        started_at = max(started_at, slot.started_at)
        if OUTCOMES[slot.outcome].conversation == "yes":
            ended_at = max(ended_at, slot.ended_at or ended_at)
    return started_at, max(started_at, min(ended_at, command.now))


def _is_talk(outcome: str) -> bool:
    return OUTCOMES[outcome].conversation != "no"
