"""Business days: neither Saturdays, Sundays nor the legal public holidays of 5 USC 6103(a).

The days of the statute itself, not those observed instead when one falls on a weekend.
"""

from datetime import date, timedelta
from functools import lru_cache

_DAY = timedelta(days=1)
_FIXED = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
# Month, weekday (Monday is 0) and which of them; -1 is the last.
_FLOATING = ((1, 0, 3), (2, 0, 3), (5, 0, -1), (9, 0, 1), (10, 0, 2), (11, 3, 4))


@lru_cache(maxsize=128)
def public_holidays(year: int) -> frozenset[date]:
    """Return the legal public holidays of a year (5 USC 6103(a))."""
    floating = (_nth(year, month, weekday, nth) for month, weekday, nth in _FLOATING)
    return frozenset((*(date(year, month, day) for month, day in _FIXED), *floating))


def is_business_day(day: date) -> bool:
    """Tell whether a day is neither a weekend day nor a legal public holiday."""
    return day.weekday() < 5 and day not in public_holidays(day.year)


def business_days(after: date, until: date) -> int:
    """Count the business days after one date, up to and with another."""
    span = (until - after).days
    return sum(is_business_day(after + each * _DAY) for each in range(1, span + 1))


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    if nth < 0:
        last = date(year + month // 12, month % 12 + 1, 1) - _DAY
        return last - (last.weekday() - weekday) % 7 * _DAY
    first = date(year, month, 1)
    return first + (weekday - first.weekday()) % 7 * _DAY + (nth - 1) * 7 * _DAY
