"""Limitation periods and their date arithmetic, by the packs that ship with the rules."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.compliance.rules.facts import DebtHistory, MilitaryService
from services.compliance.rules.limitation import (
    limitation,
    period_of,
    served_days,
    years_after,
)
from services.compliance.rules.pack import Terms
from tests.unit.compliance.samples import BOOK

STATES = 51


def terms(state: str) -> Terms:
    (found,) = (
        each
        for pack in BOOK.packs
        if pack.jurisdiction == state
        for each in pack.terms
        if each.rule == "limitation-period"
    )
    return found


def history(**known: Any) -> DebtHistory:
    return DebtHistory(account_id="acct_1", **known)


class TestPeriods:
    def test_are_there_for_every_state_and_the_capital(self) -> None:
        assert len(BOOK.periods) == STATES
        assert {"CA", "DC", "WY"} <= BOOK.periods

    @pytest.mark.parametrize(
        ("state", "known", "years", "is_verified", "reason"),
        [
            ("CA", {"contract": "written"}, 4, True, "written"),
            ("CA", {}, 2, True, "oral"),  # nobody knows the contract: the shortest
            ("NY", {"contract": "written"}, 3, True, "consumer_credit"),
            ("NY", {"contract": "consumer_credit"}, 3, True, "consumer_credit"),
            ("OH", {"contract": "oral"}, 4, True, "oral"),
            ("OH", {"contract": "consumer_transaction"}, 6, True, "consumer_transaction"),
            ("KY", {"contract": "written", "executed_on": date(2013, 5, 1)}, 15, False,
             "executed_before_2014-07-15"),
            ("KY", {"contract": "written", "executed_on": date(2014, 7, 15)}, 15, False,
             "executed_before_2014-07-15"),
            ("KY", {"contract": "written", "executed_on": date(2014, 7, 16)}, 10, True, "written"),
            ("KY", {"contract": "written"}, 10, True, "written"),
            ("VA", {"contract": "written", "is_signed": False}, 3, True, "not_signed"),
            ("VA", {"contract": "written", "is_signed": True}, 5, True, "written"),
            ("VA", {"contract": "written"}, 3, True, "not_signed"),
            ("GA", {"contract": "open"}, 4, True, "open"),
            ("AL", {"contract": "open"}, 3, False, "open"),
            ("CO", {"contract": "written"}, 3, True, "consumer_credit"),
        ],
    )  # fmt: skip
    def test_are_the_shortest_that_may_apply(
        self, state: str, known: dict[str, Any], years: int, is_verified: bool, reason: str
    ) -> None:
        found = period_of(terms(state), history(**known))
        assert found is not None
        assert (found.years, found.is_verified, found.reason) == (years, is_verified, reason)

    def test_of_a_judgment_are_not_known(self) -> None:
        assert period_of(terms("CA"), history(contract="judgment")) is None


class TestLastDay:
    """The vectors of the catalogue's date arithmetic, and edges beside them."""

    @pytest.mark.parametrize(
        ("state", "contract", "accrued", "last", "barred"),
        [
            ("CA", "written", date(2022, 6, 15), date(2026, 6, 15), date(2026, 6, 16)),
            ("IL", "open", date(2021, 2, 28), date(2026, 2, 28), date(2026, 3, 1)),
            ("WA", "written", date(2020, 2, 29), date(2026, 2, 28), date(2026, 3, 1)),
            ("WA", "written", date(2022, 2, 28), date(2028, 2, 28), date(2028, 2, 29)),
            ("NY", "consumer_credit", date(2023, 3, 1), date(2026, 3, 1), date(2026, 3, 2)),
        ],
    )
    def test_is_the_same_day_years_later(
        self, state: str, contract: Any, accrued: date, last: date, barred: date
    ) -> None:
        found = limitation(terms(state), history(contract=contract, defaulted_on=accrued))
        assert found is not None
        assert (found.last_timely_day, found.barred_from) == (last, barred)

    def test_of_an_ohio_consumer_transaction_runs_from_thirty_days_after_activity(self) -> None:
        found = limitation(
            terms("OH"),
            history(
                contract="consumer_transaction",
                last_charge_on=date(2021, 8, 1),
                last_payment_on=date(2021, 9, 10),
            ),
        )
        assert found is not None
        assert found.accrued_on == date(2021, 10, 10)
        assert found.last_timely_day == date(2027, 10, 10)
        assert found.period.is_verified

    def test_of_an_ohio_claim_from_before_the_amendment_is_for_counsel(self) -> None:
        known = history(contract="consumer_transaction", last_payment_on=date(2021, 5, 16))
        found = limitation(terms("OH"), known)
        assert found is not None
        assert not found.period.is_verified

    def test_is_unknown_without_accrual(self) -> None:
        assert limitation(terms("CA"), history(contract="written")) is None

    @pytest.mark.parametrize(
        ("state", "contract", "restarted", "by", "last", "is_restarted"),
        [
            # A period that has run out stays run out, whatever is paid.
            ("NY", "consumer_credit", date(2026, 5, 1), "payment", date(2026, 3, 1), False),
            ("NY", "consumer_credit", date(2025, 5, 1), "payment", date(2026, 3, 1), False),
            ("IL", "open", date(2028, 3, 1), "payment", date(2033, 3, 1), True),
            ("IL", "open", date(2028, 3, 2), "payment", date(2028, 3, 1), False),
            ("IL", "open", date(2026, 1, 1), None, date(2028, 3, 1), False),
            ("MD", "note", date(2024, 1, 1), "payment", date(2029, 3, 1), False),
        ],
    )
    def test_moves_only_with_a_stated_restart_in_time(
        self, state: str, contract: Any, restarted: date, by: Any, last: date, is_restarted: bool
    ) -> None:
        known = history(
            contract=contract,
            defaulted_on=date(2023, 3, 1),
            restarted_on=restarted,
            restarted_by=by,
        )
        found = limitation(terms(state), known)
        assert found is not None
        assert (found.last_timely_day, found.is_restarted) == (last, is_restarted)

    @given(st.dates(date(1950, 1, 1), date(2060, 1, 1)), st.integers(1, 30))
    def test_never_comes_later_than_the_same_date(self, day: date, years: int) -> None:
        found = years_after(day, years)
        assert (found.year, found.month) == (day.year + years, day.month)
        assert found.day in (day.day, day.day - (day.month == 2 and day.day == 29))


class TestService:
    @pytest.mark.parametrize(
        ("periods", "days"),
        [
            ([], 0),
            ([(date(2023, 1, 1), date(2023, 1, 10))], 10),
            ([(date(2021, 1, 1), date(2022, 6, 20))], 6),  # only since accrual
            ([(date(2026, 6, 10), None)], 6),  # to this day
            ([(date(2023, 1, 1), date(2023, 1, 10)), (date(2023, 1, 5), date(2023, 1, 12))], 12),
        ],
    )
    def test_is_counted_once_since_accrual(
        self, periods: list[tuple[date, date | None]], days: int
    ) -> None:
        found = limitation(terms("CA"), history(contract="written", defaulted_on=date(2022, 6, 15)))
        assert found is not None
        services = [MilitaryService(started_on=start, ended_on=end) for start, end in periods]
        until = found.last_timely_day
        assert served_days(found, services, until) == days
        assert until == date(2026, 6, 15) == found.barred_from - timedelta(days=1)
