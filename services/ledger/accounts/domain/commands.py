"""What may be asked of an account."""

from datetime import date, datetime

from services.ledger.accounts.domain.events import (
    CloseReason,
    HoldReason,
    Instrument,
    PlanEndReason,
    RecallReason,
    Receiver,
    ReversalReason,
)
from services.ledger.accounts.domain.placed import (
    ConsumerClaim,
    Itemization,
    Particulars,
    Party,
    PlacedContactPoint,
    SpecialFlag,
)
from shared.kernel.money import Money
from shared.kernel.records import record
from shared.kernel.sealed import Sealed


@record
class FlagHold:
    """A special flag of the placement, and the id of the hold it causes."""

    flag: SpecialFlag
    hold_id: str


@record
class PlaceAccount:
    """Take one debt on. Without special flags it is active at once; each flag is a hold."""

    account_id: str
    creditor_id: str
    placement_id: str
    consumer_ids: tuple[str, ...]
    parties: tuple[Party, ...]
    product_type: str
    original_creditor_name: str
    current_creditor_name: str
    account_number: Sealed
    account_number_digest: str
    customer_reference: Sealed
    itemization: Itemization
    buckets: dict[str, int]
    balance: Money
    delinquency_date: date
    now: datetime
    contact_points: tuple[PlacedContactPoint, ...] = ()
    flag_holds: tuple[FlagHold, ...] = ()
    language: str = "en"
    particulars: Particulars = Particulars()
    row_digest: str = ""
    new_consumer_claims: tuple[ConsumerClaim, ...] = ()


@record
class PlaceHold:
    """Stop work for a reason."""

    hold_id: str
    reason: HoldReason
    source: str
    source_id: str
    now: datetime


@record
class LiftHold:
    """End one hold. The last one lifted from a received account makes it active."""

    hold_id: str
    now: datetime


@record
class LiftHoldsOf:
    """End whatever holds a source placed, such as a dispute that was resolved."""

    source: str
    source_id: str
    now: datetime


@record
class RecordPayment:
    """Write down money that was received; `external_ref` is a digest of the sealed reference.

    It goes to the plan that the account follows; `plan_id` is the plan that the caller names, if
    any. `plan_outstanding` is what the account's plan still asks for, read together with the
    account.
    """

    payment_id: str
    amount: Money
    received_by: Receiver
    received_at: datetime
    instrument: Instrument
    now: datetime
    external_ref: str | None = None
    reference: Sealed | None = None
    plan_id: str | None = None
    plan_outstanding: int | None = None


@record
class ReversePayment:
    """Undo a payment whole. Whether the payment's plan was completed is read with the account."""

    reversal_id: str
    payment_id: str
    reason: ReversalReason
    effective_at: datetime
    now: datetime
    plan_is_completed: bool = False


@record
class RecallAccount:
    """Give the account back to the creditor."""

    reason: RecallReason
    now: datetime


@record
class CloseAccount:
    """End work on the account."""

    reason: CloseReason
    now: datetime


@record
class AttachPlan:
    """Follow a plan that a party or consumer of the account agreed to."""

    plan_id: str
    agreed_with: str
    total: Money
    now: datetime


@record
class DetachPlan:
    """Follow a plan no longer."""

    plan_id: str
    reason: PlanEndReason
    now: datetime


Command = (
    PlaceAccount
    | PlaceHold
    | LiftHold
    | LiftHoldsOf
    | RecordPayment
    | ReversePayment
    | RecallAccount
    | CloseAccount
    | AttachPlan
    | DetachPlan
)
