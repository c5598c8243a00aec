from datetime import date

import pytest

from services.compliance.rules.business_days import (
    Reading,
    after_business_days,
    business_days,
    is_business_day,
    public_holidays,
)


def test_holidays_are_those_of_the_statute() -> None:
    assert public_holidays(2026) == {
        date(2026, 1, 1),
        date(2026, 1, 19),
        date(2026, 2, 16),
        date(2026, 5, 25),
        date(2026, 6, 19),
        date(2026, 7, 4),  # a Saturday: the day itself, not the Friday observed
        date(2026, 9, 7),
        date(2026, 10, 12),
        date(2026, 11, 11),
        date(2026, 11, 26),
        date(2026, 12, 25),
    }


def test_the_friday_before_a_saturday_holiday_is_a_business_day() -> None:
    assert is_business_day(date(2026, 7, 3))


@pytest.mark.parametrize(
    ("after", "until", "days"),
    [
        (date(2026, 6, 23), date(2026, 6, 26), 3),
        (date(2026, 6, 11), date(2026, 6, 26), 10),
        (date(2026, 6, 10), date(2026, 6, 26), 11),
        (date(2026, 6, 26), date(2026, 6, 28), 0),
        (date(2026, 6, 26), date(2026, 6, 26), 0),
        (date(2026, 6, 27), date(2026, 6, 26), 0),
    ],
)
def test_counts_from_the_day_after(after: date, until: date, days: int) -> None:
    assert business_days(after, until) == days


@pytest.mark.parametrize(
    ("day", "days", "reading", "last"),
    [
        (date(2026, 6, 15), 5, "literal", date(2026, 6, 23)),
        (date(2026, 7, 1), 5, "literal", date(2026, 7, 8)),
        (date(2026, 7, 1), 5, "observed", date(2026, 7, 9)),  # the Fourth is observed on Friday
        (date(2026, 6, 26), 1, "literal", date(2026, 6, 29)),
        (date(2026, 6, 27), 0, "literal", date(2026, 6, 27)),
    ],
)
def test_the_last_of_so_many(day: date, days: int, reading: Reading, last: date) -> None:
    assert after_business_days(day, days, reading) == last
