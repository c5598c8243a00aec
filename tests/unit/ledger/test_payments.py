"""Money on an account: recorded exactly once, allocated to the cent, reversed at most once."""

from datetime import timedelta
from typing import Any

import pytest

from services.ledger.accounts import domain as accounts
from services.ledger.accounts.domain import refusals
from services.ledger.accounts.domain.payments import EXTINGUISHED
from shared.kernel.money import CurrencyMismatch, Money
from shared.kernel.records import replace
from shared.testing.spec import Spec
from tests.unit.ledger.samples import (
    CONSUMERS,
    NOON,
    activated,
    closed,
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
A_MOMENT = timedelta(microseconds=1)
REOPENED = accounts.AccountReopened(
    account_id="acct_1",
    creditor_id="crd_1",
    consumer_ids=CONSUMERS,
    reason="payment_reversed",
    balance=usd(10_000),
    at=NOON,
)


class TestRecordPayment:
    def test_reduces_principal_first(self) -> None:
        spec.given(*placed()).when(record_payment(amount=1_000)).then(
            paid("pay_1", 1_000, {"principal": 1_000}, 9_000)
        )

    def test_goes_on_to_interest_and_fees(self) -> None:
        spec.given(*placed()).when(record_payment(amount=9_600)).then(
            paid("pay_1", 9_600, {"principal": 8_000, "interest": 1_500, "fees": 100}, 400)
        )

    def test_closes_the_account_it_clears_by_an_event(self) -> None:
        spec.given(*placed()).when(record_payment(amount=10_000)).then(
            paid("pay_1", 10_000, OWED, 0), closed("paid_in_full")
        )

    def test_is_done_once_by_its_id(self) -> None:
        past = (*placed(), paid("pay_1", 1_000, {"principal": 1_000}, 9_000))
        spec.given(*past).when(record_payment(amount=1_000)).then_nothing()

    def test_is_done_once_by_its_reference_under_whatever_id(self) -> None:
        first = paid("pay_1", 1_000, {"principal": 1_000}, 9_000, external_ref="ach-77")
        again = record_payment("pay_2", 1_000, external_ref="ach-77")
        spec.given(*placed(), first).when(again).then_nothing()

    @pytest.mark.parametrize(
        "changes",
        [
            {"amount": usd(999)},
            {"received_by": "creditor"},
            {"instrument": "card"},
            {"received_at": NOON - A_MOMENT},
            {"plan_id": "plan_1"},
        ],
        ids=lambda changes: next(iter(changes)),
    )
    def test_refuses_other_particulars_under_the_same_reference(
        self, changes: dict[str, Any]
    ) -> None:
        first = paid("pay_1", 1_000, {"principal": 1_000}, 9_000, external_ref="ach-77")
        other = replace(
            record_payment("pay_2", 1_000, external_ref="ach-77"),
            **changes,
        )
        spec.given(*placed(), first).when(other).then_raises(refusals.PaymentConflict)

    def test_takes_two_payments_without_a_reference_for_two(self) -> None:
        past = (*placed(), paid("pay_1", 1_000, {"principal": 1_000}, 9_000))
        spec.given(*past).when(record_payment("pay_2", 1_000)).then(
            paid("pay_2", 1_000, {"principal": 1_000}, 8_000)
        )

    def test_refuses_more_than_is_owed(self) -> None:
        over = record_payment(amount=10_001)
        refusal = spec.given(*placed()).when(over).then_raises(refusals.PaymentExceedsBalance)
        assert refusal.code == "payment-exceeds-balance"

    @pytest.mark.parametrize("amount", [0, -1])
    def test_refuses_what_is_no_amount(self, amount: int) -> None:
        command = record_payment(amount=amount)
        spec.given(*placed()).when(command).then_raises(refusals.AmountRange)

    def test_refuses_another_currency(self) -> None:
        euros = replace(record_payment(), amount=Money(amount=1, currency="EUR"))
        spec.given(*placed()).when(euros).then_raises(CurrencyMismatch)

    def test_refuses_money_from_the_future(self) -> None:
        command = record_payment(received_at=NOON + A_MOMENT)
        spec.given(*placed()).when(command).then_raises(refusals.TimeOutOfOrder)

    def test_is_taken_while_the_account_is_held(self) -> None:
        spec.given(*placed(), hold_placed()).when(record_payment()).then(
            paid("pay_1", 1_000, {"principal": 1_000}, 9_000)
        )

    @pytest.mark.parametrize(
        "exit_event", [recalled(OWED), closed("exhausted", OWED)], ids=["recalled", "closed"]
    )
    def test_is_still_taken_after_the_account_has_left(self, exit_event: accounts.Event) -> None:
        spec.given(*placed(), exit_event).when(record_payment(amount=8_100)).then(
            paid("pay_1", 8_100, {"principal": 8_000, "interest": 100}, 0, after_exit=True)
        )

    def test_takes_no_more_than_was_owed_after_the_account_has_left(self) -> None:
        past = (
            *placed(),
            recalled(OWED),
            paid("pay_1", 10_000, OWED, 0, after_exit=True),
        )
        over = record_payment("pay_2", 1)
        spec.given(*past).when(over).then_raises(refusals.PaymentExceedsBalance)

    @pytest.mark.parametrize("reason", sorted(EXTINGUISHED - {"paid_in_full"}))
    def test_refuses_money_for_a_debt_that_is_no_more(self, reason: accounts.CloseReason) -> None:
        past = (*placed(), closed(reason, OWED))
        spec.given(*past).when(record_payment()).then_raises(refusals.PaymentExceedsBalance)

    def test_needs_an_account(self) -> None:
        spec.when(record_payment()).then_raises(refusals.AccountNotFound)


class TestReversePayment:
    PART = paid("pay_1", 9_000, {"principal": 8_000, "interest": 1_000}, 1_000)
    WHOLE = (paid("pay_1", 10_000, OWED, 0), closed("paid_in_full"))

    def test_gives_back_what_the_payment_took(self) -> None:
        spec.given(*placed(), self.PART).when(reverse_payment()).then(
            reversed_("pay_1", 9_000, {"principal": 8_000, "interest": 1_000}, 10_000)
        )

    def test_opens_again_what_the_payment_had_paid_off(self) -> None:
        spec.given(*placed(), *self.WHOLE).when(reverse_payment()).then(
            reversed_("pay_1", 10_000, OWED, 10_000), REOPENED
        )
        state = accounts.ACCOUNTS.fold(
            (*placed(), *self.WHOLE, reversed_("pay_1", 10_000, OWED, 10_000), REOPENED)
        )
        assert (state.lifecycle, state.balance) == ("active", usd(10_000))

    def test_activates_what_was_paid_off_while_held(self) -> None:
        flag_holds = (accounts.FlagHold(flag="military", hold_id="hold_9"),)
        hold = hold_placed(
            "hold_9", reason="vulnerability_review", source="placement", source_id="plc_1"
        )
        past = (*placed(flag_holds=flag_holds), *self.WHOLE, hold_lifted(hold))
        spec.given(*past).when(reverse_payment()).then(
            reversed_("pay_1", 10_000, OWED, 10_000), REOPENED, activated()
        )

    def test_keeps_held_what_was_paid_off_while_held(self) -> None:
        flag_holds = (accounts.FlagHold(flag="military", hold_id="hold_9"),)
        past = (*placed(flag_holds=flag_holds), *self.WHOLE)
        events = spec.given(*past).when(reverse_payment()).events()
        assert accounts.ACCOUNTS.fold((*past, *events)).lifecycle == "received"

    def test_is_done_once(self) -> None:
        undone = reversed_("pay_1", 9_000, {"principal": 8_000, "interest": 1_000}, 10_000)
        spec.given(*placed(), self.PART, undone).when(reverse_payment()).then_nothing()

    def test_refuses_a_second_reversal(self) -> None:
        undone = reversed_("pay_1", 9_000, {"principal": 8_000, "interest": 1_000}, 10_000)
        second = reverse_payment(reversal_id="rev_2")
        past = (*placed(), self.PART, undone)
        spec.given(*past).when(second).then_raises(refusals.PaymentAlreadyReversed)

    def test_refuses_a_reversal_id_that_is_taken(self) -> None:
        past = (
            *placed(),
            self.PART,
            paid("pay_2", 100, {"interest": 100}, 900),
            reversed_("pay_1", 9_000, {"principal": 8_000, "interest": 1_000}, 9_900),
        )
        spec.given(*past).when(reverse_payment("pay_2")).then_raises(refusals.ReversalConflict)

    def test_refuses_a_payment_that_never_was(self) -> None:
        spec.given(*placed()).when(reverse_payment()).then_raises(refusals.PaymentNotFound)

    @pytest.mark.parametrize("effective_at", [NOON - A_MOMENT, NOON + A_MOMENT])
    def test_takes_effect_between_the_payment_and_now(self, effective_at: Any) -> None:
        command = reverse_payment(effective_at=effective_at)
        spec.given(*placed(), self.PART).when(command).then_raises(refusals.TimeOutOfOrder)

    def test_does_not_bring_back_what_has_left(self) -> None:
        allocation = {"principal": 8_000, "interest": 1_000}
        past = (*placed(), self.PART, recalled({"interest": 500, "fees": 500}))
        spec.given(*past).when(reverse_payment()).then(
            reversed_("pay_1", 9_000, allocation, 0, after_exit=True)
        )

    def test_does_not_count_as_the_same_payment_again(self) -> None:
        undone = reversed_("pay_1", 9_000, {"principal": 8_000, "interest": 1_000}, 10_000)
        past = (*placed(), self.PART, undone)
        spec.given(*past).when(record_payment("pay_1", 9_000)).then_nothing()

    def test_needs_an_account(self) -> None:
        spec.when(reverse_payment()).then_raises(refusals.AccountNotFound)
