"""Plans: agreed to the cent, followed instalment by instalment."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.ledger.accounts import domain as accounts
from services.ledger.plans import domain as plans
from services.ledger.plans.domain import agreeing, following, schedule
from shared.kernel.errors import DomainError
from shared.kernel.jobs import Cancel, Job
from shared.kernel.money import CurrencyMismatch, Money
from shared.kernel.records import replace
from shared.testing.spec import Spec
from tests.unit.ledger.samples import (
    CONSUMERS,
    NOON,
    TODAY,
    agree_plan,
    agreed,
    attached,
    detached,
    proposed,
    reversed_,
    usd,
)
from tests.unit.ledger.samples import paid as received

spec = Spec(plans.PLANS)
FIRST, SECOND, THIRD = date(2026, 6, 15), date(2026, 7, 15), date(2026, 8, 15)
WHO: dict[str, Any] = {"plan_id": "plan_1", "account_id": "acct_1", "consumer_ids": CONSUMERS}
LATER = datetime(2026, 12, 1, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)


def apply(payment_id: str = "pay_1", amount: int = 1_000) -> plans.ApplyPayment:
    return plans.ApplyPayment(payment_id=payment_id, amount=usd(amount), now=NOON)


def unapply(payment_id: str = "pay_1", now: datetime = NOON) -> plans.UnapplyPayment:
    return plans.UnapplyPayment(payment_id=payment_id, now=now)


def cancel(reason: plans.CancelReason = "requested") -> plans.CancelPlan:
    return plans.CancelPlan(reason=reason, now=NOON)


def applied(
    payment_id: str, amount: int, *portions: tuple[int, int], excess: int = 0
) -> plans.PlanPaymentApplied:
    return plans.PlanPaymentApplied(
        **WHO,
        payment_id=payment_id,
        amount=usd(amount),
        portions=tuple(plans.Portion(number=number, amount=part) for number, part in portions),
        excess=excess,
        at=NOON,
    )


def unapplied(payment_id: str, *portions: tuple[int, int]) -> plans.PlanPaymentUnapplied:
    return plans.PlanPaymentUnapplied(
        **WHO,
        payment_id=payment_id,
        portions=tuple(plans.Portion(number=number, amount=part) for number, part in portions),
        at=NOON,
    )


def paid(number: int, *payment_ids: str, opening: int = 1) -> plans.InstalmentPaid:
    return plans.InstalmentPaid(
        **WHO, number=number, payment_ids=payment_ids, opening=opening, at=NOON
    )


def missed(number: int, due_date: date, outstanding: int, at: datetime) -> plans.InstalmentMissed:
    return plans.InstalmentMissed(
        **WHO, number=number, due_date=due_date, outstanding=usd(outstanding), at=at
    )


def cancelled(*unpaid: int, reason: plans.CancelReason = "requested") -> plans.PlanCancelled:
    return plans.PlanCancelled(
        **WHO,
        reason=reason,
        unpaid=tuple(plans.Opening(number=number, opening=1) for number in unpaid),
        at=NOON,
    )


COMPLETED = plans.PlanCompleted(**WHO, at=NOON)
KEPT = (
    *agreed(),
    applied("pay_1", 3_000, (1, 1_000), (2, 1_000), (3, 1_000)),
    paid(1, "pay_1"),
    paid(2, "pay_1"),
    paid(3, "pay_1"),
    COMPLETED,
)


class TestAgreePlan:
    def test_writes_the_schedule_down(self) -> None:
        (event,) = spec.when(agree_plan()).events()
        assert isinstance(event, plans.PlanAgreed)
        assert [each.due_date for each in event.instalments] == [FIRST, SECOND, THIRD]
        first = event.instalments[0]
        assert first.due_at == datetime(2026, 6, 15, 7, tzinfo=UTC)  # midnight in Los Angeles
        assert first.missed_at == datetime(2026, 6, 19, 7, tzinfo=UTC)

    def test_sets_two_clocks_per_instalment(self) -> None:
        jobs = plans.jobs(agreed()[0])
        assert [(job.key, type(job)) for job in jobs] == [
            (f"{kind}/plan_1/{number}/1", Job)
            for number in (1, 2, 3)
            for kind in ("instalment-due", "instalment-missed")
        ]
        assert isinstance(jobs[0], Job)
        assert jobs[0].arguments == {"plan_id": "plan_1", "number": "1"}

    def test_is_done_once(self) -> None:
        spec.given(*agreed()).when(agree_plan()).then_nothing()

    def test_refuses_other_terms_under_the_same_id(self) -> None:
        other = agree_plan((FIRST, 3_000))
        spec.given(*agreed()).when(other).then_raises(agreeing.PlanConflict)

    def test_may_start_today(self) -> None:
        assert spec.when(agree_plan((TODAY, 3_000))).events()

    def test_may_start_on_the_date_it_still_is_out_west(self) -> None:
        late = agree_plan((TODAY, 3_000), now=datetime(2026, 6, 2, 6, 59, tzinfo=UTC))
        assert spec.when(late).events()
        later = replace(late, now=datetime(2026, 6, 2, 7, tzinfo=UTC))
        spec.when(later).then_raises(agreeing.PlanDates)

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"instalments": ()}, agreeing.InstalmentCount),
            ({"total": usd(2_999)}, agreeing.InstalmentSum),
            ({"total": usd(3_001)}, agreeing.InstalmentSum),
            ({"total": Money(amount=3_000, currency="EUR")}, CurrencyMismatch),
            ({"instalments": proposed((FIRST, 3_001), (SECOND, -1))}, agreeing.InstalmentAmount),
            ({"instalments": proposed((FIRST, 3_000), (SECOND, 0))}, agreeing.InstalmentAmount),
            (
                {"instalments": proposed((FIRST, 1_500), (FIRST, 1_500))},
                agreeing.InstalmentDates,
            ),
            (
                {"instalments": proposed((SECOND, 1_500), (FIRST, 1_500))},
                agreeing.InstalmentDates,
            ),
            ({"instalments": proposed((date(2026, 5, 31), 3_000))}, agreeing.PlanDates),
            ({"instalments": proposed((date(2036, 6, 3), 3_000))}, agreeing.PlanDates),
            ({"instalments": proposed((date(9999, 12, 31), 3_000))}, agreeing.PlanDates),
            (
                {"instalments": tuple(reversed(proposed((FIRST, 1_500), (SECOND, 1_500))))},
                agreeing.InstalmentNumbers,
            ),
        ],
    )
    def test_refuses_terms_that_do_not_hold(
        self, changes: dict[str, Any], error: type[DomainError]
    ) -> None:
        spec.when(agree_plan(**changes)).then_raises(error)

    def test_refuses_more_instalments_than_can_be_followed(self) -> None:
        many = tuple(
            (FIRST + timedelta(days=number), 1) for number in range(agreeing.INSTALMENTS_MAX + 1)
        )
        spec.when(agree_plan(*many)).then_raises(agreeing.InstalmentCount)
        assert spec.when(agree_plan(*many[:-1])).events()


class TestSchedule:
    def test_waits_for_the_day_in_the_westernmost_zone(self) -> None:
        zones = ("America/New_York", "Pacific/Honolulu", "America/Chicago")
        assert schedule.due_at(FIRST, zones) == datetime(2026, 6, 15, 10, tzinfo=UTC)

    def test_takes_the_last_zone_of_the_country_where_none_is_known(self) -> None:
        assert schedule.due_at(FIRST, ()) == datetime(2026, 6, 15, 11, tzinfo=UTC)

    def test_follows_the_clock_change(self) -> None:
        zones = ("America/New_York",)
        assert schedule.missed_at(date(2026, 10, 31), zones) == datetime(2026, 11, 4, 5, tzinfo=UTC)
        assert schedule.due_at(date(2026, 10, 31), zones) == datetime(2026, 10, 31, 4, tzinfo=UTC)


class TestFallDue:
    DUE_AT = datetime(2026, 6, 15, 7, tzinfo=UTC)

    def test_says_so_when_the_day_has_begun(self) -> None:
        command = plans.FallDue(number=1, now=self.DUE_AT)
        spec.given(*agreed(), applied("pay_1", 300, (1, 300))).when(command).then(
            plans.InstalmentFellDue(
                **WHO,
                number=1,
                due_date=FIRST,
                amount=usd(1_000),
                outstanding=usd(700),
                at=self.DUE_AT,
            )
        )

    def test_is_silent_before(self) -> None:
        command = plans.FallDue(number=1, now=self.DUE_AT - A_SECOND)
        spec.given(*agreed()).when(command).then_nothing()

    @pytest.mark.parametrize(
        "past",
        [(applied("pay_1", 1_000, (1, 1_000)), paid(1, "pay_1")), (cancelled(1, 2, 3),)],
        ids=["paid", "cancelled"],
    )
    def test_is_silent_when_nobody_waits(self, past: tuple[plans.Event, ...]) -> None:
        command = plans.FallDue(number=1, now=LATER)
        spec.given(*agreed(), *past).when(command).then_nothing()

    def test_needs_the_instalment_and_the_plan(self) -> None:
        spec.given(*agreed()).when(plans.FallDue(number=4, now=LATER)).then_raises(
            following.InstalmentNotFound
        )
        spec.when(plans.FallDue(number=1, now=LATER)).then_raises(following.PlanNotFound)


class TestMissInstalment:
    MISSED_AT = datetime(2026, 6, 19, 7, tzinfo=UTC)

    def test_comes_after_the_days_of_grace(self) -> None:
        command = plans.MissInstalment(number=1, now=self.MISSED_AT)
        spec.given(*agreed()).when(command).then(missed(1, FIRST, 1_000, self.MISSED_AT))

    def test_does_not_come_before(self) -> None:
        command = plans.MissInstalment(number=1, now=self.MISSED_AT - A_SECOND)
        spec.given(*agreed()).when(command).then_nothing()

    def test_counts_what_was_paid_in_part(self) -> None:
        command = plans.MissInstalment(number=1, now=self.MISSED_AT)
        spec.given(*agreed(), applied("pay_1", 999, (1, 999))).when(command).then(
            missed(1, FIRST, 1, self.MISSED_AT)
        )

    @pytest.mark.parametrize(
        "past",
        [(applied("pay_1", 1_000, (1, 1_000)), paid(1, "pay_1")), (cancelled(1, 2, 3),)],
        ids=["paid", "cancelled"],
    )
    def test_is_nothing_when_nobody_waits(self, past: tuple[plans.Event, ...]) -> None:
        command = plans.MissInstalment(number=1, now=LATER)
        spec.given(*agreed(), *past).when(command).then_nothing()


class TestApplyPayment:
    def test_pays_an_instalment(self) -> None:
        spec.given(*agreed()).when(apply()).then(
            applied("pay_1", 1_000, (1, 1_000)), paid(1, "pay_1")
        )

    def test_stops_the_clocks_of_what_is_paid(self) -> None:
        assert plans.jobs(paid(1, "pay_1")) == (
            Cancel(key="instalment-due/plan_1/1/1"),
            Cancel(key="instalment-missed/plan_1/1/1"),
        )

    def test_adds_parts_up(self) -> None:
        past = (*agreed(), applied("pay_1", 400, (1, 400)))
        spec.given(*past).when(apply("pay_2", 600)).then(
            applied("pay_2", 600, (1, 600)), paid(1, "pay_1", "pay_2")
        )

    def test_goes_on_to_the_next_instalment(self) -> None:
        spec.given(*agreed()).when(apply(amount=1_250)).then(
            applied("pay_1", 1_250, (1, 1_000), (2, 250)), paid(1, "pay_1")
        )

    def test_completes_the_plan_and_keeps_count_of_what_is_over(self) -> None:
        spec.given(*agreed()).when(apply(amount=3_050)).then(
            applied("pay_1", 3_050, (1, 1_000), (2, 1_000), (3, 1_000), excess=50),
            paid(1, "pay_1"),
            paid(2, "pay_1"),
            paid(3, "pay_1"),
            COMPLETED,
        )

    def test_pays_what_was_missed_first(self) -> None:
        past = (*agreed(), missed(1, FIRST, 1_000, LATER))
        spec.given(*past).when(apply()).then(applied("pay_1", 1_000, (1, 1_000)), paid(1, "pay_1"))

    def test_is_done_once(self) -> None:
        past = (*agreed(), applied("pay_1", 400, (1, 400)))
        spec.given(*past).when(apply(amount=400)).then_nothing()

    def test_is_not_done_again_after_its_reversal(self) -> None:
        past = (*agreed(), applied("pay_1", 400, (1, 400)), unapplied("pay_1", (1, 400)))
        spec.given(*past).when(apply(amount=400)).then_nothing()

    @pytest.mark.parametrize("past", [(*agreed(), cancelled(1, 2, 3)), KEPT])
    def test_has_no_room_in_a_plan_that_is_over(self, past: tuple[plans.Event, ...]) -> None:
        spec.given(*past).when(apply("pay_9")).then_nothing()

    def test_refuses_another_amount_of_the_same_payment(self) -> None:
        past = (*agreed(), applied("pay_1", 400, (1, 400)))
        spec.given(*past).when(apply(amount=401)).then_raises(following.PlanPaymentConflict)

    def test_refuses_what_is_no_amount_of_ours(self) -> None:
        spec.given(*agreed()).when(apply(amount=0)).then_raises(following.PaymentAmount)
        euros = replace(apply(), amount=Money(amount=1, currency="EUR"))
        spec.given(*agreed()).when(euros).then_raises(CurrencyMismatch)

    def test_needs_a_plan(self) -> None:
        spec.when(apply()).then_raises(following.PlanNotFound)


class TestUnapplyPayment:
    def test_takes_a_part_back(self) -> None:
        past = (*agreed(), applied("pay_1", 400, (1, 400)))
        spec.given(*past).when(unapply()).then(unapplied("pay_1", (1, 400)))

    def test_opens_what_it_had_paid_and_sets_the_clocks_again(self) -> None:
        past = (*agreed(), applied("pay_1", 1_250, (1, 1_000), (2, 250)), paid(1, "pay_1"))
        reopened = plans.InstalmentReopened(
            **WHO,
            number=1,
            due_date=FIRST,
            outstanding=usd(1_000),
            due_at=datetime(2026, 6, 15, 7, tzinfo=UTC),
            missed_at=datetime(2026, 6, 19, 7, tzinfo=UTC),
            opening=2,
            at=NOON,
        )
        spec.given(*past).when(unapply()).then(unapplied("pay_1", (1, 1_000), (2, 250)), reopened)
        assert [job.key for job in plans.jobs(reopened)] == [
            "instalment-due/plan_1/1/2",
            "instalment-missed/plan_1/1/2",
        ]

    def test_grants_the_days_of_grace_again(self) -> None:
        now = datetime(2026, 9, 1, 12, tzinfo=UTC)
        past = (*agreed(), applied("pay_1", 1_000, (1, 1_000)), paid(1, "pay_1"))
        *_, reopened = spec.given(*past).when(unapply(now=now)).events()
        assert isinstance(reopened, plans.InstalmentReopened)
        assert reopened.missed_at == datetime(2026, 9, 5, 7, tzinfo=UTC)
        past = (*past, unapplied("pay_1", (1, 1_000)), reopened)
        early = plans.MissInstalment(number=1, now=reopened.missed_at - A_SECOND)
        spec.given(*past).when(early).then_nothing()
        late = plans.MissInstalment(number=1, now=reopened.missed_at)
        spec.given(*past).when(late).then(missed(1, FIRST, 1_000, reopened.missed_at))

    def test_leaves_what_others_paid(self) -> None:
        past = (
            *agreed(),
            applied("pay_1", 1_000, (1, 1_000)),
            paid(1, "pay_1"),
            applied("pay_2", 1_000, (2, 1_000)),
            paid(2, "pay_2"),
        )
        events = spec.given(*past).when(unapply()).events()
        state = plans.PLANS.fold((*past, *events))
        assert [due.outstanding for due in state.instalments] == [1_000, 0, 1_000]

    def test_reopens_a_completed_plan(self) -> None:
        events = spec.given(*KEPT).when(unapply()).events()
        assert [type(each).__name__ for each in events] == [
            "PlanPaymentUnapplied",
            "PlanReopened",
            "InstalmentReopened",
            "InstalmentReopened",
            "InstalmentReopened",
        ]
        assert plans.PLANS.fold((*KEPT, *events)).status == "active"

    def test_reopens_nothing_of_a_cancelled_plan(self) -> None:
        past = (
            *agreed(),
            applied("pay_1", 1_000, (1, 1_000)),
            paid(1, "pay_1"),
            cancelled(2, 3),
        )
        spec.given(*past).when(unapply()).then(unapplied("pay_1", (1, 1_000)))

    def test_ends_a_completed_plan_that_its_account_cannot_follow_again(self) -> None:
        command = replace(unapply(), is_taken_up=False)
        spec.given(*KEPT).when(command).then(
            unapplied("pay_1", (1, 1_000), (2, 1_000), (3, 1_000)),
            cancelled(reason="payment_reversed"),
        )

    def test_goes_on_with_an_active_plan_whatever_the_account_says(self) -> None:
        past = (*agreed(), applied("pay_1", 400, (1, 400)))
        command = replace(unapply(), is_taken_up=False)
        spec.given(*past).when(command).then(unapplied("pay_1", (1, 400)))

    def test_finds_nothing_of_a_payment_that_never_came(self) -> None:
        spec.given(*agreed()).when(unapply()).then_nothing()

    def test_needs_a_plan(self) -> None:
        spec.when(unapply()).then_raises(following.PlanNotFound)


class TestCancelPlan:
    def test_ends_it_and_stops_every_clock(self) -> None:
        past = (*agreed(), applied("pay_1", 1_000, (1, 1_000)), paid(1, "pay_1"))
        spec.given(*past).when(cancel()).then(cancelled(2, 3))
        assert [job.key for job in plans.jobs(cancelled(2, 3))] == [
            "instalment-due/plan_1/2/1",
            "instalment-missed/plan_1/2/1",
            "instalment-due/plan_1/3/1",
            "instalment-missed/plan_1/3/1",
        ]

    def test_is_done_once(self) -> None:
        spec.given(*agreed(), cancelled(1, 2, 3)).when(cancel()).then_nothing()

    def test_refuses_to_cancel_what_was_kept(self) -> None:
        spec.given(*KEPT).when(cancel()).then_raises(following.PlanIsCompleted)

    @pytest.mark.parametrize("reason", ["account_closed", "account_recalled"])
    def test_leaves_a_kept_plan_when_its_account_ends(self, reason: plans.CancelReason) -> None:
        spec.given(*KEPT).when(cancel(reason)).then_nothing()

    def test_needs_a_plan(self) -> None:
        spec.when(cancel()).then_raises(following.PlanNotFound)


class TestFollowAccount:
    PAID = received("pay_1", 1_000, {"principal": 1_000}, 9_000, plan_id="plan_1")
    UNDONE = reversed_("pay_1", 3_000, {"principal": 3_000}, 10_000, plan_id="plan_1")

    def follow(self, *events: accounts.Event) -> plans.FollowAccount:
        return plans.FollowAccount(events=events, now=NOON)

    def test_takes_a_payment(self) -> None:
        spec.given(*agreed()).when(self.follow(self.PAID)).then(
            applied("pay_1", 1_000, (1, 1_000)), paid(1, "pay_1")
        )

    def test_is_completed_by_the_last_payment(self) -> None:
        last = replace(self.PAID, amount=usd(3_000))
        command = self.follow(last, detached("completed"))
        assert spec.given(*agreed()).when(command).events() == KEPT[1:]

    def test_takes_nothing_that_is_meant_for_another_plan(self) -> None:
        other = replace(self.PAID, plan_id="plan_2")
        command = self.follow(other, replace(other, plan_id=None), detached("requested", "plan_2"))
        spec.given(*agreed()).when(command).then_nothing()

    def test_is_opened_again_with_its_account(self) -> None:
        command = self.follow(self.UNDONE, attached())
        events = spec.given(*KEPT).when(command).events()
        assert plans.PLANS.fold((*KEPT, *events)).status == "active"

    @pytest.mark.parametrize("also", [(), (attached("plan_2"),)])
    def test_is_over_when_its_account_does_not_follow_it_again(
        self, also: tuple[accounts.Event, ...]
    ) -> None:
        spec.given(*KEPT).when(self.follow(self.UNDONE, *also)).then(
            unapplied("pay_1", (1, 1_000), (2, 1_000), (3, 1_000)),
            cancelled(reason="payment_reversed"),
        )

    @pytest.mark.parametrize("reason", ["account_closed", "account_recalled"])
    def test_ends_with_its_account(self, reason: Any) -> None:
        spec.given(*agreed()).when(self.follow(detached(reason))).then(
            cancelled(1, 2, 3, reason=reason)
        )

    def test_has_nothing_to_do_when_nothing_was_decided(self) -> None:
        spec.given(*agreed()).when(self.follow()).then_nothing()

    def test_needs_a_plan(self) -> None:
        spec.when(self.follow(self.PAID)).then_raises(following.PlanNotFound)
