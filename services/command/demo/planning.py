"""What is on the agenda from the start: the agents' cadence, and what people do by themselves."""

from collections.abc import Sequence
from random import Random

from services.command.demo.acts.calling import Call
from services.command.demo.acts.crossing import CeaseWhileCalling
from services.command.demo.acts.disputing import OpenDispute
from services.command.demo.acts.mailing import Write
from services.command.demo.acts.paying import Pay, Recall
from services.command.demo.acts.speaking import CeaseByLetter
from services.command.demo.agenda import Agenda
from services.command.demo.almanac import Instant, Shift
from services.command.demo.draws import Draws, weighted
from services.command.demo.world import Account, Person

TOUCHES = {1: 1.0, 2: 4.0, 3: 5.0, 4: 3.5, 5: 1.2, 6: 0.3}
SHIFTS: dict[Shift, float] = {
    "early": 4,
    "morning": 22,
    "midday": 27,
    "afternoon": 24,
    "evening": 17,
    "late": 6,
}
EMAIL_SHARE = 0.26
HURRIED_SHARE = 0.02
HURRIED_TOUCHES = 18
HURRIED_DAYS = 9
HURRIED_SHIFTS: tuple[Shift, ...] = ("midday", "afternoon", "evening")
RECALLED_SHARE = 0.02
CROSSING_SHARE = 0.5


def plan(agenda: Agenda, draws: Draws, people: Sequence[Person]) -> None:
    """Put on the agenda what does not depend on what will happen."""
    for person in people:
        _plan_own_ways(agenda, draws, person)
        for account in person.accounts:
            _plan_touches(agenda, draws, person, account)
            _plan_recall(agenda, draws, person, account)


def _plan_touches(agenda: Agenda, draws: Draws, person: Person, account: Account) -> None:
    chance = draws.of("cadence", account.number)
    if not account.phones and not account.emails:
        return
    is_hurried = bool(account.phones) and chance.random() < HURRIED_SHARE
    instants = (
        _hurried(agenda.instants, chance) if is_hurried else _ordinary(agenda.instants, chance)
    )
    for index in instants:
        writes = not account.phones or (
            bool(account.emails) and not is_hurried and chance.random() < EMAIL_SHARE
        )
        agenda.add(index, person, Write(account=account) if writes else Call(account=account))


def _ordinary(instants: Sequence[Instant], chance: Random) -> list[int]:
    """Draw a few instants over all the days, more of them in the middle of the day."""
    weights = [SHIFTS[each.shift] for each in instants]
    count = min(weighted(chance, TOUCHES), len(instants))
    drawn: set[int] = set()
    while len(drawn) < count:
        drawn.update(chance.choices(range(len(instants)), weights, k=count - len(drawn)))
    return sorted(drawn)


def _hurried(instants: Sequence[Instant], chance: Random) -> list[int]:
    """Draw a run of days on which an agent tries again and again."""
    first = chance.randrange(max(instants[-1].day - HURRIED_DAYS, 1))
    within = [
        each.index
        for each in instants
        if first <= each.day < first + HURRIED_DAYS and each.shift in HURRIED_SHIFTS
    ]
    return within[:HURRIED_TOUCHES]


def _plan_recall(agenda: Agenda, draws: Draws, person: Person, account: Account) -> None:
    chance = draws.of("recall", account.number)
    if chance.random() < RECALLED_SHARE:
        agenda.add_on(chance.randrange(5, 25), "morning", person, Recall(account=account))


def _plan_own_ways(agenda: Agenda, draws: Draws, person: Person) -> None:
    chance = draws.of("own ways", person.reference)
    account = chance.choice(person.accounts)
    match person.character.manner:
        case "disputes_in_writing":
            day = chance.randrange(1, 17)
            agenda.add_on(day, "morning", person, OpenDispute(account=account))
        case "ceases_in_writing":
            day = chance.randrange(2, 20)
            crosses = bool(account.phones) and chance.random() < CROSSING_SHARE
            act = CeaseWhileCalling(account=account) if crosses else CeaseByLetter()
            agenda.add_on(day, "midday", person, act)
        case "pays_online":
            for _ in range(chance.randrange(1, 3)):
                day = chance.randrange(1, 27)
                agenda.add_on(day, "evening", person, Pay(account=account))
        case _:
            return
