"""Contact windows against the decider: what is shown as permitted is, and nothing else."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from services.compliance.permits.domain.deciding import gate_of
from services.compliance.rules import facts, rulebook
from services.compliance.rules.book import Book, Bound
from services.compliance.rules.loading import read_pack
from services.compliance.rules.request import ContactRequest
from services.compliance.rules.shelf import Adopted, Shelf, assemble
from services.compliance.rules.windows import WINDOWS_MAX, Gap, Window, windows
from tests.unit.compliance.samples import (
    BOOK,
    World,
    ask,
    email,
    gate,
    letter,
    local,
    request,
    text,
)

SECOND = timedelta(seconds=1)
SHELF = Shelf.of(BOOK)

EARLY = """
pack: early-evening
version: "1"
jurisdiction: US
rules:
- rule: permitted-hours
  law: HOUSE
  citation: Policy 1
  effective_from: 2020-01-01
  parameters: {opens_minute: 600, closes_minute: 1020}
"""


def shown(
    world: World,
    what: ContactRequest | None = None,
    *,
    at: datetime,
    days: int = 7,
    shelf: Shelf = SHELF,
) -> list[Window | Gap]:
    gate = gate_of(world.state, ask(what, at=at))
    return windows(gate, shelf, at, at + timedelta(days=days))


def opened(found: list[Window | Gap]) -> list[tuple[datetime, datetime]]:
    return [(each.starts_at, each.ends_at) for each in found if isinstance(each, Window)]


def barring(found: list[Window | Gap]) -> list[set[str]]:
    return [{one.rule for one in each.objections} for each in found if isinstance(each, Gap)]


class TestWindows:
    def test_end_when_a_call_could_no_longer_begin_in_time(self) -> None:
        found = opened(shown(World(), at=local("2026-06-10T12:00"), days=2))
        assert found == [
            (local("2026-06-10T12:00"), local("2026-06-10T20:59:01")),
            (local("2026-06-11T08:00:01"), local("2026-06-11T20:59:01")),
            (local("2026-06-12T08:00:01"), local("2026-06-12T12:00")),
        ]

    def test_follow_the_clock_when_it_is_changed(self) -> None:
        world = World(gate(zones=("America/New_York", "America/Phoenix")))
        phoenix = ZoneInfo("America/Phoenix")
        found = opened(shown(world, email(), at=local("2026-10-31T05:00"), days=2))
        assert found == [
            (local("2026-10-31T08:00:01", phoenix), local("2026-10-31T20:59:51")),
            (local("2026-11-01T08:00:01", phoenix), local("2026-11-01T20:59:51")),
        ]
        # New York went back an hour in between, Phoenix did not.
        assert found[1][0] - found[0][0] == timedelta(hours=24)
        assert found[1][1] - found[0][1] == timedelta(hours=25)

    def test_name_every_rule_in_the_way(self) -> None:
        world = World()
        for day in range(1, 8):
            world.contact(at=local(f"2026-06-0{day}T18:00"))
        found = shown(world, at=local("2026-06-07T20:59:30"), days=2)
        assert barring(found)[0] == {"call-frequency", "permitted-hours"}
        assert opened(found)[0][0] == local("2026-06-08T08:00:01")

    def test_say_when_contact_is_permitted_after_the_days_asked_for(self) -> None:
        world = World()
        world.called(local("2026-06-10T10:00"), outcome="right_party_contact")
        (gap,) = shown(world, at=local("2026-06-10T12:00"), days=3)
        assert isinstance(gap, Gap)
        assert gap.ends_at == local("2026-06-17T08:00:01")
        assert {each.rule for each in gap.objections} == {"call-cooldown", "permitted-hours"}

    def test_do_not_come_by_waiting_after_a_cease_notice(self) -> None:
        world = World()
        at = local("2026-06-10T12:00")
        world.learn(facts.CeaseNotice(received_at=at), at)
        (gap,) = shown(world, at=at)
        assert isinstance(gap, Gap)
        assert gap.ends_at is None
        assert "cease-notice" in {each.rule for each in gap.objections}

    def test_end_for_good_when_a_number_is_no_longer_fresh(self) -> None:
        at = local("2026-07-20T12:00")  # the consent is of 21 May; sixty days later is 20 July
        found = shown(World(), text(), at=at)
        assert opened(found) == [(at, local("2026-07-20T20:59:51"))]
        assert found[-1] == Gap(
            starts_at=local("2026-07-20T20:59:51"),
            ends_at=None,
            objections=found[-1].objections,  # type: ignore[union-attr]
        )
        assert "text-procedure" in barring(found)[-1]

    def test_leave_out_a_time_that_the_person_named(self) -> None:
        at = local("2026-06-10T12:00")
        world = World()
        lunch = facts.WeeklyWindow(weekdays=(3,), from_minute=720, until_minute=780)
        world.learn(facts.InconvenientTime(windows=(lunch,), received_at=at), at)
        found = shown(world, at=local("2026-06-11T08:30"), days=1)
        assert opened(found)[:2] == [
            (local("2026-06-11T08:30"), local("2026-06-11T11:59:01")),
            (local("2026-06-11T13:00"), local("2026-06-11T20:59:01")),
        ]

    def test_are_those_of_the_book_in_force_at_each_instant(self) -> None:
        pack = read_pack(EARLY, "early.yaml")
        since = local("2026-06-11T12:34:56")
        shelf = assemble(BOOK, [Adopted(pack=pack, active_from=since)])
        found = shown(World(), at=local("2026-06-10T12:00"), days=3, shelf=shelf)
        assert opened(found) == [
            (local("2026-06-10T12:00"), local("2026-06-10T20:59:01")),
            (local("2026-06-11T08:00:01"), local("2026-06-11T16:59:01")),
            (local("2026-06-12T10:00:01"), local("2026-06-12T16:59:01")),
            (local("2026-06-13T10:00:01"), local("2026-06-13T12:00")),
        ]

    def test_hand_over_from_book_to_book_in_the_night(self) -> None:
        pack = read_pack(EARLY, "early.yaml")
        shelf = assemble(BOOK, [Adopted(pack=pack, active_from=local("2026-06-11T02:00"))])
        found = shown(World(), at=local("2026-06-10T12:00"), days=1, shelf=shelf)
        assert opened(found)[1] == (local("2026-06-11T10:00:01"), local("2026-06-11T12:00"))
        assert [type(each) for each in found] == [Window, Gap, Window]


ZONES = st.sampled_from(
    [
        ("America/New_York",),
        ("America/New_York", "America/Los_Angeles"),
        ("America/Phoenix", "America/Denver"),
        ("Pacific/Guam", "America/Chicago"),
    ]
)
NIGHTS = [date(2026, 3, 6), date(2026, 10, 30), date(2026, 6, 9)]


def a_world(zones: tuple[str, ...], random: Random, at: datetime) -> World:
    state = random.choice(["MA", "FL", "VT", "NYC"])
    world = World(
        gate(
            facts.LocationEvidence(evidence="home", zones=zones, states=(state,)),
            facts.MessageConsent(
                medium="text",
                procedure="direct_consent",
                given_at=at - timedelta(days=random.choice([5, 56, 58])),
            ),
            zones=zones,
        )
    )
    for _ in range(random.randrange(9)):
        before = at - timedelta(minutes=random.randrange(8 * 24 * 60))
        outcome = random.choice(["no_answer"] * 5 + ["right_party_contact"])
        world.called(before, outcome=outcome)
    if random.random() < 0.5:
        first = random.randrange(23 * 60)
        window = facts.WeeklyWindow(
            weekdays=tuple(random.sample(range(7), 3)),
            from_minute=first,
            until_minute=min(1440, first + random.choice([10, 90, 600])),
        )
        world.learn(facts.InconvenientTime(windows=(window,), received_at=at), at)
    if random.random() < 0.3:
        consent = facts.ExtraCallsConsent(
            received_at=at, last_date=at.date() + timedelta(days=random.randrange(4))
        )
        world.learn(consent, at)
    return world


@settings(max_examples=60, deadline=None)
@given(zones=ZONES, seed=st.integers(0, 2**32), first=st.sampled_from(NIGHTS))
def test_is_what_the_decider_would_answer(zones: Any, seed: int, first: date) -> None:
    random = Random(seed)
    midnight = local(f"{first}T00:00")
    at = midnight + timedelta(seconds=random.randrange(86_400))
    world = a_world(zones, random, at)
    what = random.choice([request, email, text, letter])()
    found = shown(world, what, at=at, days=4)

    def is_permitted(when: datetime) -> bool:
        return world.verdict(what, at=when) == "permit"

    assert found[0].starts_at == at
    for earlier, later in zip(found, found[1:], strict=False):
        assert earlier.ends_at == later.starts_at
    for each in found:
        end = min(each.ends_at or at + timedelta(days=4), at + timedelta(days=4))
        length = int((end - each.starts_at) / SECOND)
        inside = [each.starts_at, end - SECOND]
        inside += [each.starts_at + random.randrange(length) * SECOND for _ in range(12)]
        assert [is_permitted(when) for when in inside] == [isinstance(each, Window)] * 14
    last = found[-1]
    if isinstance(last, Gap) and last.ends_at is not None:
        assert is_permitted(last.ends_at)
        assert not is_permitted(last.ends_at - SECOND)


def test_asks_the_rules_a_bounded_number_of_times() -> None:
    """A fortnight of a person who named many times of the week stays a matter of milliseconds."""
    at = local("2026-06-10T12:00")
    world = World()
    names = tuple(
        facts.WeeklyWindow(weekdays=(), from_minute=minute, until_minute=minute + 5)
        for minute in range(480, 1260, 20)
    )
    world.learn(facts.InconvenientTime(windows=names, received_at=at), at)
    gate = gate_of(world.state, ask(at=at))
    asked = 0

    def counting(terms: Any, gate: Any, when: datetime) -> None:
        nonlocal asked
        asked += 1

    book = rulebook.bind(BOOK.packs)
    bound = tuple(
        Bound(jurisdiction=each.jurisdiction, terms=each.terms, rule=counting)
        if each.terms.rule == "facts-stale"
        else each
        for each in rulebook.in_force(gate, book, at)
    )
    counted = Book(BOOK.packs, bound)
    found = windows(gate, Shelf.of(counted), at, at + timedelta(days=14))
    assert len(opened(found)) == WINDOWS_MAX
    assert asked < 10 * len(found)
