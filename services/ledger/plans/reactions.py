"""The clocks of a plan strike: an instalment falls due, or its days of grace are over.

Nothing of a plan waits for news of its account: payments, reversals, recalls and closings reach it
in the account's own transaction.
"""

from typing import Any

from services.ledger.plans import domain as plans
from shared.eventstore.transact import Context, Issue, Transactor
from shared.messaging.jobs import DueJob, Handle


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
    stream = plans.stream(job.arguments["plan_id"])
    await transactor.transact(context, [Issue(stream=stream, decider=plans.PLANS, command=command)])
