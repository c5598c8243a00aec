"""What users of other systems complained about, as tests; the numbers are theirs.

R3 a paid bucket hides the others, R5 only the last date counts, R6 missed on the due day, R8
withdrawn accounts are still worked, R18 an amount of zero ends a case without a word.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.accounts import domain as accounts
from services.ledger.accounts.domain.refusals import AccountNotOpen, PaymentExceedsBalance
from services.ledger.journal.domain import postings, trial_balance
from services.ledger.plans import domain as plans
from shared.location.zones import US_ZONES, load
from shared.testing.spec import Spec
from tests.unit.ledger.samples import (
    NOON,
    agreed,
    attach_plan,
    closed,
    paid,
    placed,
    recalled,
    record_payment,
)

OWED = {"principal": 8_000, "interest": 1_500, "fees": 500}
account = Spec(accounts.ACCOUNTS)
plan = Spec(plans.PLANS)


class TestR3PayingOneBucket:
    def test_leaves_the_others_owed(self) -> None:
        events = account.given(*placed()).when(record_payment(amount=8_000)).events()
        state = accounts.ACCOUNTS.fold((*placed(), *events))
        assert state.owed == {"interest": 1_500, "fees": 500}
        assert state.lifecycle == "active"
        lines = [line for event in (*placed(), *events) for line in postings(event)]
        assert trial_balance(lines)["receivable.interest", "USD"] == 1_500


class TestR5EachInstalment:
    def test_is_missed_on_its_own_date_and_not_the_last_one(self) -> None:
        for number, day in enumerate(("2026-06-19", "2026-07-19", "2026-08-19"), start=1):
            at = datetime.fromisoformat(f"{day}T07:00:00+00:00")
            command = plans.MissInstalment(number=number, now=at)
            (event,) = plan.given(*agreed()).when(command).events()
            assert isinstance(event, plans.InstalmentMissed)
            early = plans.MissInstalment(number=number, now=at - timedelta(seconds=1))
            plan.given(*agreed()).when(early).then_nothing()


class TestR6TheDueDay:
    @given(
        st.lists(st.sampled_from(sorted(US_ZONES)), max_size=4).map(tuple),
        st.dates(date(2026, 6, 3), date(2036, 1, 1)),
        st.integers(0, 24 * 60 - 1),
    )
    def test_is_never_over_before_it_is_over_everywhere(
        self, zones: tuple[str, ...], due_date: date, minute: int
    ) -> None:
        events = agreed((due_date, 1_000), zones=zones)
        for zone in zones or ("Pacific/Pago_Pago",):
            local = datetime(due_date.year, due_date.month, due_date.day, tzinfo=load(zone))
            at = (local + timedelta(minutes=minute)).astimezone(UTC)
            if at.astimezone(load(zone)).date() != due_date:
                continue  # a minute that the clock change skipped
            plan.given(*events).when(plans.MissInstalment(number=1, now=at)).then_nothing()


class TestR8AnAccountThatLeft:
    @pytest.mark.parametrize("exit_event", [recalled(OWED), closed("exhausted", OWED)])
    def test_is_agreed_upon_and_worked_no_more(self, exit_event: accounts.Event) -> None:
        state = accounts.ACCOUNTS.fold((*placed(), exit_event))
        assert state.balance.amount == 0
        account.given(*placed(), exit_event).when(attach_plan()).then_raises(AccountNotOpen)

    def test_is_not_missed_from(self) -> None:
        cancel = plans.CancelPlan(reason="account_recalled", now=NOON)
        past = (*agreed(), *plan.given(*agreed()).when(cancel).events())
        for number in (1, 2, 3):
            late = datetime(2030, 1, 1, tzinfo=UTC)
            plan.given(*past).when(plans.FallDue(number=number, now=late)).then_nothing()
            plan.given(*past).when(plans.MissInstalment(number=number, now=late)).then_nothing()


class TestR18NothingOwed:
    def test_ends_an_account_by_an_event_of_its_own(self) -> None:
        last = paid("pay_1", 10_000, OWED, 0)
        account.given(*placed()).when(record_payment(amount=10_000)).then(
            last, closed("paid_in_full")
        )
        assert accounts.ACCOUNTS.fold((*placed(), last)).lifecycle == "active"

    def test_is_not_a_command(self) -> None:
        with pytest.raises(Exception, match="positive"):
            account.given(*placed()).when(record_payment(amount=0)).events()

    def test_takes_no_more_money(self) -> None:
        past = (*placed(), paid("pay_1", 10_000, OWED, 0), closed("paid_in_full"))
        command = record_payment("pay_2", 1)
        account.given(*past).when(command).then_raises(PaymentExceedsBalance)
