"""A plan follows its account: payments fill instalments, reversals empty them again."""

from collections.abc import Sequence
from typing import Any

from services.ledger.accounts import domain as accounts
from services.ledger.plans import domain as plans
from shared.eventstore.transact import Context, Issue, Transactor
from shared.messaging.feed import Envelope
from shared.messaging.jobs import DueJob, Handle
from shared.messaging.subscription import Handler, reaction


def paid(event: accounts.PaymentRecorded, envelope: Envelope) -> Sequence[Issue]:
    """Apply a payment that names a plan."""
    if event.plan_id is None:
        return ()
    return [
        _issue(
            event.plan_id,
            lambda moment: plans.ApplyPayment(
                payment_id=event.payment_id, amount=event.amount, now=moment.now
            ),
        )
    ]


def undone(event: accounts.PaymentReversed, envelope: Envelope) -> Sequence[Issue]:
    """Take a reversed payment off its plan."""
    if event.plan_id is None:
        return ()
    return [
        _issue(
            event.plan_id,
            lambda moment: plans.UnapplyPayment(payment_id=event.payment_id, now=moment.now),
        )
    ]


HANDLERS: tuple[Handler, ...] = (
    reaction(accounts.PaymentRecorded, paid),
    reaction(accounts.PaymentReversed, undone),
)


def job_handlers(transactor: Transactor) -> dict[str, Handle]:
    """Return what is done when an instalment falls due and when its days of grace are over."""

    async def fall_due(job: DueJob) -> None:
        number = int(job.arguments["number"])
        await _run(transactor, job, lambda moment: plans.FallDue(number=number, now=moment.now))

    async def miss(job: DueJob) -> None:
        number = int(job.arguments["number"])
        await _run(
            transactor, job, lambda moment: plans.MissInstalment(number=number, now=moment.now)
        )

    return {plans.DUE_JOB: fall_due, plans.MISSED_JOB: miss}


async def _run(transactor: Transactor, job: DueJob, command: Any) -> None:
    context = Context(tenant=job.tenant, metadata=job.metadata)
    await transactor.transact(context, [_issue(job.arguments["plan_id"], command)])


def _issue(plan_id: str, command: Any) -> Issue:
    return Issue(stream=plans.stream(plan_id), decider=plans.PLANS, command=command)
