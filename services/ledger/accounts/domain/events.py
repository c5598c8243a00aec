"""What happens to an account after it was placed."""

from datetime import datetime
from typing import Literal

from services.ledger.accounts.domain.placed import AccountPlaced
from shared.kernel.money import Money
from shared.kernel.records import event
from shared.kernel.sealed import Sealed

HoldReason = Literal[
    "dispute",
    "cease",
    "attorney",
    "bankruptcy",
    "deceased_review",
    "hardship",
    "moratorium",
    "vulnerability_review",
    "fraud_review",
    "creditor_pause",
    "recall_pending",
    "legal_hold",
    "disaster",
    "identity_unverified",
    "stale_state",
    "license",
    "limitation_review",
]
CloseReason = Literal[
    "paid_in_full",
    "settled_in_full",
    "payment_arrangement",
    "withdrawn_by_creditor",
    "insolvent_bankrupt",
    "deceased",
    "untraceable",
    "statute_expired",
    "exhausted",
    "uneconomic_low_balance",
    "disputed_unresolved",
    "settlement_refused_by_creditor",
    "creditor_unresponsive",
    "invalid_data",
    "never_started",
    "vulnerable",
    "forgiven_written_off",
    "sold_transferred",
    "fraud_identity_theft",
]
RecallReason = Literal[
    "creditor_request", "placement_expired", "sold", "placed_in_error", "bankruptcy", "other"
]
Receiver = Literal["agency", "creditor", "attorney", "platform"]
Instrument = Literal["ach", "card", "check", "cash", "wire", "money_order", "payroll", "other"]
ReversalReason = Literal["nsf", "chargeback", "duplicate", "misapplied", "fraud"]
ReopenReason = Literal["payment_reversed"]
PlanEndReason = Literal["requested", "superseded"]
DetachReason = Literal["completed", "requested", "superseded", "account_recalled", "account_closed"]


@event("forbear.ledger.account-activated.v1")
class AccountActivated:
    """Work on the account may begin."""

    account_id: str
    consumer_ids: tuple[str, ...]
    at: datetime


@event("forbear.ledger.hold-placed.v1")
class HoldPlaced:
    """A reason to stop work was recorded; `source_id` names the thing it came from."""

    account_id: str
    consumer_ids: tuple[str, ...]
    hold_id: str
    reason: HoldReason
    source: str
    source_id: str
    at: datetime


@event("forbear.ledger.hold-lifted.v1")
class HoldLifted:
    """A hold ended."""

    account_id: str
    consumer_ids: tuple[str, ...]
    hold_id: str
    reason: HoldReason
    source: str
    source_id: str
    at: datetime


@event("forbear.ledger.payment-recorded.v1")
class PaymentRecorded:
    """Money came in; `balance` is what the agency still carries after it.

    `external_ref` is the keyed digest of the payer's or bank's reference, by which a repeat is
    known; the reference itself may name a person and is sealed.

    `after_exit` marks money that came when the account had already left the agency: it is passed
    on to the creditor and reduces no carried balance. The allocation then tells the creditor how
    it would have been applied.

    `plan_id` is the plan that the account followed and that the money went to.
    """

    account_id: str
    creditor_id: str
    consumer_ids: tuple[str, ...]
    payment_id: str
    amount: Money
    received_by: Receiver
    received_at: datetime
    instrument: Instrument
    allocation: dict[str, int]
    balance: Money
    at: datetime
    external_ref: str | None = None
    plan_id: str | None = None
    after_exit: bool = False
    reference: Sealed | None = None


@event("forbear.ledger.payment-reversed.v1")
class PaymentReversed:
    """A payment was undone whole; the allocation is the payment's own, given back."""

    account_id: str
    creditor_id: str
    consumer_ids: tuple[str, ...]
    reversal_id: str
    payment_id: str
    amount: Money
    received_by: Receiver
    reason: ReversalReason
    effective_at: datetime
    allocation: dict[str, int]
    balance: Money
    at: datetime
    plan_id: str | None = None
    after_exit: bool = False


@event("forbear.ledger.account-recalled.v1")
class AccountRecalled:
    """The creditor took the account back; `remainder` is what leaves our books, by bucket."""

    account_id: str
    creditor_id: str
    consumer_ids: tuple[str, ...]
    reason: RecallReason
    remainder: dict[str, int]
    balance: Money
    at: datetime


@event("forbear.ledger.account-closed.v1")
class AccountClosed:
    """Work ended; `remainder` is what leaves our books, by bucket (none when paid)."""

    account_id: str
    creditor_id: str
    consumer_ids: tuple[str, ...]
    reason: CloseReason
    remainder: dict[str, int]
    balance: Money
    at: datetime


@event("forbear.ledger.account-reopened.v1")
class AccountReopened:
    """A paid account owes again, because a payment was reversed."""

    account_id: str
    creditor_id: str
    consumer_ids: tuple[str, ...]
    reason: ReopenReason
    balance: Money
    at: datetime


@event("forbear.ledger.plan-attached.v1")
class PlanAttached:
    """The account follows a plan from here on: its payments go to it. It follows at most one."""

    account_id: str
    consumer_ids: tuple[str, ...]
    plan_id: str
    at: datetime


@event("forbear.ledger.plan-detached.v1")
class PlanDetached:
    """The account follows no plan any more."""

    account_id: str
    consumer_ids: tuple[str, ...]
    plan_id: str
    reason: DetachReason
    at: datetime


Event = (
    AccountPlaced
    | AccountActivated
    | HoldPlaced
    | HoldLifted
    | PaymentRecorded
    | PaymentReversed
    | AccountRecalled
    | AccountClosed
    | AccountReopened
    | PlanAttached
    | PlanDetached
)
EVENTS = (
    AccountPlaced,
    AccountActivated,
    HoldPlaced,
    HoldLifted,
    PaymentRecorded,
    PaymentReversed,
    AccountRecalled,
    AccountClosed,
    AccountReopened,
    PlanAttached,
    PlanDetached,
)
