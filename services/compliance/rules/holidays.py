"""Legal public holidays as named by 5 USC 6103(a), and as observed by 6103(b).

Executive Order 11582 observes one that falls on a Sunday on Monday, 6103(b) one on a Saturday on
Friday. Regulation F counts by (a); (b) only ever makes a period longer.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from services.compliance.rules.business_days import public_holidays

Reading = Literal["literal", "observed"]

_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6


def is_holiday(day: date, reading: Reading = "literal") -> bool:
    """Tell whether a day is a legal public holiday, or is observed as one."""
    if reading == "literal":
        return day in public_holidays(day.year)
    return day in _observed_holidays(day.year)


@lru_cache(maxsize=128)
def _observed_holidays(year: int) -> frozenset[date]:
    # New Year's Day may be observed in December of the year before.
    near = public_holidays(year) | public_holidays(year + 1)
    return public_holidays(year) | {day for each in near if (day := _observed(each)).year == year}


def _observed(day: date) -> date:
    if day.weekday() == _SATURDAY:
        return day - _DAY
    return day + _DAY if day.weekday() == _SUNDAY else day
