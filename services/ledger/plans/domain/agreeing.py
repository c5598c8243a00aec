"""What it takes to agree on a plan: terms that add up. The account says whether it may have one."""

from datetime import timedelta

from services.ledger.plans.domain import schedule
from services.ledger.plans.domain.records import AgreePlan, Event, Instalment, PlanAgreed
from services.ledger.plans.domain.state import Plan
from shared.kernel.errors import DomainError
from shared.kernel.money import CurrencyMismatch

INSTALMENTS_MAX = 120
PLAN_DAYS_MAX = 3653  # ten years


class PlanConflict(DomainError):
    """The id belongs to a plan with other terms."""

    kind = "conflict"
    code = "plan-conflict"


class InstalmentCount(DomainError):
    """A plan has no instalments or too many."""

    kind = "invalid"
    code = "instalment-count"


class InstalmentNumbers(DomainError):
    """Instalments are numbered from one, without a gap."""

    kind = "invalid"
    code = "instalment-numbers"


class InstalmentAmount(DomainError):
    """An instalment asks for nothing, or for less."""

    kind = "invalid"
    code = "amount-range"


class InstalmentSum(DomainError):
    """The instalments do not add up to the total, to the cent."""

    kind = "invalid"
    code = "amount-mismatch"


class InstalmentDates(DomainError):
    """Due dates do not increase."""

    kind = "invalid"
    code = "date-order"


class PlanDates(DomainError):
    """A plan starts in the past or ends too far ahead."""

    kind = "invalid"
    code = "date-range"


def agree(command: AgreePlan, state: Plan) -> tuple[Event, ...]:
    """Write the schedule down, with the instants at which each instalment falls due and lapses."""
    if state.status != "absent":
        if _is_same(command, state):
            return ()
        raise PlanConflict("this plan was agreed with other terms")
    _check_amounts(command)
    _check_dates(command)
    return (
        PlanAgreed(
            plan_id=command.plan_id,
            account_id=command.account_id,
            consumer_ids=command.consumer_ids,
            instalments=tuple(
                Instalment(
                    number=each.number,
                    due_date=each.due_date,
                    amount=each.amount,
                    due_at=schedule.due_at(each.due_date, command.zones),
                    missed_at=schedule.missed_at(each.due_date, command.zones),
                )
                for each in command.instalments
            ),
            total=command.total,
            agreed_with=command.agreed_with,
            zones=command.zones,
            at=command.now,
        ),
    )


def _is_same(command: AgreePlan, state: Plan) -> bool:
    asked = [(each.number, each.due_date, each.amount.amount) for each in command.instalments]
    agreed = [(each.number, each.due_date, each.amount) for each in state.instalments]
    return command.account_id == state.account_id and asked == agreed


def _check_amounts(command: AgreePlan) -> None:
    if not 1 <= len(command.instalments) <= INSTALMENTS_MAX:
        raise InstalmentCount(
            f"a plan has 1 to {INSTALMENTS_MAX} instalments", pointer="/instalments"
        )
    currency = command.total.currency
    for index, each in enumerate(command.instalments):
        if each.number != index + 1:
            raise InstalmentNumbers(
                "instalments are numbered 1, 2, 3 …", pointer=f"/instalments/{index}/number"
            )
        if each.amount.amount <= 0:
            raise InstalmentAmount(
                "an instalment must be positive", pointer=f"/instalments/{index}/amount_minor"
            )
        if each.amount.currency != currency:
            raise CurrencyMismatch(f"the plan is in {currency}", pointer="/currency")
    if sum(each.amount.amount for each in command.instalments) != command.total.amount:
        raise InstalmentSum("the instalments must add up to the total", pointer="/total_minor")


def _check_dates(command: AgreePlan) -> None:
    dates = [each.due_date for each in command.instalments]
    for index, (day, following) in enumerate(zip(dates, dates[1:], strict=False)):
        if following <= day:
            raise InstalmentDates(
                "each due date must be later than the one before",
                pointer=f"/instalments/{index + 1}/due_date",
            )
    today = schedule.earliest_today(command.now, command.zones)
    if dates[0] < today:
        raise PlanDates("a plan does not start in the past", pointer="/instalments/0/due_date")
    if dates[-1] > today + timedelta(days=PLAN_DAYS_MAX):
        raise PlanDates(
            f"a plan ends within {PLAN_DAYS_MAX} days",
            pointer=f"/instalments/{len(dates) - 1}/due_date",
        )
