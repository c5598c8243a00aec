"""What an account answers to money: recorded exactly once, reversed at most once.

Money that really arrived is recordable whatever became of the account, as long as that much is
owed: agencies must pass on late payments on recalled accounts. Such a payment is marked, because
it reduces no balance that the agency still carries.
"""

from services.ledger.accounts.domain import plans
from services.ledger.accounts.domain.allocation import allocate
from services.ledger.accounts.domain.commands import RecordPayment, ReversePayment
from services.ledger.accounts.domain.deciding import detached, require_placed
from services.ledger.accounts.domain.events import (
    AccountActivated,
    AccountClosed,
    AccountReopened,
    CloseReason,
    Event,
    PaymentRecorded,
    PaymentReversed,
)
from services.ledger.accounts.domain.refusals import (
    AmountRange,
    PaymentAlreadyReversed,
    PaymentConflict,
    PaymentExceedsBalance,
    PaymentNotFound,
    ReversalConflict,
    TimeOutOfOrder,
)
from services.ledger.accounts.domain.state import Account, Payment, evolve
from shared.kernel.money import CurrencyMismatch, Money

# Closed in a way that extinguished the debt: any further money is not owed.
EXTINGUISHED: frozenset[CloseReason] = frozenset(
    {"paid_in_full", "settled_in_full", "forgiven_written_off", "fraud_identity_theft"}
)


def record_payment(command: RecordPayment, state: Account) -> tuple[Event, ...]:
    """Allocate the money, which goes to the account's plan; what clears the account closes it."""
    require_placed(state)
    if known := state.payment_for(command.payment_id, command.external_ref):
        if _is_same(command, known[1]):
            return ()
        raise PaymentConflict("a payment with this id or reference has other particulars")
    _check_payment(command, state)
    allocation = allocate(command.amount.amount, state.owed)
    balance = state.balance - command.amount if state.is_carried else state.balance
    recorded = PaymentRecorded(
        account_id=state.account_id,
        creditor_id=state.creditor_id,
        consumer_ids=state.consumer_ids,
        payment_id=command.payment_id,
        amount=command.amount,
        received_by=command.received_by,
        received_at=command.received_at,
        instrument=command.instrument,
        allocation=allocation,
        balance=balance,
        at=command.now,
        external_ref=command.external_ref,
        reference=command.reference,
        plan_id=state.open_plan_id,
        after_exit=not state.is_carried,
    )
    filled = plans.filled(command, state)
    if balance.amount or not state.is_carried:
        return (recorded, *filled)
    # No plan asks for more than is owed, so a paid account's plan is filled; should it not be, it
    # ends all the same.
    ended = filled or detached(state, "account_closed", command.now)
    return (recorded, *ended, _paid_in_full(command, state))


def _is_same(command: RecordPayment, known: Payment) -> bool:
    return (
        command.amount == known.amount
        and command.received_by == known.received_by
        and command.received_at == known.received_at
        and command.instrument == known.instrument
        and command.external_ref == known.external_ref
        and command.plan_id in (None, known.plan_id)
    )


def _check_payment(command: RecordPayment, state: Account) -> None:
    if command.amount.currency != state.currency:
        raise CurrencyMismatch(f"the account is in {state.currency}", pointer="/currency")
    if command.amount.amount <= 0:
        raise AmountRange("the amount must be positive", pointer="/amount_minor")
    if command.received_at > command.now:
        raise TimeOutOfOrder("a payment is not received in the future", pointer="/received_at")
    is_owed = state.close_reason not in EXTINGUISHED
    if not is_owed or command.amount.amount > sum(state.owed.values()):
        raise PaymentExceedsBalance("the payment is more than is owed", pointer="/amount_minor")
    plans.require_open(command.plan_id, state)


def _paid_in_full(command: RecordPayment, state: Account) -> AccountClosed:
    return AccountClosed(
        account_id=state.account_id,
        creditor_id=state.creditor_id,
        consumer_ids=state.consumer_ids,
        reason="paid_in_full",
        remainder={},
        balance=Money(amount=0, currency=state.currency),
        at=command.now,
    )


def reverse_payment(command: ReversePayment, state: Account) -> tuple[Event, ...]:
    """Give the payment's own allocation back; an account that it had paid off is open again."""
    require_placed(state)
    payment = state.payments.get(command.payment_id)
    if payment is None:
        raise PaymentNotFound("the account has no such payment")
    if payment.reversal_id == command.reversal_id:
        return ()
    if payment.reversal_id is not None:
        raise PaymentAlreadyReversed("the payment was reversed before")
    if any(each.reversal_id == command.reversal_id for each in state.payments.values()):
        raise ReversalConflict("this reversal id belongs to another payment")
    if not payment.received_at <= command.effective_at <= command.now:
        raise TimeOutOfOrder(
            "a reversal takes effect after the payment and not in the future",
            pointer="/effective_at",
        )
    balance = state.balance + payment.amount if state.is_carried else state.balance
    undone = PaymentReversed(
        account_id=state.account_id,
        creditor_id=state.creditor_id,
        consumer_ids=state.consumer_ids,
        reversal_id=command.reversal_id,
        payment_id=command.payment_id,
        amount=payment.amount,
        received_by=payment.received_by,
        reason=command.reason,
        effective_at=command.effective_at,
        allocation=payment.allocation,
        balance=balance,
        at=command.now,
        plan_id=payment.plan_id,
        after_exit=not state.is_carried,
    )
    happened: tuple[Event, ...] = (undone,)
    if state.lifecycle == "closed" and state.is_carried:
        happened = (undone, *_reopened(command, state, balance))
    after = state
    for event in happened:
        after = evolve(after, event)
    return (*happened, *plans.taken_up(command, payment, after))


def _reopened(command: ReversePayment, state: Account, balance: Money) -> tuple[Event, ...]:
    reopened = AccountReopened(
        account_id=state.account_id,
        creditor_id=state.creditor_id,
        consumer_ids=state.consumer_ids,
        reason="payment_reversed",
        balance=balance,
        at=command.now,
    )
    if state.has_been_active or state.open_holds:
        return (reopened,)
    # Paid off while held, and the holds were lifted since: nothing keeps it from being worked.
    activated = AccountActivated(
        account_id=state.account_id, consumer_ids=state.consumer_ids, at=command.now
    )
    return (reopened, activated)
