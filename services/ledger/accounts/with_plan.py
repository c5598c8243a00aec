"""A change of an account that its plan follows in the same transaction.

A plan's stream is known only once the account was read. What was read may have changed by the
time of the decision, so the decision looks again, and whoever was overtaken starts over.
"""

from collections.abc import Callable

from pydantic import BaseModel
from starlette.responses import Response

from services.ledger.accounts import domain as accounts
from services.ledger.plans import domain as plans
from shared.eventstore.transact import Guard, Issue, Moment, Outcome
from shared.http.call import Call
from shared.kernel.errors import ConcurrencyConflict

ATTEMPTS_MAX = 5

PlanOf = Callable[[accounts.Account], str | None]
Build = Callable[[Moment, plans.Plan], accounts.Command]


class PlanMoved(ConcurrencyConflict):
    """The account came to follow another plan, or none, after it was read."""


def open_plan(account: accounts.Account) -> str | None:
    """Return the plan that the account follows."""
    return account.open_plan_id


async def change(
    call: Call,
    account_id: str,
    command: Build,
    answer: Callable[[Outcome], BaseModel],
    *,
    plan_of: PlanOf = open_plan,
    status: int = 201,
) -> Response:
    """Let the account decide, and the plan concerned follow.

    Args:
        command: builds the account's command from the moment and the plan as it stands; of no
            plan it is the initial state.
        plan_of: which plan the command concerns.

    Raises:
        DomainError: the command does not fit the account.
        ConcurrencyConflict: others were first each time.
    """
    stream = accounts.stream(account_id)

    async def attempt() -> Response:
        (account,) = await call.states((stream, accounts.ACCOUNTS))
        issues, guards = _concerted(stream, plan_of(account), command, plan_of)
        return await call.change(issues, answer, status=status, guards=guards)

    for _ in range(ATTEMPTS_MAX - 1):
        try:
            return await attempt()
        except PlanMoved:
            continue
    return await attempt()


def _concerted(
    stream: str, plan_id: str | None, command: Build, plan_of: PlanOf
) -> tuple[list[Issue], list[Guard]]:
    plan_stream = None if plan_id is None else plans.stream(plan_id)

    def asked(moment: Moment) -> accounts.Command:
        if plan_of(moment.guards[stream]) != plan_id:
            raise PlanMoved("the account follows another plan than a moment ago")
        plan = plans.Plan() if plan_stream is None else moment.guards[plan_stream]
        return command(moment, plan)

    def following(moment: Moment) -> plans.Command:
        decided = accounts.decide(asked(moment), moment.guards[stream])
        return plans.FollowAccount(events=decided, now=moment.now)

    # Guards, because a command is built from the states that it is decided on.
    issues = [Issue(stream=stream, decider=accounts.ACCOUNTS, command=asked)]
    guards = [Guard(stream=stream, decider=accounts.ACCOUNTS)]
    if plan_stream is not None:
        issues.append(Issue(stream=plan_stream, decider=plans.PLANS, command=following))
        guards.append(Guard(stream=plan_stream, decider=plans.PLANS))
    return issues, guards
