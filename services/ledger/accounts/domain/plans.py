"""Which plan an account follows: at most one ever, decided on the account's own stream.

The plan's stream says what is due and paid; it never says whose turn it is. Two agreements that
race meet at the account's version, and the second is refused.
"""

from typing import assert_never

from services.ledger.accounts.domain.commands import (
    AttachPlan,
    DetachPlan,
    RecordPayment,
    ReversePayment,
)
from services.ledger.accounts.domain.deciding import detached, require_placed
from services.ledger.accounts.domain.events import Event, PlanAttached
from services.ledger.accounts.domain.refusals import (
    AccountHeld,
    AccountNotOpen,
    PartyNotOnAccount,
    PlanExceedsBalance,
    PlanExists,
    PlanNotOpen,
)
from services.ledger.accounts.domain.state import Account, Payment
from shared.kernel.money import CurrencyMismatch

# A plan asks for money, which these holds forbid until they are lifted: 12 CFR 1006.38(d)(2)
# (dispute), 11 USC 362(a)(6) (bankruptcy); the other two question who owes at all.
HOLDS_AGAINST_PLANS = frozenset({"dispute", "bankruptcy", "deceased_review", "fraud_review"})


def decide(command: AttachPlan | DetachPlan, state: Account) -> tuple[Event, ...]:
    """Follow a plan, or follow it no longer."""
    match command:
        case AttachPlan():
            return _attach(command, state)
        case DetachPlan():
            return _detach(command, state)
        case _:
            assert_never(command)


def _attach(command: AttachPlan, state: Account) -> tuple[Event, ...]:
    require_placed(state)
    if state.open_plan_id == command.plan_id:
        return ()
    if not state.is_open:
        raise AccountNotOpen("the account was recalled or closed")
    if HOLDS_AGAINST_PLANS & {hold.reason for hold in state.open_holds.values()}:
        raise AccountHeld("a hold forbids asking for money on this account")
    if state.open_plan_id is not None:
        raise PlanExists("the account follows another plan; cancel it first")
    if command.agreed_with not in (*state.consumer_ids, *state.party_ids):
        raise PartyNotOnAccount("nobody on the account has this id", pointer="/agreed_with")
    if command.total.currency != state.currency:
        raise CurrencyMismatch(f"the account is in {state.currency}", pointer="/currency")
    if command.total.amount > state.balance.amount:
        raise PlanExceedsBalance("the plan collects more than is owed", pointer="/total_minor")
    return (
        PlanAttached(
            account_id=state.account_id,
            consumer_ids=state.consumer_ids,
            plan_id=command.plan_id,
            at=command.now,
        ),
    )


def _detach(command: DetachPlan, state: Account) -> tuple[Event, ...]:
    require_placed(state)
    if state.open_plan_id != command.plan_id:
        return ()  # one that is not followed needs no leaving
    return detached(state, command.reason, command.now)


def require_open(plan_id: str | None, state: Account) -> None:
    """Refuse a payment for another plan than the account follows; it would pay somebody else's.

    Raises:
        PlanNotOpen: the plan ended, belongs to another account, or never was.
    """
    if plan_id is not None and plan_id != state.open_plan_id:
        raise PlanNotOpen("the account does not follow this plan", pointer="/plan_id")


def filled(command: RecordPayment, state: Account) -> tuple[Event, ...]:
    """Follow the plan no longer once the payment leaves nothing of it to pay."""
    outstanding = command.plan_outstanding
    if outstanding is None or command.amount.amount < outstanding:
        return ()
    return detached(state, "completed", command.now)


def taken_up(command: ReversePayment, payment: Payment, state: Account) -> tuple[Event, ...]:
    """Follow a completed plan again whose payment is undone, unless that would be a second one.

    Whoever completed one plan and agreed to another owes by the newer terms. Asking for the rest
    of the older plan besides would ask for two instalments where one was agreed, so the older plan
    stays over; what was undone is in the balance and waits for an agreement of its own. The same
    holds for an account that was recalled or closed: nothing is asked for on it any more.
    """
    if payment.plan_id is None or not command.plan_is_completed:
        return ()
    if not state.is_open or state.open_plan_id is not None:
        return ()
    return (
        PlanAttached(
            account_id=state.account_id,
            consumer_ids=state.consumer_ids,
            plan_id=payment.plan_id,
            at=command.now,
        ),
    )
