"""Every zone there is, every minute of the days on which its clocks change: no hour is wrong.

What the rule says is compared with the plainest reading of the local clock. `make zones` takes all
of 2024 to 2037; otherwise the changes of one year are taken.
"""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

import pytest

from services.compliance.permits.domain.deciding import gate_of
from services.compliance.rules.contact.permitted_hours import permitted_hours
from services.compliance.rules.gate import Gate
from services.compliance.rules.local_time import zone
from services.compliance.rules.request import dispatch_bound
from tests.unit.compliance.samples import BOOK, World, ask, email, gate, request

YEARS = range(2024, 2038) if os.environ.get("FORBEAR_TEST_ZONES") == "all" else (2026,)
ZONES = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
TERMS = BOOK.federal("permitted-hours")
MINUTE = timedelta(minutes=1)
OPENS, CLOSES = 8 * 60, 21 * 60
CHANGING_MIN = 100


def change_days(where: ZoneInfo) -> Iterator[date]:
    """Yield the local dates during which the zone's offset changes."""
    for year in YEARS:
        day = date(year, 1, 1)
        while day.year == year:
            after = day + timedelta(days=1)
            if _offset(where, day) != _offset(where, after):
                yield day
            day = after


def _offset(where: ZoneInfo, day: date) -> timedelta | None:
    return datetime(day.year, day.month, day.day, tzinfo=where).utcoffset()


def minutes_of(where: ZoneInfo, day: date) -> Iterator[datetime]:
    """Yield every minute that anybody might take for one of that date."""
    at = datetime(day.year, day.month, day.day, tzinfo=where).astimezone(UTC) - timedelta(hours=1)
    for _ in range(27 * 60):
        yield at
        at += MINUTE


def is_lawful(where: ZoneInfo, at: datetime) -> bool:
    """Read the local clock: after 8 in the morning and before 9 in the evening."""
    clock = at.astimezone(where)
    seconds = clock.hour * 3600 + clock.minute * 60 + clock.second
    return OPENS * 60 < seconds < CLOSES * 60


def gate_in(name: str, *, is_email: bool = False) -> Gate:
    """Return a gate whose consumer is in that zone for all that is known."""
    world = World(gate(zones=(name,)))
    return gate_of(world.state, ask(email() if is_email else request()))


@pytest.mark.parametrize("nth", range(8), ids=lambda nth: f"zones {nth} of 8")
def test_no_minute_of_a_change_day_is_permitted_outside_the_hours(nth: int) -> None:
    slack = dispatch_bound("call")
    days = 0
    for name in ZONES[nth::8]:
        where = zone(name)
        assert where is not None, name
        known = gate_in(name)
        for day in change_days(where):
            days += 1
            for at in minutes_of(where, day):
                is_permitted = permitted_hours(TERMS, known, at) is None
                last = at + slack - timedelta(seconds=1)
                should = is_lawful(where, at) and is_lawful(where, last)
                assert is_permitted == should, (name, at.isoformat())
    assert days >= len(YEARS)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("America/New_York", date(2026, 3, 8)),
        ("America/New_York", date(2026, 11, 1)),
        ("Australia/Lord_Howe", date(2026, 4, 5)),
        ("Pacific/Apia", date(2026, 6, 10)),
        ("Pacific/Kiritimati", date(2026, 6, 10)),
    ],
)
def test_the_seconds_at_the_edges_are_exact(name: str, day: date) -> None:
    where = zone(name)
    assert where is not None
    known = gate_in(name, is_email=True)
    slack = dispatch_bound("email")
    for hour, minute in ((8, 0), (21, 0)):
        edge = datetime(day.year, day.month, day.day, hour, minute, tzinfo=where).astimezone(UTC)
        for second in range(-30, 31):
            at = edge + timedelta(seconds=second)
            last = at + slack - timedelta(seconds=1)
            should = is_lawful(where, at) and is_lawful(where, last)
            assert (permitted_hours(TERMS, known, at) is None) == should, at.isoformat()


def test_two_zones_leave_only_what_suits_both() -> None:
    """The date line lies between them, and for an hour a day neither is asleep."""
    names = ("Pacific/Kiritimati", "Pacific/Honolulu")
    known = gate_of(World(gate(zones=names)).state, ask())
    zones = [found for each in names if (found := zone(each))]
    at = datetime(2026, 6, 9, tzinfo=UTC)
    permitted = 0
    for _ in range(3 * 24 * 60):
        last = at + dispatch_bound("call") - timedelta(seconds=1)
        should = all(is_lawful(each, at) and is_lawful(each, last) for each in zones)
        assert (permitted_hours(TERMS, known, at) is None) == should, at.isoformat()
        permitted += should
        at += MINUTE
    assert permitted


def test_zones_with_and_without_changes_are_among_them() -> None:
    changing = sum(any(change_days(found)) for each in ZONES if (found := zone(each)))
    assert CHANGING_MIN < changing < len(ZONES)
