"""Plans: agreed instalments, followed one by one.

Every instalment has a clock of its own, set in the westernmost zone the consumer may be in; it is
never missed on the day it is due. The schedule is stored as agreed and never derived again. A plan
follows its account in the account's own transaction: which plan is open is decided there.
"""

from typing import assert_never

from services.ledger.plans.domain import agreeing, following
from services.ledger.plans.domain.records import (
    EVENTS,
    AgreePlan,
    ApplyPayment,
    CancelPlan,
    CancelReason,
    Command,
    Event,
    FallDue,
    FollowAccount,
    Instalment,
    InstalmentFellDue,
    InstalmentMissed,
    InstalmentPaid,
    InstalmentReopened,
    MissInstalment,
    Opening,
    PlanAgreed,
    PlanCancelled,
    PlanCompleted,
    PlanPaymentApplied,
    PlanPaymentUnapplied,
    PlanReopened,
    Portion,
    ProposedInstalment,
    UnapplyPayment,
)
from services.ledger.plans.domain.state import Due, Plan, evolve
from shared.kernel.decider import Decider
from shared.kernel.jobs import Cancel, Job

__all__ = [
    "DUE_JOB",
    "EVENTS",
    "MISSED_JOB",
    "PLANS",
    "AgreePlan",
    "ApplyPayment",
    "CancelPlan",
    "CancelReason",
    "Command",
    "Due",
    "Event",
    "FallDue",
    "FollowAccount",
    "Instalment",
    "InstalmentFellDue",
    "InstalmentMissed",
    "InstalmentPaid",
    "InstalmentReopened",
    "MissInstalment",
    "Opening",
    "Plan",
    "PlanAgreed",
    "PlanCancelled",
    "PlanCompleted",
    "PlanPaymentApplied",
    "PlanPaymentUnapplied",
    "PlanReopened",
    "Portion",
    "ProposedInstalment",
    "UnapplyPayment",
    "decide",
    "evolve",
    "jobs",
    "stream",
]

DUE_JOB = "instalment-due"
MISSED_JOB = "instalment-missed"


def decide(command: Command, state: Plan) -> tuple[Event, ...]:
    """Answer a command with what happens; a repeat, or a clock that strikes too late, is nothing.

    Raises:
        DomainError: one of those in `agreeing` and `following`.
    """
    match command:
        case AgreePlan():
            return agreeing.agree(command, state)
        case FallDue():
            return following.fall_due(command, state)
        case MissInstalment():
            return following.miss(command, state)
        case ApplyPayment():
            return following.apply_payment(command, state)
        case UnapplyPayment():
            return following.unapply_payment(command, state)
        case CancelPlan():
            return following.cancel(command, state)
        case FollowAccount():
            return following.follow(command, state)
        case _:
            assert_never(command)


def jobs(event: Event) -> tuple[Job | Cancel, ...]:
    """Set the clock of every open instalment, and stop it when nobody waits any more."""
    match event:
        case PlanAgreed():
            return tuple(
                job for each in event.instalments for job in _clock(event.plan_id, each, 1)
            )
        case InstalmentReopened():
            return _clock(event.plan_id, event, event.opening)
        case InstalmentPaid():
            return _stopped(event.plan_id, event)
        case PlanCancelled():
            return tuple(
                cancel for each in event.unpaid for cancel in _stopped(event.plan_id, each)
            )
        case _:
            return ()


def _clock(
    plan_id: str, instalment: Instalment | InstalmentReopened, opening: int
) -> tuple[Job, ...]:
    arguments = {"plan_id": plan_id, "number": str(instalment.number)}
    return tuple(
        Job(
            key=_key(kind, plan_id, instalment.number, opening),
            kind=kind,
            due_at=at,
            arguments=arguments,
        )
        for kind, at in ((DUE_JOB, instalment.due_at), (MISSED_JOB, instalment.missed_at))
    )


def _stopped(plan_id: str, instalment: InstalmentPaid | Opening) -> tuple[Cancel, ...]:
    return tuple(
        Cancel(key=_key(kind, plan_id, instalment.number, instalment.opening))
        for kind in (DUE_JOB, MISSED_JOB)
    )


def _key(kind: str, plan_id: str, number: int, opening: int) -> str:
    return f"{kind}/{plan_id}/{number}/{opening}"


def stream(plan_id: str) -> str:
    """Name the stream of one plan."""
    return f"plan-{plan_id}"


PLANS: Decider[Command, Plan, Event] = Decider(
    initial=Plan(),
    evolve=evolve,
    decide=decide,
    events=EVENTS,
    state=Plan,
    jobs=jobs,
)
