"""Nobody has two acts in one phase: the second waits for the next instant."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.command.demo import almanac
from services.command.demo.agenda import Agenda, Phase
from services.command.demo.characters import Character
from services.command.demo.world import Person

INSTANTS = almanac.instants(almanac.start_of(1), 3)


@dataclass(frozen=True)
class Named:
    name: str
    phase: Phase = "work"


def person(place: int) -> Person:
    character = Character(manner="evades", picks_up=0.0, is_reliable=True)
    return Person(place=place, reference=str(place), character=character, consumer_id="cns_1")


def names(taken: Sequence[tuple[Person, object]]) -> list[str]:
    return [act.name for _, act in taken if isinstance(act, Named)]


class TestAgenda:
    def test_gives_one_act_of_each_person_in_the_order_of_the_file(self) -> None:
        agenda = Agenda(INSTANTS)
        ada, bo = person(0), person(1)
        for who, name in ((bo, "b"), (ada, "a1"), (ada, "a2")):
            agenda.add(0, who, Named(name))
        assert names(agenda.take(0, "work")) == ["a1", "b"]
        assert names(agenda.take(1, "work")) == ["a2"]

    def test_keeps_phases_apart(self) -> None:
        agenda = Agenda(INSTANTS)
        agenda.add(0, person(0), Named("later", phase="after"))
        assert agenda.take(0, "work") == []
        assert names(agenda.take(0, "after")) == ["later"]

    def test_finds_the_shift_of_a_day_or_of_the_next_that_has_it(self) -> None:
        agenda = Agenda(INSTANTS)
        agenda.add_on(1, "midday", person(0), Named("on day one"))
        index = next(each.index for each in INSTANTS if each.day == 1 and each.shift == "midday")
        assert names(agenda.take(index, "work")) == ["on day one"]

    def test_forgets_what_lies_beyond_the_end(self) -> None:
        agenda = Agenda(INSTANTS)
        agenda.add(len(INSTANTS), person(0), Named("never"))
        agenda.add_on(99, None, person(0), Named("never"))
        agenda.add_from(INSTANTS[-1].at.replace(year=2030), person(0), Named("never"))
        assert all(not agenda.take(each.index, "work") for each in INSTANTS)
