"""When something is permitted next while it is known that other books will be in force by then."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from services.compliance.permits.domain import ActRefused, ClearAct, GateState, PermitRefused
from services.compliance.permits.domain.clearing import gate_of as act_gate_of
from services.compliance.permits.domain.deciding import shown
from services.compliance.rules import rulebook
from services.compliance.rules.loading import read_pack
from services.compliance.rules.pack import FEDERAL, RulePack
from services.compliance.rules.request import Circumstances
from services.compliance.rules.shelf import Adopted, Shelf, assemble
from tests.unit.compliance.samples import BOOK, NOON, TZ_VERSION, World, email, local, request
from tests.unit.compliance.worlds import a_pack, an_act

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
STORIES = 150
CONTACT_RULES = ("permitted-hours", "contact-frequency", "call-frequency", "call-cooldown")


def hours(opens: int, closes: int, version: str = "1") -> RulePack:
    """Return a pack that lets people be contacted between two hours of the day."""
    return read_pack(
        f"""
pack: hours
version: "{version}"
jurisdiction: VT
rules:
- rule: permitted-hours
  law: STATE-VT-HOURS
  citation: Toy Code 1
  effective_from: 2020-01-01
  parameters: {{opens_minute: {opens * 60}, closes_minute: {closes * 60}}}
""",
        "vt.yaml",
    )


def asked(world: World, shelf: Shelf, at: datetime, what: Any = None) -> PermitRefused:
    refused = world.ask(what, at=at, book=shelf.at(at), following=shelf.following(at))
    assert isinstance(refused, PermitRefused)
    return refused


class TestAcrossAChangeOfBook:
    NIGHT = local("2026-06-10T22:00")

    def test_is_later_where_a_stricter_pack_is_in_force_by_then(self) -> None:
        active = local("2026-06-11T02:00")
        shelf = assemble(BOOK, [Adopted(pack=hours(11, 20), active_from=active)])
        refused = asked(World(), shelf, self.NIGHT)
        assert refused.earliest_permitted_at == local("2026-06-11T11:00:01")
        assert [each.since for each in refused.books_ahead] == [active]

    def test_is_as_ever_where_the_pack_comes_after_it(self) -> None:
        shelf = assemble(BOOK, [Adopted(pack=hours(11, 20), active_from=local("2026-06-11T09:00"))])
        assert asked(World(), shelf, self.NIGHT).earliest_permitted_at == local(
            "2026-06-11T08:00:01"
        )

    def test_is_sooner_where_a_pack_ends_by_then(self) -> None:
        ends = local("2026-06-10T15:00")
        adopted = Adopted(pack=hours(6, 9), active_from=NOON - 240 * HOUR, withdrawn_from=ends)
        shelf = assemble(BOOK, [adopted])
        assert asked(World(), shelf, NOON).earliest_permitted_at == ends

    def test_is_unknown_while_a_pack_cannot_be_enforced(self) -> None:
        unreadable = Adopted(
            pack=None,
            label="hours@2",
            active_from=local("2026-06-11T02:00"),
            withdrawn_from=local("2026-06-12T12:00"),
        )
        shelf = assemble(BOOK, [unreadable])
        refused = asked(World(), shelf, self.NIGHT)
        assert refused.earliest_permitted_at == local("2026-06-12T12:00")
        assert refused.books_ahead[0].rule_pack is None

    def test_names_no_book_where_none_follows(self) -> None:
        assert asked(World(), Shelf.of(BOOK), self.NIGHT).books_ahead == ()


def a_shelf(random: Random, now: datetime) -> Shelf:
    """Return books that change around and after an instant."""
    adopted = []
    for jurisdiction in (FEDERAL, "VT", "VT"):
        active = now + random.randrange(-30, 60) * HOUR + random.randrange(3_600) * SECOND
        ends = active + random.randrange(1, 90) * HOUR
        adopted.append(
            Adopted(
                pack=a_pack(random, jurisdiction, CONTACT_RULES),
                active_from=active,
                withdrawn_from=random.choice((None, ends)),
            )
        )
    return assemble(BOOK, adopted)


def a_world(random: Random, now: datetime) -> World:
    world = World()
    for _ in range(random.randrange(9)):
        began = now - random.randrange(1, 24 * 8) * HOUR
        outcome = random.choice(("no_answer", "no_answer", "right_party_contact"))
        world.called(began, outcome=outcome)
    return world


def is_permitted(state: GateState, what: Any, shelf: Shelf, at: datetime) -> bool:
    gate = shown(state, what, Circumstances(), book=shelf.at(at))
    return not rulebook.judge(gate, shelf.at(at), at).objections


@pytest.mark.parametrize("part", range(3))
def test_a_contact_is_permitted_then_and_not_a_second_sooner(part: int) -> None:
    crossed = refusals = 0
    for seed in range(part, STORIES, 3):
        random = Random(seed)
        now = NOON + random.randrange(24 * 7) * HOUR + random.randrange(3_600) * SECOND
        world, shelf = a_world(random, now), a_shelf(random, now)
        what = random.choice((request(), request(), email()))
        state = world.state
        decided = world.ask(what, at=now, book=shelf.at(now), following=shelf.following(now))
        if not isinstance(decided, PermitRefused):
            continue
        refusals += 1
        earliest = decided.earliest_permitted_at
        last = earliest - SECOND if earliest else now + 240 * HOUR
        if earliest is not None:
            crossed += any(now < each.since <= earliest for each in shelf.editions)
            assert is_permitted(state, what, shelf, earliest), f"seed {seed}"
        edges = [each.since + step for each in shelf.editions[1:] for step in (-SECOND, 0 * SECOND)]
        span = max(1, int((last - now) / SECOND))
        probes = [now, last, *edges, *(now + random.randrange(span) * SECOND for _ in range(25))]
        for probe in probes:
            if now <= probe <= last:
                assert not is_permitted(state, what, shelf, probe), f"seed {seed} at {probe}"
    assert refusals > 10
    assert crossed > 3


def test_an_act_is_judged_by_the_book_in_force_by_then() -> None:
    crossed = 0
    for seed in range(60):
        random = Random(seed)
        world = World()
        shelf = a_shelf(random, NOON)
        asking = ClearAct(
            clearance_id="clr_1",
            request=an_act(random, NOON),
            book=shelf.at(NOON),
            tz_version=TZ_VERSION,
            following=shelf.following(NOON),
            now=NOON,
        )
        state = world.state
        (decided,) = world.do(asking)
        if not isinstance(decided, ActRefused) or decided.earliest_permitted_at is None:
            continue
        at = decided.earliest_permitted_at
        crossed += any(NOON < each.since <= at for each in shelf.editions)
        judged = rulebook.judge_act(act_gate_of(state, asking, shelf.at(at)), shelf.at(at), at)
        assert not judged.objections, f"seed {seed}"
    assert crossed
