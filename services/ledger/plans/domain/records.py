"""What may be asked of a plan, and what happens to it."""

from datetime import date, datetime
from typing import Literal

from services.ledger.accounts import domain as accounts
from shared.kernel.money import Money
from shared.kernel.records import event, record

CancelReason = Literal[
    "account_recalled", "account_closed", "requested", "superseded", "payment_reversed"
]


@record
class ProposedInstalment:
    """One date and amount of a plan that is being agreed."""

    number: int
    due_date: date
    amount: Money


@record
class Instalment:
    """One date and amount of an agreed plan, with the instants at which its clock strikes."""

    number: int
    due_date: date
    amount: Money
    due_at: datetime
    missed_at: datetime


@record
class Portion:
    """The part of a payment that went to one instalment, in minor units."""

    number: int
    amount: int


@record
class Opening:
    """An unpaid instalment. `opening` counts how often it was opened, which names its jobs."""

    number: int
    opening: int


@record
class AgreePlan:
    """Agree on instalments; the account agrees to follow them in the same transaction."""

    plan_id: str
    account_id: str
    consumer_ids: tuple[str, ...]
    instalments: tuple[ProposedInstalment, ...]
    total: Money
    agreed_with: str
    zones: tuple[str, ...]
    now: datetime


@record
class FallDue:
    """The due date of an instalment has begun."""

    number: int
    now: datetime


@record
class MissInstalment:
    """The days of grace of an instalment are over."""

    number: int
    now: datetime


@record
class ApplyPayment:
    """Money for the plan was recorded on the account."""

    payment_id: str
    amount: Money
    now: datetime


@record
class UnapplyPayment:
    """A payment was reversed on the account, which may follow a completed plan again."""

    payment_id: str
    now: datetime
    is_taken_up: bool = True


@record
class CancelPlan:
    """End a plan before it is kept."""

    reason: CancelReason
    now: datetime


@record
class FollowAccount:
    """What the account decided just now, in the same transaction."""

    events: tuple[accounts.Event, ...]
    now: datetime


Command = (
    AgreePlan
    | FallDue
    | MissInstalment
    | ApplyPayment
    | UnapplyPayment
    | CancelPlan
    | FollowAccount
)


@event("forbear.ledger.plan-agreed.v1")
class PlanAgreed:
    """A party agreed to pay by instalments; `zones` are where the consumer may be."""

    plan_id: str
    account_id: str
    consumer_ids: tuple[str, ...]
    instalments: tuple[Instalment, ...]
    total: Money
    agreed_with: str
    zones: tuple[str, ...]
    at: datetime


@event("forbear.ledger.instalment-fell-due.v1")
class InstalmentFellDue:
    """An instalment is due today; `outstanding` is what of it is not yet paid."""

    plan_id: str
    account_id: str
    consumer_ids: tuple[str, ...]
    number: int
    due_date: date
    amount: Money
    outstanding: Money
    at: datetime


@event("forbear.ledger.instalment-missed.v1")
class InstalmentMissed:
    """An instalment was not paid whole when its days of grace were over."""

    plan_id: str
    account_id: str
    consumer_ids: tuple[str, ...]
    number: int
    due_date: date
    outstanding: Money
    at: datetime


@event("forbear.ledger.plan-payment-applied.v1")
class PlanPaymentApplied:
    """A payment was spread over instalments; `excess` is what the plan had no room for."""

    plan_id: str
    account_id: str
    consumer_ids: tuple[str, ...]
    payment_id: str
    amount: Money
    portions: tuple[Portion, ...]
    excess: int
    at: datetime


@event("forbear.ledger.instalment-paid.v1")
class InstalmentPaid:
    """An instalment is paid whole, by these payments."""

    plan_id: str
    account_id: str
    consumer_ids: tuple[str, ...]
    number: int
    payment_ids: tuple[str, ...]
    opening: int
    at: datetime


@event("forbear.ledger.plan-payment-unapplied.v1")
class PlanPaymentUnapplied:
    """A reversed payment was taken off the instalments it went to."""

    plan_id: str
    account_id: str
    consumer_ids: tuple[str, ...]
    payment_id: str
    portions: tuple[Portion, ...]
    at: datetime


@event("forbear.ledger.instalment-reopened.v1")
class InstalmentReopened:
    """An instalment that was paid is not any longer; its days of grace begin again."""

    plan_id: str
    account_id: str
    consumer_ids: tuple[str, ...]
    number: int
    due_date: date
    outstanding: Money
    due_at: datetime
    missed_at: datetime
    opening: int
    at: datetime


@event("forbear.ledger.plan-completed.v1")
class PlanCompleted:
    """Every instalment is paid."""

    plan_id: str
    account_id: str
    consumer_ids: tuple[str, ...]
    at: datetime


@event("forbear.ledger.plan-reopened.v1")
class PlanReopened:
    """A completed plan is not any longer, because a payment was reversed."""

    plan_id: str
    account_id: str
    consumer_ids: tuple[str, ...]
    at: datetime


@event("forbear.ledger.plan-cancelled.v1")
class PlanCancelled:
    """The plan ended before it was kept; `unpaid` are the instalments nobody waits for now.

    The reason `payment_reversed` ends a plan that was completed: a payment of it was undone when
    the account could not follow it again.
    """

    plan_id: str
    account_id: str
    consumer_ids: tuple[str, ...]
    reason: CancelReason
    unpaid: tuple[Opening, ...]
    at: datetime


Event = (
    PlanAgreed
    | InstalmentFellDue
    | InstalmentMissed
    | PlanPaymentApplied
    | InstalmentPaid
    | PlanPaymentUnapplied
    | InstalmentReopened
    | PlanCompleted
    | PlanReopened
    | PlanCancelled
)
EVENTS = (
    PlanAgreed,
    InstalmentFellDue,
    InstalmentMissed,
    PlanPaymentApplied,
    InstalmentPaid,
    PlanPaymentUnapplied,
    InstalmentReopened,
    PlanCompleted,
    PlanReopened,
    PlanCancelled,
)
