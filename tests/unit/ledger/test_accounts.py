"""Accounts: placing, holds, recall and closing. Money is in test_payments."""

import pytest

from services.ledger.accounts import domain as accounts
from services.ledger.accounts.domain import deciding, refusals
from shared.kernel.decider import Claim
from shared.kernel.errors import DomainError
from shared.kernel.money import Money
from shared.kernel.records import replace
from shared.testing.spec import Spec
from tests.unit.ledger.samples import (
    NOON,
    activated,
    closed,
    hold_lifted,
    hold_placed,
    paid,
    place_account,
    placed,
    recalled,
    usd,
)

spec = Spec(accounts.ACCOUNTS)
OWED = {"principal": 8_000, "interest": 1_500, "fees": 500}
ATTORNEY = hold_placed("hold_9", reason="attorney", source="placement", source_id="plc_1")
HELD = placed(flag_holds=(accounts.FlagHold(flag="attorney", hold_id="hold_9"),))
PLACE_HOLD = accounts.PlaceHold(
    hold_id="hold_1", reason="dispute", source="dispute", source_id="dsp_1", now=NOON
)
LIFT = accounts.LiftHold(hold_id="hold_1", now=NOON)
RECALL = accounts.RecallAccount(reason="creditor_request", now=NOON)


def close(reason: accounts.CloseReason = "exhausted") -> accounts.CloseAccount:
    return accounts.CloseAccount(reason=reason, now=NOON)


class TestPlaceAccount:
    def test_activates_an_account_without_flags(self) -> None:
        events = spec.when(place_account()).events()
        assert [type(each).__name__ for each in events] == ["AccountPlaced", "AccountActivated"]
        state = accounts.ACCOUNTS.fold(events)
        assert (state.lifecycle, state.balance) == ("active", usd(10_000))

    @pytest.mark.parametrize("flag", deciding.HOLD_BY_FLAG)
    def test_holds_an_account_for_each_flag_and_does_not_activate_it(
        self, flag: accounts.SpecialFlag
    ) -> None:
        flag_holds = (accounts.FlagHold(flag=flag, hold_id="hold_1"),)
        events = spec.when(place_account(flag_holds=flag_holds)).events()
        state = accounts.ACCOUNTS.fold(events)
        assert state.lifecycle == "received"
        assert state.open_holds["hold_1"].reason == deciding.HOLD_BY_FLAG[flag]

    def test_is_done_once(self) -> None:
        spec.given(*placed()).when(place_account()).then_nothing()

    def test_refuses_another_number_under_the_same_id(self) -> None:
        other = place_account(account_number_digest="digest-other")
        spec.given(*placed()).when(other).then_raises(refusals.AccountConflict)

    @pytest.mark.parametrize(
        ("command", "error"),
        [
            (place_account(balance=usd(9_999)), refusals.AmountMismatch),
            (place_account(balance=usd(10_001)), refusals.AmountMismatch),
            (place_account({"principal": 0}), refusals.AmountRange),
            (place_account({"principal": 200, "fees": -100}), refusals.AmountRange),
            (place_account({"principal": 200, "other2": 100}), refusals.UnknownBucket),
            (
                place_account(balance=Money(amount=10_000, currency="EUR")),
                refusals.CurrencyUnsupported,
            ),
            (place_account(consumer_ids=()), refusals.ConsumerMissing),
            (
                place_account(itemization=replace(place_account().itemization, interest=1)),
                refusals.AmountMismatch,
            ),
        ],
    )
    def test_refuses_what_does_not_add_up(
        self, command: accounts.PlaceAccount, error: type[DomainError]
    ) -> None:
        spec.when(command).then_raises(error)

    def test_claims_the_number_and_the_consumers_first_seen(self) -> None:
        first, *others = spec.when(place_account()).events()
        assert accounts.claims(first) == (
            Claim(kind="account-number", digest="digest-number", target="acct_1"),
            Claim(kind="consumer", digest="digest-consumer", target="cns_1"),
        )
        assert not any(accounts.claims(each) for each in others)

    def test_claims_no_consumer_that_is_known(self) -> None:
        first = spec.when(place_account(new_consumer_claims=())).events()[0]
        assert [claim.kind for claim in accounts.claims(first)] == ["account-number"]


class TestPlaceHold:
    def test_records_the_reason_and_where_it_came_from(self) -> None:
        spec.given(*placed()).when(PLACE_HOLD).then(hold_placed())

    def test_is_done_once(self) -> None:
        spec.given(*placed(), hold_placed()).when(PLACE_HOLD).then_nothing()

    def test_is_the_same_hold_while_the_source_is_the_same(self) -> None:
        again = replace(PLACE_HOLD, hold_id="hold_2")
        spec.given(*placed(), hold_placed()).when(again).then_nothing()

    def test_does_not_revive_a_lifted_hold(self) -> None:
        past = (*placed(), hold_placed(), hold_lifted(hold_placed()))
        spec.given(*past).when(PLACE_HOLD).then_nothing()

    def test_refuses_a_hold_id_that_is_taken(self) -> None:
        other = replace(PLACE_HOLD, reason="fraud_review")
        spec.given(*placed(), hold_placed()).when(other).then_raises(refusals.HoldConflict)

    def test_protects_an_account_that_has_left_too(self) -> None:
        spec.given(*placed(), recalled(OWED)).when(PLACE_HOLD).then(hold_placed())

    def test_needs_an_account(self) -> None:
        spec.when(PLACE_HOLD).then_raises(refusals.AccountNotFound)


class TestLiftHold:
    def test_ends_the_hold(self) -> None:
        spec.given(*placed(), hold_placed()).when(LIFT).then(hold_lifted(hold_placed()))

    def test_is_done_once(self) -> None:
        past = (*placed(), hold_placed(), hold_lifted(hold_placed()))
        spec.given(*past).when(LIFT).then_nothing()

    def test_refuses_a_hold_that_never_was(self) -> None:
        spec.given(*placed()).when(LIFT).then_raises(refusals.HoldNotFound)

    def test_activates_a_received_account_with_its_last_hold(self) -> None:
        lift = replace(LIFT, hold_id="hold_9")
        spec.given(*HELD).when(lift).then(hold_lifted(ATTORNEY), activated())

    def test_leaves_a_received_account_inactive_while_another_hold_stands(self) -> None:
        lift = replace(LIFT, hold_id="hold_9")
        spec.given(*HELD, hold_placed()).when(lift).then(hold_lifted(ATTORNEY))


class TestLiftHoldsOf:
    LIFT_OF = accounts.LiftHoldsOf(source="dispute", source_id="dsp_1", now=NOON)

    def test_ends_every_hold_of_the_source_and_no_other(self) -> None:
        past = (*HELD, hold_placed())
        spec.given(*past).when(self.LIFT_OF).then(hold_lifted(hold_placed()))

    def test_finds_nothing_when_nothing_is_held(self) -> None:
        spec.given(*HELD).when(self.LIFT_OF).then_nothing()

    def test_needs_an_account(self) -> None:
        spec.when(self.LIFT_OF).then_raises(refusals.AccountNotFound)


class TestRecallAccount:
    def test_gives_the_account_back_with_what_is_owed(self) -> None:
        spec.given(*placed()).when(RECALL).then(recalled(OWED))

    def test_is_done_once(self) -> None:
        spec.given(*placed(), recalled(OWED)).when(RECALL).then_nothing()

    def test_refuses_a_closed_account(self) -> None:
        past = (*placed(), closed("exhausted", OWED))
        spec.given(*past).when(RECALL).then_raises(refusals.AccountIsClosed)

    def test_needs_an_account(self) -> None:
        spec.when(RECALL).then_raises(refusals.AccountNotFound)


class TestCloseAccount:
    def test_gives_back_what_is_owed(self) -> None:
        spec.given(*placed()).when(close()).then(closed("exhausted", OWED))

    def test_is_done_once(self) -> None:
        past = (*placed(), closed("exhausted", OWED))
        spec.given(*past).when(close()).then_nothing()

    def test_refuses_another_reason_afterwards(self) -> None:
        past = (*placed(), closed("exhausted", OWED))
        spec.given(*past).when(close("untraceable")).then_raises(refusals.AccountIsClosed)

    def test_refuses_a_recalled_account(self) -> None:
        past = (*placed(), recalled(OWED))
        spec.given(*past).when(close()).then_raises(refusals.AccountIsRecalled)

    def test_refuses_to_call_paid_what_is_not(self) -> None:
        spec.given(*placed()).when(close("paid_in_full")).then_raises(refusals.BalanceRemains)

    def test_finds_a_paid_account_closed(self) -> None:
        past = (*placed(), paid("pay_1", 10_000, OWED, 0), closed("paid_in_full"))
        spec.given(*past).when(close("paid_in_full")).then_nothing()
