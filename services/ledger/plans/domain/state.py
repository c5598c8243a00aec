"""What deciding about a plan needs, folded from its events."""

from datetime import date, datetime
from typing import Literal, assert_never

from services.ledger.plans.domain.records import (
    Event,
    Instalment,
    InstalmentFellDue,
    InstalmentMissed,
    InstalmentPaid,
    InstalmentReopened,
    PlanAgreed,
    PlanCancelled,
    PlanCompleted,
    PlanPaymentApplied,
    PlanPaymentUnapplied,
    PlanReopened,
    Portion,
)
from shared.kernel.records import record, replace

Status = Literal["absent", "active", "completed", "cancelled"]


@record
class Due:
    """One instalment: its terms, what came in for it by payment, and how its clock stands."""

    number: int
    due_date: date
    amount: int
    due_at: datetime
    missed_at: datetime
    paid: dict[str, int] = {}
    has_fallen_due: bool = False
    is_missed: bool = False
    opening: int = 1

    @property
    def outstanding(self) -> int:
        """Return what is not yet paid."""
        return self.amount - sum(self.paid.values())


@record
class Applied:
    """A payment the plan has seen; a reversed one is kept so that a late repeat does nothing."""

    amount: int
    is_unapplied: bool = False


@record
class Plan:
    """One agreed plan."""

    plan_id: str = ""
    account_id: str = ""
    consumer_ids: tuple[str, ...] = ()
    currency: str = ""
    zones: tuple[str, ...] = ()
    status: Status = "absent"
    instalments: tuple[Due, ...] = ()
    payments: dict[str, Applied] = {}

    @property
    def outstanding(self) -> int:
        """Return what is not yet paid of all of it."""
        return sum(each.outstanding for each in self.instalments)

    def instalment(self, number: int) -> Due | None:
        """Find an instalment by its number."""
        return next((each for each in self.instalments if each.number == number), None)


def evolve(state: Plan, event: Event) -> Plan:
    """Apply one fact."""
    match event:
        case PlanAgreed():
            return _agreed(event)
        case InstalmentFellDue() | InstalmentMissed():
            is_missed = isinstance(event, InstalmentMissed)
            return _changed(state, event.number, has_fallen_due=True, is_missed=is_missed)
        case PlanPaymentApplied():
            seen = Applied(amount=event.amount.amount)
            moved = _spread(state, event.payment_id, event.portions)
            return replace(moved, payments={**state.payments, event.payment_id: seen})
        case InstalmentPaid():
            return state  # follows from the portions
        case PlanPaymentUnapplied():
            taken = sum(portion.amount for portion in event.portions)
            seen = state.payments.get(event.payment_id, Applied(amount=taken))
            undone = replace(seen, is_unapplied=True)
            return replace(
                _gathered(state, event.payment_id),
                payments={**state.payments, event.payment_id: undone},
            )
        case InstalmentReopened():
            return _changed(
                state,
                event.number,
                is_missed=False,
                missed_at=event.missed_at,
                opening=event.opening,
            )
        case PlanCompleted():
            return replace(state, status="completed")
        case PlanReopened():
            return replace(state, status="active")
        case PlanCancelled():
            return replace(state, status="cancelled")
        case _:
            assert_never(event)


def _agreed(event: PlanAgreed) -> Plan:
    return Plan(
        plan_id=event.plan_id,
        account_id=event.account_id,
        consumer_ids=event.consumer_ids,
        currency=event.total.currency,
        zones=event.zones,
        status="active",
        instalments=tuple(_due(each) for each in event.instalments),
    )


def _due(agreed: Instalment) -> Due:
    return Due(
        number=agreed.number,
        due_date=agreed.due_date,
        amount=agreed.amount.amount,
        due_at=agreed.due_at,
        missed_at=agreed.missed_at,
    )


def _changed(state: Plan, number: int, **changes: object) -> Plan:
    return replace(
        state,
        instalments=tuple(
            replace(each, **changes) if each.number == number else each
            for each in state.instalments
        ),
    )


def _spread(state: Plan, payment_id: str, portions: tuple[Portion, ...]) -> Plan:
    amounts = {portion.number: portion.amount for portion in portions}
    return replace(
        state,
        instalments=tuple(
            replace(each, paid={**each.paid, payment_id: amounts[each.number]})
            if each.number in amounts
            else each
            for each in state.instalments
        ),
    )


def _gathered(state: Plan, payment_id: str) -> Plan:
    return replace(
        state,
        instalments=tuple(
            replace(each, paid={key: part for key, part in each.paid.items() if key != payment_id})
            for each in state.instalments
        ),
    )
