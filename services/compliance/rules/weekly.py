"""Bars of the local clock: the assumed hours of every day, the windows a person has named, and
either of them but for the windows in which the person is known to be reached conveniently.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from services.compliance.rules.facts import WeeklyWindow
from services.compliance.rules.local_time import NEVER, Bar

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
HORIZON_DAYS = 400
"""A bar that runs on for longer than this without a break is taken as endless."""


class AssumedHours:
    """Barred up to and at the opening minute, and from the closing minute on: an open interval."""

    def __init__(self, opens_minute: int, closes_minute: int) -> None:
        self._opens = timedelta(minutes=opens_minute)
        self._closes = timedelta(minutes=closes_minute)

    def ends(self, wall: datetime) -> datetime | None:
        """Return the first second inside the hours, or None inside them."""
        midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
        if wall <= midnight + self._opens:
            return midnight + self._opens + _SECOND
        if wall >= midnight + self._closes:
            return midnight + _DAY + self._opens + _SECOND
        return None

    def begins(self, wall: datetime) -> datetime:
        """Return the closing time of the day."""
        return wall.replace(hour=0, minute=0, second=0, microsecond=0) + self._closes


@lru_cache(maxsize=256)
def assumed_hours(opens_minute: int, closes_minute: int) -> AssumedHours:
    """Return the hours between two minutes of the day, the same object for the same hours."""
    return AssumedHours(opens_minute, closes_minute)


class NamedTimes:
    """Barred within any of some weekly windows."""

    def __init__(self, windows: Sequence[WeeklyWindow]) -> None:
        self._windows = windows
        self._has_end = any(each.last_date is not None for each in windows)

    def ends(self, wall: datetime) -> datetime | None:
        """Return when the last of the windows that follow on each other has passed."""
        moment = wall
        days_max = HORIZON_DAYS if self._has_end else 8
        while moment - wall < timedelta(days=days_max):
            after = self._after(moment)
            if after is None:
                return None if moment == wall else moment
            moment = after
        return NEVER

    def begins(self, wall: datetime) -> datetime:
        """Return when the next window begins, today or tomorrow."""
        today = wall.replace(hour=0, minute=0, second=0, microsecond=0)
        starts = (
            day + timedelta(minutes=window.from_minute)
            for day in (today, today + _DAY)
            for window in self._windows
            if _holds_on(window, day.date())
        )
        return min((each for each in starts if each > wall), default=NEVER)

    def _after(self, wall: datetime) -> datetime | None:
        today = wall.replace(hour=0, minute=0, second=0, microsecond=0)
        minute = (wall - today) / timedelta(minutes=1)
        ends = (
            today + timedelta(minutes=window.until_minute)
            for window in self._windows
            if window.from_minute <= minute < window.until_minute and _holds_on(window, wall.date())
        )
        return max(ends, default=None)


class Yielding:
    """Another bar, but for some weekly windows in which it yields."""

    def __init__(self, bar: Bar, windows: Sequence[WeeklyWindow]) -> None:
        self._bar = bar
        self._open = NamedTimes(windows)
        is_later = any(each.first_date is not None for each in windows)
        self._days_max = HORIZON_DAYS if is_later else 8

    def ends(self, wall: datetime) -> datetime | None:
        """Return when the bar ends or a window opens; None in a window, or where nothing bars."""
        end = self._bar.ends(wall)
        if end is None or self._open.ends(wall) is not None:
            return None
        return min(end, self._opens(wall))

    def begins(self, wall: datetime) -> datetime:
        """Return when the bar next holds outside the windows."""
        moment = wall
        while moment - wall < 2 * _DAY:
            closes = self._open.ends(moment)
            if closes is None:
                begins = self._bar.begins(moment)
                if begins is NEVER or self._open.ends(begins) is None:
                    return begins
                moment = begins
            elif closes is NEVER or self._bar.ends(closes) is not None:
                return closes
            else:
                moment = closes
        return NEVER

    def _opens(self, wall: datetime) -> datetime:
        moment = wall
        for _ in range(self._days_max):
            opens = self._open.begins(moment)
            if opens is not NEVER:
                return opens
            moment = moment.replace(hour=0, minute=0, second=0, microsecond=0) + _DAY
        return NEVER


def but_for(bar: Bar, windows: Sequence[WeeklyWindow]) -> Bar:
    """Return the bar as it is where the person is welcome to be reached in those windows."""
    return Yielding(bar, windows) if windows else bar


def _holds_on(window: WeeklyWindow, day: date) -> bool:
    if window.weekdays and day.weekday() not in window.weekdays:
        return False
    if window.first_date is not None and day < window.first_date:
        return False
    return window.last_date is None or day <= window.last_date
