"""When the demo is played, and at which instants of a day somebody acts."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from shared.kernel.records import record

Shift = Literal["early", "morning", "midday", "afternoon", "evening", "late"]

# Each lets 28 days pass over 8 March 2026, when clocks go forward.
STARTS = (date(2026, 3, 2), date(2026, 2, 23), date(2026, 2, 16))
STARTS_AT = time(9, tzinfo=UTC)  # before anybody in the contiguous states is up
SUNDAY, SATURDAY = 6, 5

# In UTC. `early` is before eight in the East, `late` after nine; in between it is too early
# further west. The last two belong to the evening of the day before in every zone.
_TIMES: dict[Shift, tuple[int, time]] = {
    "early": (0, time(11, 40, tzinfo=UTC)),
    "morning": (0, time(14, 30, tzinfo=UTC)),
    "midday": (0, time(17, 10, tzinfo=UTC)),
    "afternoon": (0, time(20, 20, tzinfo=UTC)),
    "evening": (1, time(0, 10, tzinfo=UTC)),
    "late": (1, time(2, 40, tzinfo=UTC)),
}
SHIFTS: tuple[Shift, ...] = tuple(_TIMES)
_SHIFTS_OF_WEEKEND: dict[int, tuple[Shift, ...]] = {
    SATURDAY: ("midday", "afternoon"),
    SUNDAY: ("afternoon",),
}


@record
class Instant:
    """One instant at which agents and consumers act; `day` counts from 0."""

    index: int
    at: datetime
    day: int
    date: date
    shift: Shift


def start_of(seed: int) -> datetime:
    """Return the instant at which a seed's play begins."""
    return datetime.combine(STARTS[(seed - 1) % len(STARTS)], STARTS_AT)


def instants(start: datetime, days: int) -> tuple[Instant, ...]:
    """Return the instants of so many days, in order."""
    found: list[Instant] = []
    for day in range(days):
        today = start.date() + timedelta(days=day)
        for shift in _SHIFTS_OF_WEEKEND.get(today.weekday(), SHIFTS):
            later, at = _TIMES[shift]
            instant = datetime.combine(today + timedelta(days=later), at)
            if instant < start + timedelta(days=days):
                found.append(
                    Instant(index=len(found), at=instant, day=day, date=today, shift=shift)
                )
    return tuple(found)


def next_weekday(after: date, weekday: int) -> date:
    """Return the next date of a weekday, at least a day later."""
    return after + timedelta(days=(weekday - after.weekday() - 1) % 7 + 1)
