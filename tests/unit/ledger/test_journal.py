"""Postings: every event balances by itself, and who received the money decides what is due."""

from typing import Any

import pytest

from services.ledger.accounts import domain as accounts
from services.ledger.journal.domain import imbalance, postings, receivable, trial_balance
from tests.unit.ledger.samples import (
    activated,
    closed,
    hold_placed,
    paid,
    placed,
    recalled,
    reversed_,
)

OWED = {"principal": 8_000, "interest": 1_500, "fees": 500}


def totals(*events: accounts.Event) -> dict[str, int]:
    lines = [line for event in events for line in postings(event)]
    assert imbalance(lines) == {}
    return {code: amount for (code, _), amount in trial_balance(lines).items() if amount}


class TestPostings:
    def test_put_a_placed_debt_on_the_books_by_bucket(self) -> None:
        assert totals(*placed()) == {
            "receivable.principal": 8_000,
            "receivable.interest": 1_500,
            "receivable.fees": 500,
            "placed-debt": -10_000,
        }

    @pytest.mark.parametrize(
        ("received_by", "money"),
        [
            ("agency", {"trust-cash": 9_000, "due-to-creditor": -9_000}),
            ("attorney", {"held-by-attorney": 9_000, "due-to-creditor": -9_000}),
            ("platform", {"held-by-platform": 9_000, "due-to-creditor": -9_000}),
            ("creditor", {}),
        ],
    )
    def test_hold_the_money_where_it_arrived(self, received_by: Any, money: dict[str, int]) -> None:
        allocation = {"principal": 8_000, "interest": 1_000}
        payment = paid("pay_1", 9_000, allocation, 1_000, received_by=received_by)
        assert totals(payment) == {
            "receivable.principal": -8_000,
            "receivable.interest": -1_000,
            "placed-debt": 9_000,
            **money,
        }
        undone = reversed_("pay_1", 9_000, allocation, 10_000, received_by=received_by)
        assert totals(payment, undone) == {}

    @pytest.mark.parametrize("exit_event", [recalled(OWED), closed("exhausted", OWED)])
    def test_take_what_is_left_off_the_books_when_the_account_leaves(
        self, exit_event: accounts.Event
    ) -> None:
        assert totals(*placed(), exit_event) == {}

    def test_pass_on_late_money_without_a_claim(self) -> None:
        late = paid("pay_1", 1_000, {"principal": 1_000}, 0, after_exit=True)
        assert totals(*placed(), recalled(OWED), late) == {
            "trust-cash": 1_000,
            "due-to-creditor": -1_000,
        }
        undone = reversed_("pay_1", 1_000, {"principal": 1_000}, 0, after_exit=True)
        assert totals(*placed(), recalled(OWED), late, undone) == {}

    def test_have_nothing_to_say_where_nothing_moves(self) -> None:
        assert not postings(activated())
        assert not postings(hold_placed())
        assert not postings(closed("paid_in_full"))


class TestReceivable:
    def test_is_kept_per_account(self) -> None:
        other = placed({"principal": 700}, account_id="acct_2")
        lines = [line for event in (*placed(), *other) for line in postings(event)]
        assert receivable(lines, "acct_1") == 10_000
        assert receivable(lines, "acct_2") == 700


class TestImbalance:
    def test_names_the_currency_that_is_off(self) -> None:
        lines = postings(placed()[0])
        assert imbalance(lines[1:]) == {"USD": -8_000}
