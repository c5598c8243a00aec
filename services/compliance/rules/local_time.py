"""Wall clocks of zones, exactly: what is barred by the local clock, until when, from when.

All comparisons are between UTC instants; two instants an hour apart compare equal as wall times
when clocks go back. Zones come from the tzdata package, whose version decisions record, never
from the machine.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from typing import Protocol
from zoneinfo import ZoneInfo

_NAME = re.compile(r"[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+){0,2}\Z")
_SECOND = timedelta(seconds=1)
STEPS_MAX = 64
"""More openings than this without one that suits every zone are taken for none, though a clock that
changes may bring one."""

ASKED_KEPT_MAX = 64
"""One decision asks the same clock about the same instant for several laws, one after another."""

NEVER = datetime.max  # noqa: DTZ901 - wall times have no zone
"""A wall time that does not come."""


class Bar(Protocol):
    """Times of the local clock at which contact is barred, in wall times of one zone."""

    def ends(self, wall: datetime) -> datetime | None:
        """Return the first wall second not barred, NEVER, or None when `wall` is not barred."""
        ...

    def begins(self, wall: datetime) -> datetime:
        """Return the next barred wall time within a day or so, or NEVER; `wall` is not barred."""
        ...

    def __hash__(self) -> int:
        """Tell it from others: what was asked of it is remembered."""
        ...


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo | None:
    """Return the zone of that IANA name, or None when there is no such zone."""
    if not _NAME.match(name):
        return None
    path = resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
    try:
        with path.open("rb") as stream:
            return ZoneInfo.from_file(stream, key=name)
    except (OSError, ValueError):
        return None


UNIVERSAL = zone("UTC") or ZoneInfo("UTC")


def wall_time(where: ZoneInfo, at: datetime) -> datetime:
    """Return what the local clock shows."""
    return at.astimezone(where).replace(tzinfo=None, fold=0)


def local_date(where: ZoneInfo, at: datetime) -> date:
    """Return the local date."""
    return at.astimezone(where).date()


def is_over(zones: Iterable[ZoneInfo], last: date | None, at: datetime) -> bool:
    """Tell whether a last day, if there is one, has passed in any of the zones."""
    return last is not None and any(local_date(each, at) > last for each in zones)


@lru_cache(maxsize=4096)
def first_instant(where: ZoneInfo, day: date) -> datetime:
    """Return the instant at which a local date begins, whatever the clocks do at midnight."""
    return datetime(day.year, day.month, day.day, tzinfo=where).astimezone(UTC)


def whole_second(at: datetime) -> datetime:
    """Return the first whole second that is not before `at`."""
    return at if at.microsecond == 0 else at.replace(microsecond=0) + _SECOND


def first_clear(
    bars: Sequence[tuple[ZoneInfo, Bar]], at: datetime, bound: timedelta
) -> datetime | None:
    """Return the first second from `at` on when no bar holds for the whole of `bound`."""
    moment = at
    for _ in range(STEPS_MAX):
        before = moment
        for where, bar in bars:
            cleared = _first_clear_in(where, bar, moment, bound)
            if cleared is None:
                return None
            moment = cleared
        if moment == before:
            return moment
    return None


@lru_cache(maxsize=ASKED_KEPT_MAX)
def clear_until(where: ZoneInfo, bar: Bar, at: datetime) -> datetime:
    """Return the first barred instant after `at`, which is not barred itself; a day at most."""
    moment = at
    while moment < at + timedelta(days=1):
        wall = wall_time(where, moment)
        begins = bar.begins(wall)
        if begins is NEVER:
            break
        moment, is_reached = _advance(where, moment, begins - wall)
        if is_reached or bar.ends(wall_time(where, moment)) is not None:
            return moment
    return at + timedelta(days=1)


def is_barred(where: ZoneInfo, bar: Bar, at: datetime) -> bool:
    """Tell whether the bar holds at that instant."""
    return bar.ends(wall_time(where, at)) is not None


@lru_cache(maxsize=ASKED_KEPT_MAX)
def _first_clear_in(where: ZoneInfo, bar: Bar, at: datetime, bound: timedelta) -> datetime | None:
    moment = at
    for _ in range(STEPS_MAX):
        wall = wall_time(where, moment)
        ends = bar.ends(wall)
        if ends is NEVER:
            return None
        if ends is not None:
            moment = whole_second(_advance(where, moment, ends - wall)[0])
            continue
        closes = clear_until(where, bar, moment)
        if closes - moment >= bound:
            return moment
        moment = closes
    return None


def _advance(where: ZoneInfo, at: datetime, span: timedelta) -> tuple[datetime, bool]:
    """Move on by `span` of the local clock, or only to where that clock is changed meanwhile."""
    target = at + span
    if at.astimezone(where).utcoffset() == target.astimezone(where).utcoffset():
        return target, True
    return _change_between(where, at, target), False


def _change_between(where: ZoneInfo, low: datetime, high: datetime) -> datetime:
    offset = low.astimezone(where).utcoffset()
    low = low.replace(microsecond=0)
    high = whole_second(high)
    while high - low > _SECOND:
        middle = low + timedelta(seconds=(high - low) // _SECOND // 2)
        if middle.astimezone(where).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high
