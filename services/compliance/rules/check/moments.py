"""Reads when things happen in worked examples: instants, local times, dates, periods, or nothing.

A bare time is the consumer's local time. A date alone is early morning for what is told and noon
for what is asked: an act sees what the timeline dates at or before it.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TOLD_AT = time(8, 5)
ASKED_AT = time(12, 0)
UNDATED = date(2026, 6, 10)
"""The day of examples that name none: a Wednesday."""

_PERIOD = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})\Z")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def instant(said: object, where: ZoneInfo, otherwise: time = TOLD_AT) -> datetime:
    """Return the instant of a date or time as an example writes it."""
    if isinstance(said, datetime):
        moment = said
    elif isinstance(said, date):
        moment = datetime.combine(said, otherwise)
    elif _DATE.match(str(said)):
        moment = datetime.combine(date.fromisoformat(str(said)), otherwise)
    else:
        moment = datetime.fromisoformat(str(said))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=where)
    return moment.astimezone(UTC)


def dates_of(said: object) -> list[date] | None:
    """Return the dates of a period or of a single date, or None if it is neither."""
    if isinstance(said, datetime):
        return [said.date()]
    if isinstance(said, date):
        return [said]
    period = _PERIOD.match(str(said))
    if period:
        first, last = (date.fromisoformat(each) for each in period.groups())
        return [first + timedelta(days=step) for step in range((last - first).days + 1)]
    return [date.fromisoformat(str(said))] if _DATE.match(str(said)) else None


def spread(count: int, dates: list[date], where: ZoneInfo) -> list[datetime]:
    """Return that many instants over some dates, evenly, minutes apart within a date."""
    return [
        (
            datetime.combine(dates[each % len(dates)], TOLD_AT, tzinfo=where)
            + timedelta(minutes=each // len(dates))
        ).astimezone(UTC)
        for each in range(count)
    ]


def last_days(before: date, days: int = 6) -> list[date]:
    """Return the dates just before one, oldest first: all within seven with it."""
    return [before - timedelta(days=step) for step in range(days, 0, -1)]
