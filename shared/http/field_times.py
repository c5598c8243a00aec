"""How dates, instants and times of day are read: text only, one form each, within 1900 to 2100."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from shared.contactpoints.problem import FieldProblem

TIME_OF_DAY_PATTERN = r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$"

_YEAR_MIN = 1900
_YEAR_MAX = 2100
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6}))?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?"
)


def read_date(value: Any) -> date:
    """Read `YYYY-MM-DD`.

    Raises:
        FieldProblem: `date` or `date-range`.
    """
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise FieldProblem("date", "give a date as YYYY-MM-DD")
    year, month, day = map(int, match.groups())
    try:
        found = date(year, month, day)
    except ValueError:
        raise FieldProblem("date", "give a date of the calendar as YYYY-MM-DD") from None
    if not _YEAR_MIN <= year <= _YEAR_MAX:
        raise _out_of_range()
    return found


def read_instant(value: Any) -> datetime:
    """Read an RFC 3339 instant with Z or an offset, as UTC; leap seconds are refused.

    Raises:
        FieldProblem: `instant`, `offset-required` or `date-range`.
    """
    match = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise _malformed()
    fraction, offset = match.group(7), match.group(8)
    if offset is None:
        raise FieldProblem("offset-required", "end the instant with Z or an offset such as -05:00")
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    # One year of slack: no offset moves an instant further, and no conversion can overflow.
    if not _YEAR_MIN - 1 <= year <= _YEAR_MAX + 1:
        raise _out_of_range()
    microsecond = int((fraction or "").ljust(6, "0"))
    try:
        zone = _offset(offset)
        local = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=zone)
    except ValueError:
        raise _malformed() from None
    found = local.astimezone(UTC)
    if not _YEAR_MIN <= found.year <= _YEAR_MAX:
        raise _out_of_range()
    return found


def _offset(text: str) -> timezone:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[4:])
    if minutes > 59:
        raise ValueError("minutes of an offset end at 59")
    span = timedelta(hours=hours, minutes=minutes)
    return timezone(-span if text[0] == "-" else span)


def _malformed() -> FieldProblem:
    return FieldProblem("instant", "give an instant such as 2026-03-08T17:30:00Z")


def _out_of_range() -> FieldProblem:
    return FieldProblem("date-range", f"give a year from {_YEAR_MIN} to {_YEAR_MAX}")
