"""When a request would be permitted in the coming days, and which rules bar it in between.

Nothing is judged here: every edge comes from `rulebook`. What was permitted at a window's start is
asked again where the clock closes it and at every local midnight before that. Between two of these
instants a verdict changes at most once, since what runs out there (a consent, a fresh procedure) is
not given back by time alone; that one change is found to the second.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from services.compliance.rules import counting, local_time, rulebook
from services.compliance.rules.book import Book
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.shelf import Shelf
from shared.kernel.records import record, replace

_SECOND = timedelta(seconds=1)
WINDOWS_MAX = 256
"""Windows and gaps of one stretch; a person may name many short times of the week."""


@record
class Window:
    """Permitted at `starts_at` and every whole second after it up to, not including, `ends_at`."""

    starts_at: datetime
    ends_at: datetime


@record
class Gap:
    """Not permitted in between, by these rules; without `ends_at`, not by waiting."""

    starts_at: datetime
    ends_at: datetime | None
    objections: tuple[Objection, ...]


def windows(gate: Gate, shelf: Shelf, start: datetime, end: datetime) -> list[Window | Gap]:
    """Return what is permitted from `start` to `end` if nothing more becomes known.

    The last gap may end after `end`: that is when contact is permitted next. What ends before `end`
    stops at `WINDOWS_MAX`.
    """
    found: list[Window | Gap] = []
    for since, until, book in shelf.between(start, end):
        for each in _stretch(gate, book, since, until, is_last=until == end):
            _add(found, each)
        reached = found[-1].ends_at
        if reached is not None and reached < until:
            break
    return found


def _stretch(
    gate: Gate, book: Book, start: datetime, end: datetime, *, is_last: bool
) -> Iterator[Window | Gap]:
    moment = start
    for _ in range(WINDOWS_MAX):
        if moment >= end:
            return
        approach = list(rulebook.approach(gate, book, moment))
        opens = approach[-1].at if approach[-1].is_permitted else None
        if opens != moment:
            # Beyond its own stretch a book says nothing: there the next one is asked.
            is_over = opens is None or opens >= end
            until = end if is_over and not is_last else opens
            yield Gap(starts_at=moment, ends_at=until, objections=_named(approach))
        if opens is None or opens >= end:
            return
        moment = _closes(gate, book, opens, end)
        yield Window(starts_at=opens, ends_at=moment)


def _closes(gate: Gate, book: Book, opens: datetime, end: datetime) -> datetime:
    """Return the first second, counted from `opens`, at which some rule objects again."""
    permitted = opens
    while probes := _probes(gate, book, permitted, end):
        for probe in probes:
            if rulebook.judge(gate, book, probe).objections:
                return _first_barred(gate, book, permitted, probe)
            permitted = probe
    return end


def _probes(gate: Gate, book: Book, since: datetime, end: datetime) -> list[datetime]:
    """Return what to ask after `since`: midnights, and where the clock leaves no more room."""
    closes = rulebook.lawful_until(gate, book, since)
    room = closes - counting.bound(gate)
    midnights = {
        local_time.first_instant(each, local_time.local_date(each, since) + timedelta(days=days))
        for each in gate.counting_zones
        for days in (1, 2)
    }
    edges = {room, room + _SECOND, closes, end - _SECOND}
    last = min(closes, end - _SECOND)
    return sorted(each for each in midnights | edges if since < each <= last)


def _first_barred(gate: Gate, book: Book, permitted: datetime, barred: datetime) -> datetime:
    low, high = 0, -(-(barred - permitted) // _SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        if rulebook.judge(gate, book, permitted + middle * _SECOND).objections:
            high = middle
        else:
            low = middle
    return permitted + high * _SECOND


def _named(approach: Iterable[rulebook.Asked]) -> tuple[Objection, ...]:
    """Return each rule that objects on the way, as it does first."""
    found: dict[tuple[str, str], Objection] = {}
    for asked in approach:
        for each in asked.judgement.objections:
            found.setdefault((each.rule, each.law), each)
    return tuple(found.values())


def _add(found: list[Window | Gap], each: Window | Gap) -> None:
    """Let what goes on under the next book go on as one."""
    match found[-1] if found else None, each:
        case Window() as last, Window():
            found[-1] = replace(last, ends_at=each.ends_at)
        case Gap() as last, Gap():
            new = [
                one
                for one in each.objections
                if (one.rule, one.law) not in {(o.rule, o.law) for o in last.objections}
            ]
            found[-1] = replace(last, ends_at=each.ends_at, objections=(*last.objections, *new))
        case _:
            found.append(each)
