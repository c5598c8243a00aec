"""The agenda at the start: enough work for everybody, and the same for the same seed."""

from collections import Counter

from services.command.demo import almanac, planning
from services.command.demo.acts.calling import Call
from services.command.demo.acts.disputing import OpenDispute
from services.command.demo.acts.mailing import Write
from services.command.demo.agenda import PHASES, Agenda
from services.command.demo.characters import character_of
from services.command.demo.draws import Draws
from services.command.demo.world import Account, Person

PEOPLE = 1_000


def people(draws: Draws) -> list[Person]:
    return [
        Person(
            place=place,
            reference=f"C-{place}",
            character=character_of(draws, f"C-{place}"),
            consumer_id=f"cns_{place}",
            accounts=[
                Account(
                    number=f"A-{place}",
                    account_id=f"acct_{place}",
                    balance=100_000,
                    party_id=f"pty_{place}",
                    phones=("cp_1",) if place % 10 else (),
                    emails=("cp_2",) if place % 9 else (),
                )
            ],
        )
        for place in range(PEOPLE)
    ]


def planned(seed: int) -> list[tuple[int, str, int, str]]:
    draws = Draws(seed)
    agenda = Agenda(almanac.instants(almanac.start_of(seed), 28))
    planning.plan(agenda, draws, people(draws))
    return [
        (instant.index, phase, person.place, type(act).__name__)
        for instant in agenda.instants
        for phase in PHASES
        for person, act in agenda.take(instant.index, phase)
    ]


class TestPlan:
    def test_asks_for_more_than_three_permits_an_account(self) -> None:
        kinds = Counter(kind for *_, kind in planned(1))
        assert kinds[Call.__name__] + kinds[Write.__name__] > 3.2 * PEOPLE

    def test_has_people_dispute_by_themselves(self) -> None:
        kinds = Counter(kind for *_, kind in planned(1))
        assert kinds[OpenDispute.__name__] > 0.03 * PEOPLE

    def test_is_the_same_for_the_same_seed_only(self) -> None:
        assert planned(1) == planned(1) != planned(2)

    def test_writes_to_whom_no_number_is_known_and_calls_whom_no_address(self) -> None:
        for _, _, place, kind in planned(1):
            assert kind != Call.__name__ or place % 10
            assert kind != Write.__name__ or place % 9
