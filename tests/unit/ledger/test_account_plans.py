"""Which plan an account follows: at most one, and its own payments go to it."""

from typing import Any

import pytest

from services.ledger.accounts import domain as accounts
from services.ledger.accounts.domain import refusals
from services.ledger.accounts.domain.plans import HOLDS_AGAINST_PLANS
from shared.kernel.money import CurrencyMismatch, Money
from shared.kernel.records import replace
from shared.testing.spec import Spec
from tests.unit.ledger.samples import (
    CONSUMERS,
    NOON,
    attach_plan,
    attached,
    closed,
    detached,
    hold_lifted,
    hold_placed,
    paid,
    placed,
    recalled,
    record_payment,
    reverse_payment,
    reversed_,
    usd,
)

spec = Spec(accounts.ACCOUNTS)
OWED = {"principal": 8_000, "interest": 1_500, "fees": 500}
FOLLOWING = (*placed(), attached())
PART, WHOLE = {"principal": 1_000}, {"principal": 3_000}


def pay(amount: int, outstanding: int = 3_000, **changes: Any) -> accounts.RecordPayment:
    return replace(record_payment(amount=amount, plan_outstanding=outstanding), **changes)


def leave(plan_id: str = "plan_1") -> accounts.DetachPlan:
    return accounts.DetachPlan(plan_id=plan_id, reason="requested", now=NOON)


class TestAttachPlan:
    def test_gives_the_account_a_plan_to_follow(self) -> None:
        spec.given(*placed()).when(attach_plan()).then(attached())

    @pytest.mark.parametrize("who", ["pty_1", "cns_1"])
    def test_needs_somebody_on_the_account_to_agree(self, who: str) -> None:
        spec.given(*placed()).when(attach_plan(agreed_with=who)).then(attached())

    @pytest.mark.parametrize("who", ["pty_2", "cns_2", ""])
    def test_refuses_the_word_of_a_stranger(self, who: str) -> None:
        command = attach_plan(agreed_with=who)
        refusal = spec.given(*placed()).when(command).then_raises(refusals.PartyNotOnAccount)
        assert (refusal.code, refusal.pointer) == ("party-not-on-account", "/agreed_with")

    def test_is_done_once(self) -> None:
        spec.given(*FOLLOWING).when(attach_plan()).then_nothing()

    def test_refuses_a_second_plan(self) -> None:
        spec.given(*FOLLOWING).when(attach_plan("plan_2")).then_raises(refusals.PlanExists)

    @pytest.mark.parametrize("reason", ["completed", "requested", "superseded"])
    def test_follows_one_plan_after_another(self, reason: accounts.DetachReason) -> None:
        past = (*FOLLOWING, detached(reason))
        spec.given(*past).when(attach_plan("plan_2")).then(attached("plan_2"))

    @pytest.mark.parametrize("exit_event", [recalled(OWED), closed("exhausted", OWED)])
    def test_is_refused_once_the_account_has_left(self, exit_event: accounts.Event) -> None:
        spec.given(*placed(), exit_event).when(attach_plan()).then_raises(refusals.AccountNotOpen)

    @pytest.mark.parametrize("reason", sorted(HOLDS_AGAINST_PLANS))
    def test_is_refused_while_a_hold_forbids_asking(self, reason: Any) -> None:
        hold = hold_placed(reason=reason)
        past = (*placed(), hold_placed("hold_2", reason="creditor_pause"), hold)
        spec.given(*past).when(attach_plan()).then_raises(refusals.AccountHeld)
        spec.given(*past, hold_lifted(hold)).when(attach_plan()).then(attached())

    def test_is_made_with_an_attorney_too(self) -> None:
        past = (*placed(), hold_placed(reason="attorney"))
        spec.given(*past).when(attach_plan()).then(attached())

    def test_may_ask_for_all_that_is_owed_and_no_more(self) -> None:
        spec.given(*placed()).when(attach_plan(total=usd(10_000))).then(attached())
        over = attach_plan(total=usd(10_001))
        spec.given(*placed()).when(over).then_raises(refusals.PlanExceedsBalance)

    def test_refuses_another_currency(self) -> None:
        euros = attach_plan(total=Money(amount=1, currency="EUR"))
        spec.given(*placed()).when(euros).then_raises(CurrencyMismatch)

    def test_needs_an_account(self) -> None:
        spec.when(attach_plan()).then_raises(refusals.AccountNotFound)


class TestDetachPlan:
    def test_leaves_the_plan(self) -> None:
        spec.given(*FOLLOWING).when(leave()).then(detached("requested"))

    def test_is_done_once(self) -> None:
        spec.given(*FOLLOWING, detached("requested")).when(leave()).then_nothing()

    def test_leaves_no_other_plan(self) -> None:
        spec.given(*FOLLOWING).when(leave("plan_2")).then_nothing()

    def test_needs_an_account(self) -> None:
        spec.when(leave()).then_raises(refusals.AccountNotFound)


class TestRecordPayment:
    TO_PLAN = paid("pay_1", 1_000, PART, 9_000, plan_id="plan_1")

    @pytest.mark.parametrize("named", [None, "plan_1"])
    def test_goes_to_the_plan_that_is_followed(self, named: str | None) -> None:
        spec.given(*FOLLOWING).when(pay(1_000, plan_id=named)).then(self.TO_PLAN)

    @pytest.mark.parametrize(
        "past",
        [placed(), (*placed(), attached("plan_2")), (*FOLLOWING, detached("completed"))],
        ids=["without a plan", "on another plan", "after the plan"],
    )
    def test_refuses_a_plan_that_is_not_followed(self, past: tuple[accounts.Event, ...]) -> None:
        refusal = (
            spec.given(*past).when(pay(1_000, plan_id="plan_1")).then_raises(refusals.PlanNotOpen)
        )
        assert (refusal.code, refusal.pointer) == ("plan-not-open", "/plan_id")

    @pytest.mark.parametrize("amount", [3_000, 3_001])
    def test_completes_the_plan_that_it_fills(self, amount: int) -> None:
        allocation = {"principal": amount}
        spec.given(*FOLLOWING).when(pay(amount)).then(
            paid("pay_1", amount, allocation, 10_000 - amount, plan_id="plan_1"),
            detached("completed"),
        )

    def test_completes_nothing_a_cent_short(self) -> None:
        events = spec.given(*FOLLOWING).when(pay(2_999)).events()
        assert accounts.ACCOUNTS.fold((*FOLLOWING, *events)).open_plan_id == "plan_1"

    @pytest.mark.parametrize(
        ("outstanding", "why"), [(10_000, "completed"), (None, "account_closed")]
    )
    def test_leaves_no_plan_on_a_paid_account(self, outstanding: int | None, why: Any) -> None:
        command = replace(pay(10_000), plan_outstanding=outstanding)
        spec.given(*FOLLOWING).when(command).then(
            paid("pay_1", 10_000, OWED, 0, plan_id="plan_1"), detached(why), closed("paid_in_full")
        )

    def test_is_known_again_by_its_reference_whether_or_not_the_plan_is_named(self) -> None:
        past = (*FOLLOWING, replace(self.TO_PLAN, external_ref="ach-77"), detached("requested"))
        for named in (None, "plan_1"):
            again = pay(1_000, payment_id="pay_2", external_ref="ach-77", plan_id=named)
            spec.given(*past).when(again).then_nothing()

    @pytest.mark.parametrize("how", ["recall", "close"])
    def test_goes_to_no_plan_after_the_account_has_left(self, how: str) -> None:
        exit_event = recalled(OWED) if how == "recall" else closed("exhausted", OWED)
        why: accounts.DetachReason = "account_recalled" if how == "recall" else "account_closed"
        past = (*FOLLOWING, exit_event, detached(why))
        spec.given(*past).when(pay(1_000)).then(paid("pay_1", 1_000, PART, 0, after_exit=True))
        named = pay(1_000, plan_id="plan_1")
        spec.given(*past).when(named).then_raises(refusals.PlanNotOpen)


class TestReversePayment:
    KEPT = (*FOLLOWING, paid("pay_1", 3_000, WHOLE, 7_000, plan_id="plan_1"), detached("completed"))
    UNDONE = reversed_("pay_1", 3_000, WHOLE, 10_000, plan_id="plan_1")
    REVERSE = reverse_payment(plan_is_completed=True)

    def test_follows_the_completed_plan_again(self) -> None:
        spec.given(*self.KEPT).when(self.REVERSE).then(self.UNDONE, attached())

    def test_follows_no_second_plan_beside_a_newer_one(self) -> None:
        spec.given(*self.KEPT, attached("plan_2")).when(self.REVERSE).then(self.UNDONE)

    def test_leaves_a_plan_that_is_still_followed_alone(self) -> None:
        past = (*FOLLOWING, paid("pay_1", 3_000, WHOLE, 7_000, plan_id="plan_1"))
        spec.given(*past).when(reverse_payment()).then(self.UNDONE)

    def test_does_not_take_up_a_plan_that_was_cancelled(self) -> None:
        past = (
            *FOLLOWING,
            paid("pay_1", 3_000, WHOLE, 7_000, plan_id="plan_1"),
            detached("requested"),
        )
        spec.given(*past).when(reverse_payment()).then(self.UNDONE)

    def test_takes_up_nothing_for_an_account_that_has_left(self) -> None:
        past = (*self.KEPT, recalled({"principal": 5_000, "interest": 1_500, "fees": 500}))
        spec.given(*past).when(self.REVERSE).then(
            replace(self.UNDONE, balance=usd(0), after_exit=True)
        )

    def test_follows_the_plan_again_of_an_account_it_opens_again(self) -> None:
        past = (
            *FOLLOWING,
            paid("pay_1", 10_000, OWED, 0, plan_id="plan_1"),
            detached("completed"),
            closed("paid_in_full"),
        )
        spec.given(*past).when(self.REVERSE).then(
            reversed_("pay_1", 10_000, OWED, 10_000, plan_id="plan_1"),
            accounts.AccountReopened(
                account_id="acct_1",
                creditor_id="crd_1",
                consumer_ids=CONSUMERS,
                reason="payment_reversed",
                balance=usd(10_000),
                at=NOON,
            ),
            attached(),
        )


class TestLeaving:
    def test_ends_the_plan_with_a_recall(self) -> None:
        command = accounts.RecallAccount(reason="creditor_request", now=NOON)
        spec.given(*FOLLOWING).when(command).then(recalled(OWED), detached("account_recalled"))

    def test_ends_the_plan_with_a_closing(self) -> None:
        command = accounts.CloseAccount(reason="exhausted", now=NOON)
        spec.given(*FOLLOWING).when(command).then(
            closed("exhausted", OWED), detached("account_closed")
        )

    def test_ends_nothing_twice(self) -> None:
        past = (*FOLLOWING, recalled(OWED), detached("account_recalled"))
        command = accounts.RecallAccount(reason="creditor_request", now=NOON)
        spec.given(*past).when(command).then_nothing()
