"""Instants at which a verdict may change: what brute force asks about, to the second.

They come from what is known and from clocks alone, never from what the rules say of them.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any, get_args
from zoneinfo import ZoneInfo

import msgspec

from services.compliance.rules.facts import Fact, WeeklyWindow
from services.compliance.rules.gate import Known
from tests.unit.compliance.samples import BOOK

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
_AFTER = (0, 1, 14, 30, 90, 365, 366)
"""Days after a date after which laws let things begin or end."""
SLACKS = (timedelta(0), timedelta(seconds=10), timedelta(seconds=60))
_HOURS = {
    minutes
    for pack in BOOK.packs
    for terms in pack.terms
    for name, minutes in terms.numbers.items()
    if name in ("opens_minute", "closes_minute")
}


def probes(
    random: Random, gate: Known[Any], at: datetime, until: datetime, most: int
) -> list[datetime]:
    """Return instants from `at` to before `until`: most of them near the ends and near changes."""
    days = [(at, min(until, at + 2 * DAY)), (max(at, until - 2 * DAY), until)]
    days += [(each, min(until, each + DAY)) for each in _somewhere(random, at, until, 5)]
    found = {
        each for first, last in days for each in _moments(gate, first, last) if at <= each < until
    }
    anywhere = _somewhere(random, at, until, most // 8)
    return sorted({*random.sample(sorted(found), min(len(found), most)), *anywhere})


def _somewhere(random: Random, at: datetime, until: datetime, many: int) -> list[datetime]:
    seconds = int((until - at) / SECOND)
    return [at + random.randrange(seconds) * SECOND for _ in range(many) if seconds]


def _moments(gate: Known[Any], at: datetime, until: datetime) -> Iterator[datetime]:
    known: list[Any] = [fact for kind in get_args(Fact) for _, fact in gate.of(kind)]
    told = [each for one in (*known, *gate.slots, gate.request) for each in _times(one)]
    minutes = {0, *_HOURS}
    for window in _windows(known):
        minutes |= {window.from_minute, window.until_minute % 1440}
    edges = [each for each in told if isinstance(each, datetime)]
    edges += [each + timedelta(days=30) for each in edges]
    zones = set(gate.counting_zones)
    for where in zones:
        edges += clock(where, frozenset(minutes), at, until)
        edges += [
            datetime(each.year, each.month, each.day, tzinfo=where).astimezone(UTC) + days * DAY
            for each in told
            if type(each) is date
            for days in _AFTER
        ]
    for each in edges:
        whole = each.replace(microsecond=0)
        for slack in SLACKS:
            yield whole - slack
            yield whole - slack + SECOND
        yield whole - SECOND


def _times(value: Any) -> Iterator[datetime | date]:
    if isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from _times(getattr(value, field))
    elif isinstance(value, tuple):
        for each in value:
            yield from _times(each)
    elif isinstance(value, date):
        yield value


def _windows(known: Iterable[Any]) -> Iterator[WeeklyWindow]:
    for fact in known:
        yield from getattr(fact, "windows", ())


def clock(
    where: ZoneInfo, minutes: frozenset[int], at: datetime, until: datetime
) -> Iterator[datetime]:
    """Yield when a zone's clock shows those minutes, and when it is changed."""
    day = at.astimezone(where).date()
    last = until.astimezone(where).date()
    while day <= last:
        yield from _clock_of(where, minutes, day)
        day += DAY


@lru_cache(maxsize=100_000)
def _clock_of(where: ZoneInfo, minutes: frozenset[int], day: date) -> tuple[datetime, ...]:
    midnight = datetime(day.year, day.month, day.day, tzinfo=where)
    walls = [midnight.replace(hour=each // 60, minute=each % 60) for each in sorted(minutes)]
    found = [each.replace(fold=fold).astimezone(UTC) for each in walls for fold in (0, 1)]
    noon = midnight.astimezone(UTC)
    if noon.astimezone(where).utcoffset() != (noon + DAY).astimezone(where).utcoffset():
        found.append(_change(where, noon))
    return tuple(dict.fromkeys(found))


def _change(where: ZoneInfo, low: datetime) -> datetime:
    offset, high = low.astimezone(where).utcoffset(), low + DAY
    while high - low > SECOND:
        middle = low + ((high - low) // SECOND // 2) * SECOND
        if middle.astimezone(where).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high
