"""Accounts: read them, record and reverse payments, recall and close."""

from typing import Annotated, Any, Literal

from fastapi import Path, Query
from starlette.responses import Response

from services.ledger.accounts import domain as accounts
from services.ledger.accounts import views, with_plan
from services.ledger.accounts.answers import (
    AccountAnswer,
    AccountRow,
    HoldAnswer,
    PaymentAnswer,
    ReversalAnswer,
)
from services.ledger.accounts.bodies import CloseBody, PaymentBody, RecallBody, ReversalBody
from services.ledger.accounts.domain import refusals
from services.ledger.accounts.domain.placed import AccountPlaced
from services.ledger.plans import domain as plans
from shared.eventstore.transact import Moment, Outcome
from shared.http.call import Call, CurrentCall
from shared.http.fields import TypeId
from shared.http.pagination import Page, Paging
from shared.http.problem import Problem
from shared.http.routing import Router
from shared.kernel.money import Money
from shared.kernel.sealed import Sealed

router = Router(tag="accounts")

AccountId = Annotated[str, Path(), TypeId("acct")]
PAYMENT_REFERENCE = "payment-reference"


@router.get("/accounts", scope="accounts:read", response_model=Page[AccountRow])
async def list_accounts(
    call: CurrentCall,
    paging: Paging,
    creditor_id: Annotated[str | None, Query(), TypeId("crd")] = None,
    consumer_id: Annotated[str | None, Query(), TypeId("cns")] = None,
    lifecycle: Literal["received", "active", "recalled", "closed"] | None = None,
) -> Page[AccountRow]:
    """List accounts in the order they were placed."""
    given = {"creditor_id": creditor_id, "consumer_id": consumer_id, "lifecycle": lifecycle}
    filters = {name: value for name, value in given.items() if value is not None}
    return await call.page(
        paging,
        operation="list_accounts",
        filters=filters,
        query=lambda after: views.listed(filters, after, paging.limit + 1),
        show=lambda row: ((row["placed_at"].isoformat(), row["account_id"]), AccountRow.of(row)),
    )


@router.get(
    "/accounts/by-ref/{creditor_id}/{account_number}",
    scope="accounts:read",
    response_model=AccountAnswer,
    problems=(refusals.AccountNotFound,),
)
async def get_account_by_number(
    creditor_id: Annotated[str, Path(), TypeId("crd")],
    account_number: Annotated[str, Path(min_length=1, max_length=64)],
    call: CurrentCall,
) -> AccountAnswer:
    """Read an account by the creditor's own number."""
    digest = await account_number_digest(call, creditor_id, account_number)
    found = await call.foundation.store.find(call.tenant, [(accounts.ACCOUNT_NUMBER, digest)])
    if not found:
        raise Problem("not-found")
    return await _account(call, next(iter(found.values())))


@router.get(
    "/accounts/{account_id}",
    scope="accounts:read",
    response_model=AccountAnswer,
    problems=(refusals.AccountNotFound,),
)
async def get_account(account_id: AccountId, call: CurrentCall) -> AccountAnswer:
    """Read an account as it stands now."""
    return await _account(call, account_id)


@router.get("/accounts/{account_id}/holds", scope="accounts:read", response_model=Page[HoldAnswer])
async def list_holds(account_id: AccountId, call: CurrentCall, paging: Paging) -> Page[HoldAnswer]:
    """List the reasons why work on an account stops or stopped."""
    return await call.page(
        paging,
        operation="list_holds",
        filters={"account_id": account_id},
        query=lambda after: views.holds_of(account_id, after, paging.limit + 1),
        show=lambda row: ((row["hold_id"],), HoldAnswer.of(row)),
    )


@router.post(
    "/accounts/{account_id}/payments",
    scope="payments:write",
    status_code=201,
    response_model=PaymentAnswer,
    problems=(
        refusals.AccountNotFound,
        refusals.PaymentConflict,
        refusals.PaymentExceedsBalance,
        refusals.PlanNotOpen,
        refusals.TimeOutOfOrder,
    ),
)
async def record_payment(account_id: AccountId, body: PaymentBody, call: CurrentCall) -> Response:
    """Record money that was received. On an account with a plan it goes to the plan.

    A payment may name the plan it is meant for, which must be the one the account follows.
    """
    payment_id = call.ids.new("pay")
    digest, reference = await _sealed_reference(call, account_id, body.external_ref)

    def command(moment: Moment, plan: plans.Plan) -> accounts.RecordPayment:
        return accounts.RecordPayment(
            payment_id=payment_id,
            amount=Money(amount=body.amount_minor, currency=body.currency),
            received_by=body.received_by,
            received_at=body.received_at or moment.now,
            instrument=body.instrument,
            external_ref=digest,
            reference=reference,
            plan_id=body.plan_id,
            plan_outstanding=plan.outstanding,
            now=moment.now,
        )

    def answer(outcome: Outcome) -> PaymentAnswer:
        account = outcome.state(accounts.stream(account_id))
        known = account.payment_for(payment_id, digest)
        return PaymentAnswer.of(account, *known)

    return await with_plan.change(call, account_id, command, answer)


@router.post(
    "/accounts/{account_id}/payments/{payment_id}/reversals",
    scope="payments:write",
    status_code=201,
    response_model=ReversalAnswer,
    problems=(
        refusals.AccountNotFound,
        refusals.PaymentNotFound,
        refusals.PaymentAlreadyReversed,
        refusals.TimeOutOfOrder,
    ),
)
async def reverse_payment(
    account_id: AccountId,
    payment_id: Annotated[str, Path(), TypeId("pay")],
    body: ReversalBody,
    call: CurrentCall,
) -> Response:
    """Undo a payment whole: it bounced, was charged back, or was never this account's.

    A plan that it had completed is followed again, unless the account follows another by now.
    """
    reversal_id = call.ids.new("rev")

    def plan_of(account: accounts.Account) -> str | None:
        payment = account.payments.get(payment_id)
        return payment.plan_id if payment else None

    def command(moment: Moment, plan: plans.Plan) -> accounts.ReversePayment:
        return accounts.ReversePayment(
            reversal_id=reversal_id,
            payment_id=payment_id,
            reason=body.reason,
            effective_at=body.effective_at or moment.now,
            plan_is_completed=plan.status == "completed",
            now=moment.now,
        )

    def answer(outcome: Outcome) -> ReversalAnswer:
        account = outcome.state(accounts.stream(account_id))
        return ReversalAnswer.of(account, payment_id)

    return await with_plan.change(call, account_id, command, answer, plan_of=plan_of)


@router.post(
    "/accounts/{account_id}/recall",
    scope="accounts:write",
    response_model=AccountRow,
    problems=(refusals.AccountNotFound, refusals.AccountIsClosed),
)
async def recall_account(account_id: AccountId, body: RecallBody, call: CurrentCall) -> Response:
    """Give the account back to the creditor. Work on it ends; its plan is cancelled."""

    def command(moment: Moment, plan: plans.Plan) -> accounts.RecallAccount:
        return accounts.RecallAccount(reason=body.reason, now=moment.now)

    return await with_plan.change(call, account_id, command, _row(account_id), status=200)


@router.post(
    "/accounts/{account_id}/close",
    scope="accounts:write",
    response_model=AccountRow,
    problems=(
        refusals.AccountNotFound,
        refusals.AccountIsRecalled,
        refusals.AccountIsClosed,
        refusals.BalanceRemains,
    ),
)
async def close_account(account_id: AccountId, body: CloseBody, call: CurrentCall) -> Response:
    """End work on the account for a stated reason; its plan is cancelled."""

    def command(moment: Moment, plan: plans.Plan) -> accounts.CloseAccount:
        return accounts.CloseAccount(reason=body.reason, now=moment.now)

    return await with_plan.change(call, account_id, command, _row(account_id), status=200)


async def account_number_digest(call: Call, creditor_id: str, account_number: str) -> str:
    """Return the tenant's keyed digest of a creditor's account number."""
    return await call.foundation.sealer.lookup_digest(
        call.tenant, accounts.ACCOUNT_NUMBER, f"{creditor_id}/{account_number}"
    )


async def _sealed_reference(
    call: Call, account_id: str, reference: str | None
) -> tuple[str | None, Sealed | None]:
    if reference is None:
        return None, None
    (account,) = await call.states((accounts.stream(account_id), accounts.ACCOUNTS))
    if account.lifecycle == "absent":  # nothing is sealed for an account that there is not
        raise refusals.AccountNotFound("there is no such account")
    sealer = call.foundation.sealer
    digest = await sealer.lookup_digest(call.tenant, PAYMENT_REFERENCE, f"{account_id}/{reference}")
    subject = account.consumer_ids[0]
    return digest, await sealer.seal(call.tenant, subject, "payment_reference", reference)


def _row(account_id: str) -> Any:
    return lambda outcome: AccountRow.of_state(outcome.state(accounts.stream(account_id)))


async def _account(call: Call, account_id: str) -> AccountAnswer:
    stream = accounts.stream(account_id)
    (account,) = await call.states((stream, accounts.ACCOUNTS))
    placed = await call.first_event(stream, AccountPlaced)
    if placed is None:
        raise refusals.AccountNotFound("there is no such account")
    return AccountAnswer.of(account, placed)
