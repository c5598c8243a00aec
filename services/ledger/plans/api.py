"""Payment plans: agree on one, read it, cancel it."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.ledger.accounts import domain as accounts
from services.ledger.accounts.domain import refusals
from services.ledger.plans import domain as plans
from services.ledger.plans import views
from services.ledger.plans.domain import agreeing, following
from shared.eventstore.transact import Guard, Issue, Moment
from shared.http.answers import MoneyAnswer
from shared.http.call import CurrentCall
from shared.http.fields import AmountMinor, Date, StrictBody, TypeId
from shared.http.pagination import Page, Paging
from shared.http.problem import Problem
from shared.http.routing import Router
from shared.kernel.money import Money

router = Router(tag="plans")

AccountId = Annotated[str, Path(), TypeId("acct")]
PlanId = Annotated[str, Path(), TypeId("plan")]


class InstalmentBody(StrictBody):
    """One date and amount."""

    due_date: Date
    amount_minor: AmountMinor


class PlanBody(StrictBody):
    """A plan that a party or consumer agreed to, by id; instalments in the order of their dates."""

    instalments: Annotated[
        list[InstalmentBody], Field(min_length=1, max_length=agreeing.INSTALMENTS_MAX)
    ]
    total_minor: AmountMinor
    agreed_with: Annotated[str, Field(pattern=r"^(cns|pty)_[0-7][0-9a-hjkmnp-tv-z]{25}$")]


class CancelBody(StrictBody):
    """Why a plan ends before it is kept."""

    reason: Literal["requested", "superseded"]


class InstalmentAnswer(BaseModel):
    """One instalment and how it stands."""

    number: int
    due_date: date
    amount_minor: int
    outstanding_minor: int
    status: Literal["open", "due", "missed", "paid"]
    missed_at: datetime

    @classmethod
    def of(cls, due: plans.Due) -> "InstalmentAnswer":
        """Show an instalment."""
        if due.outstanding == 0:
            status: Literal["open", "due", "missed", "paid"] = "paid"
        elif due.is_missed:
            status = "missed"
        else:
            status = "due" if due.has_fallen_due else "open"
        return cls(
            number=due.number,
            due_date=due.due_date,
            amount_minor=due.amount,
            outstanding_minor=due.outstanding,
            status=status,
            missed_at=due.missed_at,
        )


class PlanAnswer(BaseModel):
    """A plan as it stands now."""

    object: Literal["payment_plan"] = "payment_plan"
    id: str
    account_id: str
    status: str
    total: MoneyAnswer
    instalments: list[InstalmentAnswer]

    @classmethod
    def of(cls, plan: plans.Plan) -> "PlanAnswer":
        """Show a folded plan."""
        total = sum(each.amount for each in plan.instalments)
        return cls(
            id=plan.plan_id,
            account_id=plan.account_id,
            status=plan.status,
            total=MoneyAnswer(amount=total, currency=plan.currency),
            instalments=[InstalmentAnswer.of(each) for each in plan.instalments],
        )


@router.post(
    "/accounts/{account_id}/plans",
    scope="plans:write",
    status_code=201,
    response_model=PlanAnswer,
    problems=(
        refusals.AccountNotFound,
        refusals.AccountNotOpen,
        refusals.AccountHeld,
        refusals.PlanExists,
        refusals.PlanExceedsBalance,
        refusals.PartyNotOnAccount,
        agreeing.InstalmentSum,
        agreeing.InstalmentDates,
        agreeing.PlanDates,
    ),
)
async def agree_plan(account_id: AccountId, body: PlanBody, call: CurrentCall) -> Response:
    """Agree on a payment plan. Instalments are numbered in the order given.

    An account follows one plan at a time; a party or consumer of the account must have agreed.
    """
    plan_id = call.ids.new("plan")
    account_stream, plan_stream = accounts.stream(account_id), plans.stream(plan_id)
    placed = await call.first_event(account_stream, accounts.AccountPlaced)

    def known(moment: Moment) -> accounts.Account:
        account: accounts.Account = moment.guards[account_stream]
        if account.lifecycle == "absent":
            raise refusals.AccountNotFound("there is no such account")
        return account

    def attached(moment: Moment) -> accounts.AttachPlan:
        return accounts.AttachPlan(
            plan_id=plan_id,
            agreed_with=body.agreed_with,
            total=Money(amount=body.total_minor, currency=known(moment).currency),
            now=moment.now,
        )

    def agreed(moment: Moment) -> plans.AgreePlan:
        account = known(moment)
        return plans.AgreePlan(
            plan_id=plan_id,
            account_id=account_id,
            consumer_ids=account.consumer_ids,
            instalments=tuple(
                plans.ProposedInstalment(
                    number=number,
                    due_date=each.due_date,
                    amount=Money(amount=each.amount_minor, currency=account.currency),
                )
                for number, each in enumerate(body.instalments, start=1)
            ),
            total=Money(amount=body.total_minor, currency=account.currency),
            agreed_with=body.agreed_with,
            zones=placed.zones if placed else (),
            now=moment.now,
        )

    return await call.change(
        [
            Issue(stream=account_stream, decider=accounts.ACCOUNTS, command=attached),
            Issue(stream=plan_stream, decider=plans.PLANS, command=agreed),
        ],
        lambda outcome: PlanAnswer.of(outcome.state(plan_stream)),
        guards=[Guard(stream=account_stream, decider=accounts.ACCOUNTS)],
    )


@router.post(
    "/plans/{plan_id}/cancel",
    scope="plans:write",
    response_model=PlanAnswer,
    problems=(following.PlanNotFound, following.PlanIsCompleted),
)
async def cancel_plan(plan_id: PlanId, body: CancelBody, call: CurrentCall) -> Response:
    """End a plan before it is kept; its account may follow another one from then on."""
    (plan,) = await call.states((plans.stream(plan_id), plans.PLANS))
    if plan.status == "absent":
        raise following.PlanNotFound("there is no such plan")
    leaving = Issue(
        stream=accounts.stream(plan.account_id),
        decider=accounts.ACCOUNTS,
        command=lambda moment: accounts.DetachPlan(
            plan_id=plan_id, reason=body.reason, now=moment.now
        ),
    )
    ending = Issue(
        stream=plans.stream(plan_id),
        decider=plans.PLANS,
        command=lambda moment: plans.CancelPlan(reason=body.reason, now=moment.now),
    )
    return await call.change(
        [leaving, ending],
        lambda outcome: PlanAnswer.of(outcome.state(plans.stream(plan_id))),
        status=200,
    )


@router.get("/plans/{plan_id}", scope="plans:read", response_model=PlanAnswer)
async def get_plan(plan_id: PlanId, call: CurrentCall) -> PlanAnswer:
    """Read a plan as it stands now."""
    (plan,) = await call.states((plans.stream(plan_id), plans.PLANS))
    if plan.status == "absent":
        raise Problem("not-found")
    return PlanAnswer.of(plan)


class PlanRow(BaseModel):
    """A plan in a list."""

    object: Literal["payment_plan"] = "payment_plan"
    id: str
    account_id: str
    status: str
    total: MoneyAnswer
    agreed_at: datetime


@router.get("/accounts/{account_id}/plans", scope="plans:read", response_model=Page[PlanRow])
async def list_plans(account_id: AccountId, call: CurrentCall, paging: Paging) -> Page[PlanRow]:
    """List the plans of an account."""
    return await call.page(
        paging,
        operation="list_plans",
        filters={"account_id": account_id},
        query=lambda after: views.listed(account_id, after, paging.limit + 1),
        show=lambda row: (
            (row["plan_id"],),
            PlanRow(
                id=row["plan_id"],
                account_id=row["account_id"],
                status=row["status"],
                total=MoneyAnswer(amount=row["total"], currency=row["currency"]),
                agreed_at=row["agreed_at"],
            ),
        ),
    )
