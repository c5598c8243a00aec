"""What a plan answers once agreed: instalments fall due, are paid, are missed; the plan ends."""

from datetime import datetime

from services.ledger.accounts import domain as accounts
from services.ledger.plans.domain import schedule
from services.ledger.plans.domain.records import (
    ApplyPayment,
    CancelPlan,
    CancelReason,
    Event,
    FallDue,
    FollowAccount,
    InstalmentFellDue,
    InstalmentMissed,
    InstalmentPaid,
    InstalmentReopened,
    MissInstalment,
    Opening,
    PlanCancelled,
    PlanCompleted,
    PlanPaymentApplied,
    PlanPaymentUnapplied,
    PlanReopened,
    Portion,
    UnapplyPayment,
)
from services.ledger.plans.domain.state import Due, Plan, evolve
from shared.kernel.errors import DomainError
from shared.kernel.money import CurrencyMismatch, Money


class PlanNotFound(DomainError):
    """No plan has this id."""

    kind = "not_found"
    code = "plan-not-found"


class InstalmentNotFound(DomainError):
    """The plan has no such instalment."""

    kind = "not_found"
    code = "instalment-not-found"


class PlanIsCompleted(DomainError):
    """A plan that was kept is not cancelled."""

    kind = "conflict"
    code = "plan-completed"


class PlanPaymentConflict(DomainError):
    """The plan has seen this payment with another amount."""

    kind = "conflict"
    code = "payment-conflict"


class PaymentAmount(DomainError):
    """A payment is not positive."""

    kind = "invalid"
    code = "amount-range"


def fall_due(command: FallDue, state: Plan) -> tuple[Event, ...]:
    """Say that an instalment is due, unless it is paid, was said before or the plan is over."""
    due = _instalment(state, command.number)
    is_due = state.status == "active" and due.outstanding > 0 and command.now >= due.due_at
    if not is_due or due.has_fallen_due:
        return ()
    return (
        InstalmentFellDue(
            plan_id=state.plan_id,
            account_id=state.account_id,
            consumer_ids=state.consumer_ids,
            number=due.number,
            due_date=due.due_date,
            amount=Money(amount=due.amount, currency=state.currency),
            outstanding=Money(amount=due.outstanding, currency=state.currency),
            at=command.now,
        ),
    )


def miss(command: MissInstalment, state: Plan) -> tuple[Event, ...]:
    """Say that an instalment was missed, each on its own clock, whatever the later dates are."""
    due = _instalment(state, command.number)
    is_late = state.status == "active" and due.outstanding > 0 and command.now >= due.missed_at
    if not is_late or due.is_missed:
        return ()
    return (
        InstalmentMissed(
            plan_id=state.plan_id,
            account_id=state.account_id,
            consumer_ids=state.consumer_ids,
            number=due.number,
            due_date=due.due_date,
            outstanding=Money(amount=due.outstanding, currency=state.currency),
            at=command.now,
        ),
    )


def apply_payment(command: ApplyPayment, state: Plan) -> tuple[Event, ...]:
    """Fill instalments in order; what one does not need goes to the next."""
    _require_agreed(state)
    if known := state.payments.get(command.payment_id):
        if known.amount == command.amount.amount:
            return ()
        raise PlanPaymentConflict("this payment was applied with another amount")
    if command.amount.currency != state.currency:
        raise CurrencyMismatch(f"the plan is in {state.currency}")
    if command.amount.amount <= 0:
        raise PaymentAmount("a payment must be positive")
    if state.status != "active":
        return ()  # the account has the money; a plan that is over has no room for it
    portions = _portions(command.amount.amount, state.instalments)
    applied = PlanPaymentApplied(
        plan_id=state.plan_id,
        account_id=state.account_id,
        consumer_ids=state.consumer_ids,
        payment_id=command.payment_id,
        amount=command.amount,
        portions=portions,
        excess=command.amount.amount - sum(portion.amount for portion in portions),
        at=command.now,
    )
    after = evolve(state, applied)
    touched = {portion.number for portion in portions}
    paid: tuple[Event, ...] = tuple(
        InstalmentPaid(
            plan_id=state.plan_id,
            account_id=state.account_id,
            consumer_ids=state.consumer_ids,
            number=due.number,
            payment_ids=tuple(due.paid),
            opening=due.opening,
            at=command.now,
        )
        for due in after.instalments
        if due.number in touched and due.outstanding == 0
    )
    if any(due.outstanding for due in after.instalments):
        return (applied, *paid)
    completed = PlanCompleted(
        plan_id=state.plan_id,
        account_id=state.account_id,
        consumer_ids=state.consumer_ids,
        at=command.now,
    )
    return (applied, *paid, completed)


def _portions(amount: int, instalments: tuple[Due, ...]) -> tuple[Portion, ...]:
    portions = []
    left = amount
    for due in instalments:
        part = min(left, due.outstanding)
        if part:
            portions.append(Portion(number=due.number, amount=part))
            left -= part
    return tuple(portions)


def unapply_payment(command: UnapplyPayment, state: Plan) -> tuple[Event, ...]:
    """Take a reversed payment off its instalments; those it had paid are open again.

    Instalments that other payments paid stay paid: the reversal mirrors one payment only. A
    completed plan that its account cannot follow again is over, though not kept: nothing of it
    falls due any more.
    """
    _require_agreed(state)
    known = state.payments.get(command.payment_id)
    if known is None or known.is_unapplied:
        return ()
    unapplied = PlanPaymentUnapplied(
        plan_id=state.plan_id,
        account_id=state.account_id,
        consumer_ids=state.consumer_ids,
        payment_id=command.payment_id,
        portions=tuple(
            Portion(number=due.number, amount=due.paid[command.payment_id])
            for due in state.instalments
            if command.payment_id in due.paid
        ),
        at=command.now,
    )
    if state.status == "cancelled":
        return (unapplied,)
    if state.status == "completed" and not command.is_taken_up:
        return (unapplied, _cancelled(state, "payment_reversed", (), command.now))
    after = evolve(state, unapplied)
    reopened: tuple[Event, ...] = tuple(
        _reopened(now_due, after, command)
        for was_due, now_due in zip(state.instalments, after.instalments, strict=True)
        if was_due.outstanding == 0 and now_due.outstanding > 0
    )
    if state.status != "completed":
        return (unapplied, *reopened)
    back = PlanReopened(
        plan_id=state.plan_id,
        account_id=state.account_id,
        consumer_ids=state.consumer_ids,
        at=command.now,
    )
    return (unapplied, back, *reopened)


def _reopened(due: Due, state: Plan, command: UnapplyPayment) -> InstalmentReopened:
    # The consumer learns of the bounced payment only now, so the days of grace run from today.
    today = schedule.earliest_today(command.now, state.zones)
    return InstalmentReopened(
        plan_id=state.plan_id,
        account_id=state.account_id,
        consumer_ids=state.consumer_ids,
        number=due.number,
        due_date=due.due_date,
        outstanding=Money(amount=due.outstanding, currency=state.currency),
        due_at=due.due_at,
        missed_at=max(due.missed_at, schedule.missed_at(today, state.zones)),
        opening=due.opening + 1,
        at=command.now,
    )


def cancel(command: CancelPlan, state: Plan) -> tuple[Event, ...]:
    """End the plan; nothing falls due or is missed any more.

    A completed plan needs no ending when its account closes; asking to cancel it is a mistake.
    """
    _require_agreed(state)
    if state.status == "completed" and command.reason in ("requested", "superseded"):
        raise PlanIsCompleted("the plan is completed")
    if state.status != "active":
        return ()
    unpaid = tuple(
        Opening(number=due.number, opening=due.opening)
        for due in state.instalments
        if due.outstanding
    )
    return (_cancelled(state, command.reason, unpaid, command.now),)


def _cancelled(
    state: Plan, reason: CancelReason, unpaid: tuple[Opening, ...], now: datetime
) -> PlanCancelled:
    return PlanCancelled(
        plan_id=state.plan_id,
        account_id=state.account_id,
        consumer_ids=state.consumer_ids,
        reason=reason,
        unpaid=unpaid,
        at=now,
    )


def follow(command: FollowAccount, state: Plan) -> tuple[Event, ...]:
    """Do what the account's decision means for this plan, and nothing about any other plan."""
    _require_agreed(state)
    is_taken_up = any(
        isinstance(event, accounts.PlanAttached) and event.plan_id == state.plan_id
        for event in command.events
    )
    happened: tuple[Event, ...] = ()
    for event in command.events:
        further = _following(event, state, command.now, is_taken_up=is_taken_up)
        for each in further:
            state = evolve(state, each)
        happened = (*happened, *further)
    return happened


def _following(
    event: accounts.Event, state: Plan, now: datetime, *, is_taken_up: bool
) -> tuple[Event, ...]:
    match event:
        case accounts.PaymentRecorded(plan_id=state.plan_id):
            paid = ApplyPayment(payment_id=event.payment_id, amount=event.amount, now=now)
            return apply_payment(paid, state)
        case accounts.PaymentReversed(plan_id=state.plan_id):
            undone = UnapplyPayment(payment_id=event.payment_id, now=now, is_taken_up=is_taken_up)
            return unapply_payment(undone, state)
        case accounts.PlanDetached(plan_id=state.plan_id):
            if event.reason == "completed":
                return ()  # follows from the payment
            return cancel(CancelPlan(reason=event.reason, now=now), state)
        case _:
            return ()


def _require_agreed(state: Plan) -> None:
    if state.status == "absent":
        raise PlanNotFound("there is no such plan")


def _instalment(state: Plan, number: int) -> Due:
    _require_agreed(state)
    due = state.instalment(number)
    if due is None:
        raise InstalmentNotFound("the plan has no such instalment")
    return due
