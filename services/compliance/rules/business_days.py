"""The one calendar of business days: neither weekend days nor legal public holidays.

The holidays are those that 5 USC 6103(a) names. Executive Order 11582 observes one that falls on a
Sunday on Monday, 6103(b) one on a Saturday on Friday; Regulation F counts by (a), and counting
those of (b) too only ever makes a period longer.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

Reading = Literal["literal", "observed"]

_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6
_FIXED = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
# Month, weekday (Monday is 0) and which of them; -1 is the last.
_FLOATING = ((1, 0, 3), (2, 0, 3), (5, 0, -1), (9, 0, 1), (10, 0, 2), (11, 3, 4))


@lru_cache(maxsize=128)
def public_holidays(year: int) -> frozenset[date]:
    """Return the legal public holidays of a year (5 USC 6103(a))."""
    floating = (_nth(year, month, weekday, nth) for month, weekday, nth in _FLOATING)
    return frozenset((*(date(year, month, day) for month, day in _FIXED), *floating))


def is_holiday(day: date, reading: Reading = "literal") -> bool:
    """Tell whether a day is a legal public holiday, or is observed as one."""
    if reading == "literal":
        return day in public_holidays(day.year)
    return day in _observed_holidays(day.year)


def is_business_day(day: date, reading: Reading = "literal") -> bool:
    """Tell whether a day is neither a weekend day nor a legal public holiday."""
    return not is_weekend(day) and not is_holiday(day, reading)


def is_weekend(day: date) -> bool:
    """Tell whether a day is a Saturday or a Sunday."""
    return day.weekday() >= _SATURDAY


def business_days(after: date, until: date) -> int:
    """Count the business days after one date, up to and with another."""
    span = (until - after).days
    return sum(is_business_day(after + each * _DAY) for each in range(1, span + 1))


def after_business_days(day: date, days: int, reading: Reading = "literal") -> date:
    """Return the last of so many business days after a date."""
    left = days
    while left:
        day += _DAY
        left -= is_business_day(day, reading)
    return day


@lru_cache(maxsize=128)
def _observed_holidays(year: int) -> frozenset[date]:
    # New Year's Day may be observed in December of the year before.
    near = public_holidays(year) | public_holidays(year + 1)
    return public_holidays(year) | {day for each in near if (day := _observed(each)).year == year}


def _observed(day: date) -> date:
    if day.weekday() == _SATURDAY:
        return day - _DAY
    return day + _DAY if day.weekday() == _SUNDAY else day


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    if nth < 0:
        last = date(year + month // 12, month % 12 + 1, 1) - _DAY
        return last - (last.weekday() - weekday) % 7 * _DAY
    first = date(year, month, 1)
    return first + (weekday - first.weekday()) % 7 * _DAY + (nth - 1) * 7 * _DAY
