"""Attempts: may it be made, who dispatches it, what came of it.

An attempt bears the number of its permit, so one decision can never become two attempts. It is
dispatched at most once: whoever records `DispatchStarted` has it, and nobody after.
"""

from datetime import timedelta
from typing import assert_never

from services.contact.attempts.domain import commands, deciding, events, outcomes
from services.contact.attempts.domain.state import Attempt, Conclusion, Phase, evolve
from shared.kernel.decider import Decider
from shared.kernel.jobs import Cancel, Job

__all__ = [
    "ATTEMPTS",
    "Attempt",
    "Conclusion",
    "Phase",
    "attempt_id_of",
    "commands",
    "decide",
    "events",
    "jobs",
    "outcomes",
    "stream",
]

CALL_OUTCOME_DUE = timedelta(hours=4)
"""A call of which nothing was heard for so long has an unknown outcome."""
EMAIL_OUTCOME_DUE = timedelta(minutes=15)


def decide(command: commands.Command, state: Attempt) -> tuple[events.Event, ...]:
    """Answer a command with what happens; a repeat yields nothing.

    Raises:
        DomainError: one of `refusals`, when the command does not fit the attempt.
    """
    match command:
        case commands.PermitAttempt():
            return deciding.permit(command, state)
        case commands.VetoAttempt():
            return deciding.veto(command, state)
        case commands.StartDispatch():
            return deciding.start_dispatch(command, state)
        case commands.RefuseDispatch():
            return deciding.refuse_dispatch(command, state)
        case commands.ConcludeAttempt():
            return deciding.conclude(command, state)
        case commands.ConcludeOverdue():
            return deciding.conclude_overdue(command, state)
        case commands.CancelAttempt():
            return deciding.cancel(command, state)
        case commands.RevokeAttempt():
            return deciding.revoke(command, state)
        case _:
            assert_never(command)


def jobs(event: events.Event) -> tuple[Job | Cancel, ...]:
    """Schedule what must follow an event even if this process ends here."""
    attempt_id = event.attempt_id
    match event:
        case events.AttemptPermitted():
            return (_job("dispatch-email", event),) if event.channel == "email" else ()
        case events.DispatchStarted():
            wait = CALL_OUTCOME_DUE if event.channel == "call" else EMAIL_OUTCOME_DUE
            return (_job("conclude-overdue", event, wait),)
        case events.DispatchRefused():
            return (Cancel(key=f"conclude-overdue/{attempt_id}"), _job("release-permit", event))
        case events.AttemptConcluded():
            return (Cancel(key=f"conclude-overdue/{attempt_id}"), _job("report-outcome", event))
        case events.AttemptCancelled():
            queued = Cancel(key=f"dispatch-email/{attempt_id}")
            if event.reason == "permit_revoked":
                return (queued,)
            return (queued, _job("release-permit", event))
        case events.AttemptVetoed():
            return ()
        case _:
            assert_never(event)


def _job(kind: str, event: events.Event, wait: timedelta = timedelta()) -> Job:
    return Job(
        key=f"{kind}/{event.attempt_id}",
        kind=kind,
        due_at=event.at + wait,
        arguments={"attempt_id": event.attempt_id},
    )


def attempt_id_of(permit_id: str) -> str:
    """Return the id of the attempt that a permit request was decided for."""
    return f"att_{permit_id.rpartition('_')[2]}"


def stream(attempt_id: str) -> str:
    """Name the stream of one attempt."""
    return f"attempt-{attempt_id}"


ATTEMPTS: Decider[commands.Command, Attempt, events.Event] = Decider(
    initial=Attempt(),
    evolve=evolve,
    decide=decide,
    events=events.EVENTS,
    jobs=jobs,
)
