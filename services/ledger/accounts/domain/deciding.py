"""What an account answers to a command that is not about money."""

from datetime import datetime

from services.ledger.accounts.domain.allocation import ALLOCATION_ORDER
from services.ledger.accounts.domain.commands import (
    CloseAccount,
    LiftHold,
    LiftHoldsOf,
    PlaceAccount,
    PlaceHold,
    RecallAccount,
)
from services.ledger.accounts.domain.events import (
    AccountActivated,
    AccountClosed,
    AccountRecalled,
    DetachReason,
    Event,
    HoldLifted,
    HoldPlaced,
    HoldReason,
    PlanDetached,
)
from services.ledger.accounts.domain.placed import AccountPlaced, SpecialFlag
from services.ledger.accounts.domain.refusals import (
    AccountConflict,
    AccountIsClosed,
    AccountIsRecalled,
    AccountNotFound,
    AmountMismatch,
    AmountRange,
    BalanceRemains,
    ConsumerMissing,
    CurrencyUnsupported,
    HoldConflict,
    HoldNotFound,
    UnknownBucket,
)
from services.ledger.accounts.domain.state import Account
from shared.kernel.money import Money

CURRENCY = "USD"
HOLD_BY_FLAG: dict[SpecialFlag, HoldReason] = {
    "deceased": "deceased_review",
    "bankruptcy": "bankruptcy",
    "attorney": "attorney",
    "cease": "cease",
    "dispute": "dispute",
    "fraud": "fraud_review",
    "military": "vulnerability_review",
    "minor": "vulnerability_review",
    "incarcerated": "vulnerability_review",
    "time_barred": "limitation_review",
}


def place(command: PlaceAccount, state: Account) -> tuple[Event, ...]:
    """Take the debt on, hold it for every special flag, or activate it when there is none."""
    if state.lifecycle != "absent":
        if state.account_number_digest == command.account_number_digest:
            return ()
        raise AccountConflict("this id belongs to another account")
    _check_sums(command)
    if not command.consumer_ids:
        raise ConsumerMissing("an account needs a consumer", pointer="/parties")
    opening: tuple[Event, ...] = tuple(
        HoldPlaced(
            account_id=command.account_id,
            consumer_ids=command.consumer_ids,
            hold_id=each.hold_id,
            reason=HOLD_BY_FLAG[each.flag],
            source="placement",
            source_id=command.placement_id,
            at=command.now,
        )
        for each in command.flag_holds
    )
    if not opening:
        opening = (
            AccountActivated(
                account_id=command.account_id,
                consumer_ids=command.consumer_ids,
                at=command.now,
            ),
        )
    return (_placed(command), *opening)


def _check_sums(command: PlaceAccount) -> None:
    if command.balance.currency != CURRENCY:
        raise CurrencyUnsupported(f"the currency must be {CURRENCY}", pointer="/currency")
    if unknown := command.buckets.keys() - set(ALLOCATION_ORDER):
        raise UnknownBucket(f"{len(unknown)} buckets are not known")
    if command.balance.amount <= 0 or min(command.buckets.values(), default=0) < 0:
        raise AmountRange("amounts must be positive", pointer="/total_balance")
    if sum(command.buckets.values()) != command.balance.amount:
        raise AmountMismatch("the buckets must add up to the balance", pointer="/total_balance")
    then = command.itemization
    if then.balance + then.interest + then.fees - then.payments - then.credits != (
        command.balance.amount
    ):
        raise AmountMismatch("the itemization must lead to the balance", pointer="/itemization")


def _placed(command: PlaceAccount) -> AccountPlaced:
    return AccountPlaced(
        account_id=command.account_id,
        creditor_id=command.creditor_id,
        placement_id=command.placement_id,
        consumer_ids=command.consumer_ids,
        parties=command.parties,
        product_type=command.product_type,
        original_creditor_name=command.original_creditor_name,
        current_creditor_name=command.current_creditor_name,
        account_number=command.account_number,
        account_number_digest=command.account_number_digest,
        customer_reference=command.customer_reference,
        itemization=command.itemization,
        buckets=command.buckets,
        balance=command.balance,
        delinquency_date=command.delinquency_date,
        at=command.now,
        contact_points=command.contact_points,
        special_flags=tuple(each.flag for each in command.flag_holds),
        language=command.language,
        particulars=command.particulars,
        row_digest=command.row_digest,
        new_consumer_claims=command.new_consumer_claims,
    )


def place_hold(command: PlaceHold, state: Account) -> tuple[Event, ...]:
    """Record a hold once; the same reason from the same source is the same hold while in force."""
    require_placed(state)
    asked = (command.reason, command.source, command.source_id)
    if known := state.holds.get(command.hold_id):
        if (known.reason, known.source, known.source_id) == asked:
            return ()
        raise HoldConflict("this hold id is taken by another hold")
    for hold in state.open_holds.values():
        if (hold.reason, hold.source, hold.source_id) == asked:
            return ()
    return (
        HoldPlaced(
            account_id=state.account_id,
            consumer_ids=state.consumer_ids,
            hold_id=command.hold_id,
            reason=command.reason,
            source=command.source,
            source_id=command.source_id,
            at=command.now,
        ),
    )


def lift_hold(command: LiftHold, state: Account) -> tuple[Event, ...]:
    """End one hold, once."""
    require_placed(state)
    if command.hold_id not in state.holds:
        raise HoldNotFound("the account has no such hold")
    if state.holds[command.hold_id].is_lifted:
        return ()
    return _lifted(command, state, (command.hold_id,))


def lift_holds_of(command: LiftHoldsOf, state: Account) -> tuple[Event, ...]:
    """End every hold of a source; none in force is no news."""
    require_placed(state)
    hold_ids = tuple(
        hold_id
        for hold_id, hold in state.open_holds.items()
        if (hold.source, hold.source_id) == (command.source, command.source_id)
    )
    return _lifted(command, state, hold_ids)


def _lifted(
    command: LiftHold | LiftHoldsOf, state: Account, hold_ids: tuple[str, ...]
) -> tuple[Event, ...]:
    if not hold_ids:
        return ()
    lifted: tuple[Event, ...] = tuple(
        HoldLifted(
            account_id=state.account_id,
            consumer_ids=state.consumer_ids,
            hold_id=hold_id,
            reason=state.holds[hold_id].reason,
            source=state.holds[hold_id].source,
            source_id=state.holds[hold_id].source_id,
            at=command.now,
        )
        for hold_id in hold_ids
    )
    if state.lifecycle != "received" or state.open_holds.keys() - set(hold_ids):
        return lifted
    activated = AccountActivated(
        account_id=state.account_id, consumer_ids=state.consumer_ids, at=command.now
    )
    return (*lifted, activated)


def recall(command: RecallAccount, state: Account) -> tuple[Event, ...]:
    """Give the account back, with whatever is still owed; its plan ends with it."""
    require_placed(state)
    if state.lifecycle == "recalled":
        return ()
    if state.lifecycle == "closed":
        raise AccountIsClosed("the account is closed")
    return (
        AccountRecalled(
            account_id=state.account_id,
            creditor_id=state.creditor_id,
            consumer_ids=state.consumer_ids,
            reason=command.reason,
            remainder=state.owed,
            balance=Money(amount=0, currency=state.currency),
            at=command.now,
        ),
        *detached(state, "account_recalled", command.now),
    )


def close(command: CloseAccount, state: Account) -> tuple[Event, ...]:
    """End work on the account and its plan; whatever is still owed goes back to the creditor."""
    require_placed(state)
    if state.lifecycle == "recalled":
        raise AccountIsRecalled("the account was recalled")
    if state.lifecycle == "closed":
        if state.close_reason == command.reason:
            return ()
        raise AccountIsClosed("the account is closed for another reason")
    if command.reason == "paid_in_full" and state.owed:
        raise BalanceRemains("the account still owes", pointer="/reason")
    return (
        AccountClosed(
            account_id=state.account_id,
            creditor_id=state.creditor_id,
            consumer_ids=state.consumer_ids,
            reason=command.reason,
            remainder=state.owed,
            balance=Money(amount=0, currency=state.currency),
            at=command.now,
        ),
        *detached(state, "account_closed", command.now),
    )


def detached(state: Account, reason: DetachReason, now: datetime) -> tuple[Event, ...]:
    """Say that the account follows its plan no longer, if it follows one."""
    if state.open_plan_id is None:
        return ()
    return (
        PlanDetached(
            account_id=state.account_id,
            consumer_ids=state.consumer_ids,
            plan_id=state.open_plan_id,
            reason=reason,
            at=now,
        ),
    )


def require_placed(state: Account) -> None:
    """Refuse a command to an account that does not exist.

    Raises:
        AccountNotFound: nothing was placed under this id.
    """
    if state.lifecycle == "absent":
        raise AccountNotFound("there is no such account")
