"""What deciding about an account needs, folded from its events.

Two axes, never one: the lifecycle, and a set of holds. `owed` is what the consumer owes by
bucket. `is_carried` says whether that is on the agency's books: it no longer is once an account
was recalled or closed with something left, though money for it may still arrive. `open_plan_id`
is the one plan the account follows: two writers who both mean to give it one meet here.
"""

from datetime import datetime
from typing import Literal, assert_never

from services.ledger.accounts.domain.allocation import restored, without
from services.ledger.accounts.domain.events import (
    AccountActivated,
    AccountClosed,
    AccountRecalled,
    AccountReopened,
    CloseReason,
    Event,
    HoldLifted,
    HoldPlaced,
    HoldReason,
    Instrument,
    PaymentRecorded,
    PaymentReversed,
    PlanAttached,
    PlanDetached,
    Receiver,
)
from services.ledger.accounts.domain.placed import AccountPlaced
from shared.kernel.money import Money
from shared.kernel.records import record, replace

Lifecycle = Literal["absent", "received", "active", "recalled", "closed"]


@record
class Hold:
    """A hold that was placed; lifted ones are kept so that a late repeat does nothing."""

    reason: HoldReason
    source: str
    source_id: str
    is_lifted: bool = False


@record
class Payment:
    """A payment as it was recorded, and its reversal if there was one."""

    amount: Money
    received_by: Receiver
    received_at: datetime
    instrument: Instrument
    external_ref: str | None
    plan_id: str | None
    allocation: dict[str, int]
    reversal_id: str | None = None


@record
class Account:
    """One debt."""

    account_id: str = ""
    creditor_id: str = ""
    consumer_ids: tuple[str, ...] = ()
    party_ids: tuple[str, ...] = ()
    account_number_digest: str = ""
    currency: str = ""
    lifecycle: Lifecycle = "absent"
    has_been_active: bool = False
    close_reason: CloseReason | None = None
    owed: dict[str, int] = {}
    is_carried: bool = False
    holds: dict[str, Hold] = {}
    payments: dict[str, Payment] = {}
    open_plan_id: str | None = None

    @property
    def is_open(self) -> bool:
        """Say whether work on the account has not ended."""
        return self.lifecycle in ("received", "active")

    @property
    def balance(self) -> Money:
        """Return what the agency carries for this account; the journal says the same."""
        return Money(
            amount=sum(self.owed.values()) if self.is_carried else 0, currency=self.currency
        )

    @property
    def open_holds(self) -> dict[str, Hold]:
        """Return the holds in force, by id."""
        return {hold_id: hold for hold_id, hold in self.holds.items() if not hold.is_lifted}

    def payment_for(self, payment_id: str, external_ref: str | None) -> tuple[str, Payment] | None:
        """Find a payment by its id or, failing that, by the payer's reference."""
        if payment_id in self.payments:
            return payment_id, self.payments[payment_id]
        if external_ref is None:
            return None
        for known_id, payment in self.payments.items():
            if payment.external_ref == external_ref:
                return known_id, payment
        return None


def evolve(state: Account, event: Event) -> Account:
    """Apply one fact."""
    match event:
        case AccountPlaced():
            return _placed(event)
        case AccountActivated():
            return replace(state, lifecycle="active", has_been_active=True)
        case HoldPlaced() | HoldLifted():
            hold = Hold(
                reason=event.reason,
                source=event.source,
                source_id=event.source_id,
                is_lifted=isinstance(event, HoldLifted),
            )
            return replace(state, holds={**state.holds, event.hold_id: hold})
        case PaymentRecorded():
            return _paid(state, event)
        case PaymentReversed():
            return _reversed(state, event)
        case AccountRecalled():
            return replace(state, lifecycle="recalled", is_carried=not event.remainder)
        case AccountClosed():
            return replace(
                state,
                lifecycle="closed",
                close_reason=event.reason,
                is_carried=not event.remainder,
            )
        case AccountReopened():
            lifecycle = "active" if state.has_been_active else "received"
            return replace(state, lifecycle=lifecycle, close_reason=None)
        case PlanAttached() | PlanDetached():
            is_attached = isinstance(event, PlanAttached)
            return replace(state, open_plan_id=event.plan_id if is_attached else None)
        case _:
            assert_never(event)


def _placed(event: AccountPlaced) -> Account:
    return Account(
        account_id=event.account_id,
        creditor_id=event.creditor_id,
        consumer_ids=event.consumer_ids,
        party_ids=tuple(each.party_id for each in event.parties),
        account_number_digest=event.account_number_digest,
        currency=event.balance.currency,
        lifecycle="received",
        owed={bucket: amount for bucket, amount in event.buckets.items() if amount},
        is_carried=True,
    )


def _paid(state: Account, event: PaymentRecorded) -> Account:
    payment = Payment(
        amount=event.amount,
        received_by=event.received_by,
        received_at=event.received_at,
        instrument=event.instrument,
        external_ref=event.external_ref,
        plan_id=event.plan_id,
        allocation=event.allocation,
    )
    return replace(
        state,
        owed=without(state.owed, event.allocation),
        payments={**state.payments, event.payment_id: payment},
    )


def _reversed(state: Account, event: PaymentReversed) -> Account:
    # The payment stands earlier in the same stream, but evolve never raises, so a stream without
    # it folds too.
    known = state.payments.get(event.payment_id)
    marked = {event.payment_id: replace(known, reversal_id=event.reversal_id)} if known else {}
    return replace(
        state,
        owed=restored(state.owed, event.allocation),
        payments={**state.payments, **marked},
    )
