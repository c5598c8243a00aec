"""When validation information is due, and how long a consumer has to answer it (1006.34).

The validation period ends 30 days after the notice is assumed to be received: at least five days
after it is provided, not counting Saturdays, Sundays and legal public holidays. 5 USC 6103(a)
names the holidays; 6103(b) moves the observance of those that fall on a Saturday. A later end is
always allowed, so the later of both readings is the end that the engine goes by.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from services.compliance.rules.business_days import Reading, after_business_days
from shared.kernel.records import record

DUE_DAYS = 5  # 12 CFR 1006.34(a)(1)(i)(B): calendar days after the initial communication
RECEIPT_DAYS = 5  # 12 CFR 1006.34(b)(5): days that count, after the notice is provided
PERIOD_DAYS = 30  # 12 CFR 1006.34(b)(5)


@record
class Period:
    """When a notice is taken as received, and the last day of the validation period."""

    assumed_receipt: date
    ends_on: date


def period(provided_on: date, reading: Reading = "observed") -> Period:
    """Return the earliest validation period that the notice may state, by one reading."""
    received = after_business_days(provided_on, RECEIPT_DAYS, reading)
    return Period(assumed_receipt=received, ends_on=received + timedelta(days=PERIOD_DAYS))


def safe_period(provided_on: date) -> Period:
    """Return the later of both readings: what the engine goes by."""
    return max(
        (period(provided_on, "literal"), period(provided_on, "observed")),
        key=lambda each: each.ends_on,
    )


def last_day(provided_on: Iterable[date], stated: Iterable[date]) -> date | None:
    """Return the last day of the period: the latest of what notices gave and what was stated.

    A notice sent again because the first was not received starts the period again
    (comment 34(b)(5)-2); a receipt learned of later changes nothing (comment 34(b)(5)-1).
    """
    return max((*(safe_period(each).ends_on for each in provided_on), *stated), default=None)


def due_on(initial_on: date) -> date:
    """Return the last day on which the validation information is on time."""
    return initial_on + timedelta(days=DUE_DAYS)


CARRIED = frozenset({"initial", "later", "none"})
"""The disclosures of 1006.18(e) that a notice may carry: of an initial communication, or later."""


def is_sufficient(carries: str, *, was_written_before: bool) -> bool:
    """Tell whether a notice's disclosure of 1006.18(e) will do (comment 34(c)(1)-1).

    The first written communication carries that of an initial communication, also where an oral
    one came first; that of a later one suffices only after a written one.
    """
    return carries == "initial" or (carries == "later" and was_written_before)
