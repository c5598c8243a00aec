"""When contact is permitted next, for how long, and when never: exact to the second.

What the engine says is compared with the rules themselves, asked at every kind of instant at which
a verdict may change: where clocks open, close, or are changed, and where anything known begins or
ends. `make exact` plays 20,000 cases; a failing one prints its number, which is its seed.
"""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.compliance.rules import counting, exceptions, local_time, rulebook
from services.compliance.rules.act_request import AskInConversation
from services.compliance.rules.book import Book, Bound
from services.compliance.rules.contact import permitted_hours
from services.compliance.rules.contact.inconvenient_time import named_times
from services.compliance.rules.facts import WeeklyWindow
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.local_time import Bar
from services.compliance.rules.shelf import Adopted, Shelf, assemble
from services.compliance.rules.weekly import AssumedHours, NamedTimes, but_for
from services.compliance.rules.windows import Window, windows
from tests.unit.compliance.instants import DAY, SECOND, clock, probes
from tests.unit.compliance.samples import BOOK
from tests.unit.compliance.test_every_zone import ZONES
from tests.unit.compliance.worlds import a_gate, a_pack, a_patient_gate, an_act_gate

CASES = int(os.environ.get("CASES", "200"))
HORIZON = 30 * DAY
"""How far ahead "never" is held to: a bar that lasts longer is as good as one without an end, and
zones whose hours do not meet are not asked what they do once a clock has changed."""
ACT_HORIZON = 1500 * DAY
PROBES = 80


class Asked:
    """Asks the rules in force at any instant; the one that objected last is asked first."""

    def __init__(self, in_force: Callable[[datetime], Sequence[Bound[Any]]], gate: Any) -> None:
        self._in_force = in_force
        self._gate = gate
        self._last: Bound[Any] | None = None

    def is_permitted(self, at: datetime) -> bool:
        """Tell whether no rule objects."""
        bound = self._in_force(at)
        if self._last in bound and self._objects(self._last, at):
            return False
        self._last = next((each for each in bound if self._objects(each, at)), None)
        return self._last is None

    def _objects(self, each: Bound[Any] | None, at: datetime) -> bool:
        return each is not None and isinstance(each.rule(each.terms, self._gate, at), Objection)


def asking(gate: Gate, book: Callable[[datetime], Book]) -> Asked:
    return Asked(lambda at: rulebook.in_force(gate, book(at), at), gate)


def check_earliest(
    random: Random, gate: Any, asked: Asked, at: datetime, earliest: datetime | None, horizon: Any
) -> str:
    """See that it is permitted then, and at no instant before; or never."""
    if earliest is None:
        found = [each for each in probes(random, gate, at, at + horizon, PROBES)]
        assert not any(map(asked.is_permitted, found)), "permitted, though said never to be"
        return "never"
    assert earliest > at
    assert earliest.microsecond == 0
    assert asked.is_permitted(earliest), f"not permitted at {earliest}"
    before = [*probes(random, gate, at, earliest, PROBES), max(at, earliest - SECOND)]
    early = [each for each in before if asked.is_permitted(each)]
    assert not early, f"permitted at {early[0]} already, not only at {earliest}"
    return "later"


def contacts(seed: int) -> str:
    """Check when a contact is permitted next."""
    random = Random(seed)
    gate, at = a_gate(random) if random.random() < 0.2 else a_patient_gate(random)
    asked = asking(gate, lambda _: BOOK)
    if asked.is_permitted(at):
        return "now"
    earliest = rulebook.earliest_permitted_at(gate, BOOK, at)
    return check_earliest(random, gate, asked, at, earliest, HORIZON)


def acts(seed: int) -> str:
    """Check when an act other than a contact is permitted next."""
    random = Random(seed)
    gate, at = an_act_gate(random)

    def in_force(when: datetime) -> Sequence[Bound[Any]]:
        days = [local_time.local_date(each, when) for each in gate.counting_zones]
        return BOOK.acts.applicable(gate.jurisdictions, min(days), max(days))

    asked = Asked(in_force, gate)
    judged = rulebook.judge_act(gate, BOOK, at)
    if not judged.objections:
        return "now"
    earliest = rulebook.act_permitted_at(gate, BOOK, at, judged)
    is_of_clock = isinstance(gate.request.act, AskInConversation)
    horizon = HORIZON if is_of_clock else ACT_HORIZON
    return check_earliest(random, gate, asked, at, earliest, horizon)


def shown_windows(seed: int) -> str:
    """Check that contact is permitted within the windows shown, and at no instant besides."""
    random = Random(seed)
    gate, at = a_patient_gate(random, is_plain=True)
    shelf = Shelf.of(BOOK)
    if random.random() < 0.2:
        since = at + timedelta(seconds=random.randrange(3 * 86_400))
        shelf = assemble(BOOK, [Adopted(pack=a_pack(random, "US"), active_from=since)])
    end = at + 3 * DAY
    found = windows(gate, shelf, at, end)
    asked = asking(gate, shelf.at)
    assert found[0].starts_at == at
    for earlier, later in zip(found, found[1:], strict=False):
        assert earlier.ends_at == later.starts_at
        assert isinstance(earlier, Window) != isinstance(later, Window)
    opened = [each for each in found if isinstance(each, Window)]
    edges = {each + step for one in opened for each in (one.starts_at, one.ends_at)
             for step in (-SECOND, timedelta(0))}  # fmt: skip
    for each in {*probes(random, gate, at, end, PROBES), *edges}:
        if at <= each < end:
            is_shown = any(one.starts_at <= each < one.ends_at for one in opened)
            assert asked.is_permitted(each) == is_shown, f"{each}: shown as {is_shown}"
    return f"{min(len(opened), 4)} windows"


OF_THE_CLOCK = {"permitted-hours", "solicitation-hours", "inconvenient-time"}
LIFTED = {"inconvenient-place", "employer-prohibits", "attorney-retained"}


def lawful_times(seed: int) -> str:
    """Check that neither the clock nor the end of a consent bars before `lawful_until`."""
    random = Random(seed)
    gate, at = a_patient_gate(random)
    asked = asking(gate, lambda _: BOOK)
    if not asked.is_permitted(at):
        at = rulebook.earliest_permitted_at(gate, BOOK, at) or at
    if not asked.is_permitted(at):
        return "never"
    until = rulebook.lawful_until(gate, BOOK, at)
    assert at < until <= at + DAY
    last = until - counting.bound(gate)
    for each in {*probes(random, gate, at, until, PROBES), max(at, last)}:
        if each <= last:
            said = {
                one.terms.rule
                for one in rulebook.in_force(gate, BOOK, each)
                if one.terms.rule in OF_THE_CLOCK | LIFTED
                and isinstance(one.rule(one.terms, gate, each), Objection)
            }
            assert not said, f"barred at {each}, before {until}: {said}"
    ends = [each.until for each in exceptions.consents_in_force(gate, at)]
    is_over = until == at + DAY or until in ends
    assert is_over or _is_barred(gate, until), f"nothing bars at {until}"
    return "a day" if until == at + DAY else "until it is barred"


def _is_barred(gate: Gate, at: datetime) -> bool:
    bars: list[tuple[ZoneInfo, Bar]] = [*named_times(gate, exceptions.consents_in_force(gate, at))]
    for each in rulebook.in_force(gate, BOOK, at):
        if each.terms.rule in ("permitted-hours", "solicitation-hours"):
            bars += permitted_hours.bars(each.terms, gate, at)
    return any(local_time.is_barred(where, bar, at) for where, bar in bars)


def the_clock(seed: int) -> str:
    """Check the arithmetic of clocks alone, in any zone and at any time since 1990."""
    random = Random(seed)
    day = datetime(1990, 1, 1, tzinfo=UTC) + random.randrange(47 * 365) * DAY
    names = random.choices(ZONES, k=random.choice((1, 1, 2, 3)))
    if random.random() < 0.1:
        names[0] = random.choice(("Pacific/Apia", "Pacific/Fakaofo"))
        day = datetime(2011, 12, 28, tzinfo=UTC)  # both left out the thirtieth
    zones = [found for each in names if (found := local_time.zone(each))]
    at = day + timedelta(seconds=random.randrange(3 * 86_400))
    if random.random() < 0.5:
        at = _change_after(zones[0], at) + timedelta(seconds=random.randrange(-90_000, 90_000))
    bound = timedelta(seconds=random.choice((10, 60)))
    pairs = [(each, _a_bar(random, at)) for each in zones]
    clear = local_time.first_clear([(zone, bar) for zone, (bar, _) in pairs], at, bound)

    def is_clear(when: datetime) -> bool:
        minute = when.replace(second=0) + timedelta(minutes=1)
        edges = {when, when + bound - SECOND, minute - SECOND, minute, minute + SECOND}
        return not any(
            reads(each.astimezone(zone).replace(tzinfo=None))
            for each in edges
            if when <= each < when + bound
            for zone, (_, reads) in pairs
        )

    until = min(clear or at + 3 * DAY, at + 3 * DAY)
    minutes = frozenset({0, 480, 600, 615, 780, 1260, 1080})
    edges = {edge for zone in zones for edge in clock(zone, minutes, at, until)}
    tried = {edge + step for edge in edges for step in (-bound, -bound + SECOND, -SECOND,
             timedelta(0), SECOND)}  # fmt: skip
    tried |= {at + random.randrange(max(1, int((until - at) / SECOND))) * SECOND for _ in range(40)}
    for each in tried:
        assert not (at <= each < until and is_clear(each)), f"clear at {each}, not only at {clear}"
    assert clear is None or is_clear(clear), f"not clear at {clear}"
    return "never" if clear is None else "later" if clear > at else "now"


def _change_after(zone: ZoneInfo, at: datetime) -> datetime:
    for _ in range(370):
        if at.astimezone(zone).utcoffset() != (at + DAY).astimezone(zone).utcoffset():
            break
        at += DAY
    return at


def _a_bar(random: Random, at: datetime) -> tuple[Bar, Callable[[datetime], bool]]:
    """Return a bar, and how anybody would read it off the local clock."""
    if random.random() < 0.4:
        bar, is_barred = _a_bar(random, at)
        welcome = [_a_window(random, at.date()) for _ in range(random.choice((1, 2)))]
        is_welcome = _reading(welcome)
        return but_for(bar, welcome), lambda wall: is_barred(wall) and not is_welcome(wall)
    if random.random() < 0.5:
        opens, closes = random.choice(((480, 1260), (480, 1080), (600, 1260)))

        def is_outside(wall: datetime) -> bool:
            second = wall.hour * 3600 + wall.minute * 60 + wall.second
            return second <= opens * 60 or second >= closes * 60

        return AssumedHours(opens, closes), is_outside
    named = [_a_window(random, at.date()) for _ in range(random.choice((1, 2, 4)))]
    return NamedTimes(named), _reading(named)


def _reading(named: Sequence[WeeklyWindow]) -> Callable[[datetime], bool]:
    """Return how anybody would read weekly windows off the local clock."""

    def is_named(wall: datetime) -> bool:
        return any(
            each.from_minute <= wall.hour * 60 + wall.minute < each.until_minute
            and (not each.weekdays or wall.weekday() in each.weekdays)
            and (each.first_date or date.min) <= wall.date() <= (each.last_date or date.max)
            for each in named
        )

    return is_named


def _a_window(random: Random, today: date) -> WeeklyWindow:
    first = random.choice((0, 0, 480, 600, 780, 1260))
    return WeeklyWindow(
        weekdays=random.choice(((), (), (0, 1, 2, 3, 4), (5, 6), (3,))),
        from_minute=first,
        until_minute=random.choice([each for each in (600, 615, 780, 1080, 1440) if each > first]),
        first_date=random.choice((None, None, today, today + DAY)),
        last_date=random.choice((None, None, today + DAY, today + 3 * DAY)),
    )


CHECKS: dict[Callable[[int], str], tuple[float, set[str]]] = {  # part of all cases, and fates met
    contacts: (0.5, {"now", "later", "never"}),
    shown_windows: (0.2, {"0 windows", "3 windows"}),
    lawful_times: (0.1, {"never", "until it is barred"}),
    acts: (0.1, {"now", "never"}),
    the_clock: (0.1, {"now", "later", "never"}),
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda each: each.__name__)
def test_is_exact(check: Callable[[int], str]) -> None:
    part, fates = CHECKS[check]
    seen: Counter[str] = Counter()
    for seed in range(max(50, int(CASES * part))):
        try:
            seen[check(seed)] += 1
        except AssertionError as error:
            raise AssertionError(f"case {seed}: {error}") from error
    assert fates <= seen.keys(), seen
