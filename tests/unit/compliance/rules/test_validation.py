from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.compliance.rules import business_days, facts, validation
from tests.unit.compliance.samples import START, World, gate

DAYS = st.dates(date(2021, 11, 30), date(2045, 12, 31))
READINGS: tuple[business_days.Reading, ...] = ("literal", "observed")


@pytest.mark.parametrize(
    ("provided", "received", "ends"),
    [
        ("2026-06-01", "2026-06-08", "2026-07-08"),
        ("2026-06-15", "2026-06-23", "2026-07-23"),
        ("2026-09-04", "2026-09-14", "2026-10-14"),
        ("2026-12-23", "2026-12-31", "2027-01-30"),
        ("2026-10-09", "2026-10-19", "2026-11-18"),
        ("2026-07-01", "2026-07-09", "2026-08-08"),  # the Fourth is observed on Friday
    ],
)
def test_period(provided: str, received: str, ends: str) -> None:
    found = validation.safe_period(date.fromisoformat(provided))
    assert (found.assumed_receipt.isoformat(), found.ends_on.isoformat()) == (received, ends)


@given(DAYS, st.sampled_from(READINGS))
def test_receipt_lies_five_counted_days_on(provided: date, reading: business_days.Reading) -> None:
    found = validation.period(provided, reading)
    days = (found.assumed_receipt - provided).days
    between = [provided + timedelta(days=step) for step in range(1, days + 1)]
    counted = [
        each
        for each in between
        if each.weekday() < 5 and not business_days.is_holiday(each, reading)
    ]
    assert len(counted) == 5
    assert counted[-1] == found.assumed_receipt
    assert found.ends_on - found.assumed_receipt == timedelta(days=30)


@given(DAYS)
def test_the_engine_goes_by_the_later_reading(provided: date) -> None:
    ends = [validation.period(provided, each).ends_on for each in READINGS]
    assert validation.safe_period(provided).ends_on == max(ends)


@given(DAYS, DAYS)
def test_a_later_notice_never_ends_sooner(one: date, other: date) -> None:
    first, second = sorted((one, other))
    assert validation.safe_period(first).ends_on <= validation.safe_period(second).ends_on


@given(st.lists(DAYS, max_size=3), st.lists(DAYS, max_size=3))
def test_the_last_day_is_the_latest_of_all(provided: list[date], stated: list[date]) -> None:
    ends = [*(validation.safe_period(each).ends_on for each in provided), *stated]
    assert validation.last_day(provided, stated) == (max(ends) if ends else None)


class TestHolidays:
    def test_are_those_of_the_statute(self) -> None:
        found = [
            day.isoformat()
            for day in (date(2026, 1, 1) + timedelta(days=step) for step in range(365))
            if business_days.is_holiday(day)
        ]
        assert found == [
            "2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-04",
            "2026-09-07", "2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("day", "is_literal", "is_observed"),
        [
            ("2026-07-03", False, True),
            ("2026-07-04", True, True),
            ("2027-07-05", False, True),
            ("2021-12-31", False, True),  # New Year's Day 2022 was a Saturday
            ("2022-12-30", False, False),
            ("2023-01-02", False, True),
        ],
    )
    def test_are_observed_on_a_workday(self, day: str, is_literal: bool, is_observed: bool) -> None:
        at = date.fromisoformat(day)
        assert business_days.is_holiday(at, "literal") is is_literal
        assert business_days.is_holiday(at, "observed") is is_observed

    @given(DAYS)
    def test_observed_include_the_named(self, day: date) -> None:
        assert business_days.is_holiday(day, "observed") or not business_days.is_holiday(
            day, "literal"
        )


class TestNotice:
    @pytest.mark.parametrize(
        ("carries", "was_written", "is_good"),
        [
            ("initial", False, True),
            ("initial", True, True),
            ("later", True, True),
            ("later", False, False),
            ("none", True, False),
        ],
    )
    def test_carries_the_disclosure(self, carries: str, was_written: bool, is_good: bool) -> None:
        assert validation.is_sufficient(carries, was_written_before=was_written) is is_good


@pytest.mark.parametrize(("days", "objects"), [(0, True), (1, False)])
def test_an_initial_communication_holds_the_disclosure_of_one(days: int, objects: bool) -> None:
    notice = facts.ValidationNotice(
        account_id="acct_1", provided_at=START + timedelta(days=days), carries="later"
    )
    initial = facts.InitialCommunication(account_id="acct_1", at=START)
    world = World(gate(initial, notice))
    assert ("validation-due" in world.objecting(at=START + timedelta(days=8))) is objects
