"""What happens in a world: ten days of work, crowded where the rules turn.

Calls come in bursts at the first and the last minute of the permitted hours, on the first days and
on those when what counted on the first days no longer does.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from functools import partial

from services.contact.foreign import AccountPlaced, PlacedContactPoint
from tests.simulation.agency import Agency
from tests.simulation.casework import Casework
from tests.simulation.contacting import PATIENCE_S_MAX, Agent
from tests.simulation.money import Creditor, Payer
from tests.simulation.playing import Playing
from tests.simulation.plots import Plot, some_plot
from tests.simulation.population import Cast, Person, Protected
from tests.simulation.simulation import Simulation
from tests.simulation.stopping import Listener
from tests.simulation.subject import Subject

DAYS = (0, 1, 2, 6, 7, 8)
CROWDED_DAYS = (0, 1, 2, 7, 8)
PLACED_HOUR_S = 3600.0
HEALING_S = 2 * 86_400.0


class Workload:
    """Plans everything at the beginning; the world decides what becomes of it."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._chance = simulation.chance
        self._begins = simulation.loop.begins
        first = Person(0, self._chance, self._begins)
        others = range(1, self._chance.one_of((2, 3)))
        # The first two share a telephone: an address opted out binds whoever has it.
        self._people = [
            first,
            *(
                Person(each, self._chance, self._begins, first if each == 1 else None)
                for each in others
            ),
        ]
        some = range(len(self._people), len(self._people) + self._chance.one_of((1, 2)))
        self._protected = [Protected(each, self._chance, self._begins) for each in some]
        self._cast: list[tuple[Cast, Plot]] = []
        for number in range(some.stop, some.stop + self._chance.one_of((2, 3))):
            plot = some_plot(self._chance, self._begins)
            self._cast.append((Cast(number, self._chance, self._begins, plot.part), plot))

    async def run(self) -> None:
        """Place, contact, stop, pay; then heal and let everything come to rest."""
        simulation = self._simulation
        creditor_id = await simulation.begin()
        await asyncio.sleep(PLACED_HOUR_S)
        creditor = Creditor(simulation, creditor_id)
        cast = [each for each, _ in self._cast]
        await creditor.place([*self._people, *self._protected, *cast])
        await asyncio.sleep(PLACED_HOUR_S)
        for person in self._people:
            self._plan(person, self._accounts(creditor, person))
        self._plan_desks(creditor)
        await simulation.pending_done()
        simulation.heal()
        await asyncio.sleep(HEALING_S)
        simulation.trace.note("rests")

    def _plan_desks(self, creditor: Creditor) -> None:
        simulation = self._simulation
        rushes = [self._begins + timedelta(days=each, hours=19) for each in (1, 2, 3)]
        desks = [Casework(simulation, self._subject(creditor, each)) for each in self._protected]
        for desk in desks:
            desk.plan(rushes)
        for player, plot in self._cast:
            Playing(simulation, self._subject(creditor, player), plot).plan()
        states = [each.lives.state for each in self._protected]
        Agency(simulation, states, [each.press for each in desks]).plan()

    def _subject(self, creditor: Creditor, person: Protected) -> Subject:
        accounts = self._accounts(creditor, person)
        return Subject(person, accounts, self._chance, self._simulation.ids)

    def _accounts(self, creditor: Creditor, person: Person) -> list[AccountPlaced]:
        numbers = (creditor.accounts[each] for each in person.account_numbers)
        return [self._simulation.directory.account(each) for each in numbers]

    def _plan(self, person: Person, accounts: list[AccountPlaced]) -> None:
        stop_day = self._chance.one_of((8, None) if person.is_pursued else (1, 2, 6, 7, 8))
        for day in DAYS:
            for burst in range(3 if person.is_pursued and day in CROWDED_DAYS else 1):
                at = self._moment(person, self._begins.date() + timedelta(days=day))
                self._plan_burst(person, accounts, at)
                if day == stop_day and burst == 0:
                    self._plan_stop(person, accounts, at)
        for placed in accounts:
            self._plan_money(placed)
        if self._chance.happens(0.3):
            self._plan_inbound(person, self._chance.one_of(accounts))

    def _moment(self, person: Person, day: date) -> datetime:
        opens, closes = person.opens(day), person.closes(day)
        match self._chance.one_of(("opens", "closes", "closes", "between")):
            case "opens":
                return opens + timedelta(seconds=self._chance.between(-30, 120))
            case "closes":
                return closes + timedelta(seconds=self._chance.between(-420, 0))
            case _:
                return opens + (closes - opens) * self._chance.random.random()

    def _plan_burst(self, person: Person, accounts: list[AccountPlaced], at: datetime) -> None:
        spread_s, patience_s = self._chance.one_of((0.05, 60.0)), self._patience_s()
        for number in range(self._chance.one_of((1, 2, 3))):
            if spread_s > 1:
                patience_s = self._patience_s()
            placed = self._chance.one_of(accounts)
            agent = Agent(self._simulation, f"agent-{number}")
            wait = timedelta(seconds=self._chance.between(0, spread_s))
            kind = "email" if self._chance.happens(0.2) else "phone"
            point = _point(placed, kind)
            if kind == "email":
                self._at(at + wait, partial(agent.mail, placed.account_id, point))
                continue
            work = self._call(agent, placed, point, patience_s, is_pursued=person.is_pursued)
            self._at(at + wait, work)

    def _patience_s(self) -> float:
        return self._chance.one_of((0.0, 20.0, PATIENCE_S_MAX)) * self._chance.random.random()

    def _call(
        self,
        agent: Agent,
        placed: AccountPlaced,
        point: PlacedContactPoint,
        patience_s: float,
        *,
        is_pursued: bool,
    ) -> Callable[[], Awaitable[None]]:
        async def work() -> None:
            await agent.call(
                placed.account_id,
                point,
                patience_s=patience_s,
                may_talk=not is_pursued,
                may_be_silent=not is_pursued,
            )

        return work

    def _plan_stop(self, person: Person, accounts: list[AccountPlaced], at: datetime) -> None:
        placed = self._chance.one_of(accounts)
        spoken = at + timedelta(seconds=self._chance.between(0, 90))
        self._at(spoken, partial(Listener(self._simulation).hear, placed))
        # Those who share the person's telephone, too, are tried just then.
        for other in self._simulation.directory.accounts():
            is_own = other.consumer_ids == placed.consumer_ids
            for _ in range(4 if is_own else 1):
                self._plan_insistence(other, spoken)

    def _plan_inbound(self, person: Person, placed: AccountPlaced) -> None:
        at = self._moment(
            person, self._begins.date() + timedelta(days=self._chance.one_of((0, 1, 7)))
        )
        self._at(at, partial(Listener(self._simulation).answer_phone, placed))
        phone = _point(placed, "phone")
        for _ in range(3):
            agent = Agent(self._simulation, "agent-calling-back")
            soon = at + timedelta(seconds=self._chance.between(0, 960))
            self._at(soon, self._call(agent, placed, phone, 5.0, is_pursued=True))

    def _plan_insistence(self, placed: AccountPlaced, spoken: datetime) -> None:
        """Try to reach somebody in the very seconds in which they say that they do not wish it."""
        agent, chance = Agent(self._simulation, "agent-insistent"), self._chance
        phone, email = (_point(placed, kind) for kind in ("phone", "email"))
        asked = spoken + timedelta(seconds=chance.between(-20, 5))
        self._at(asked, self._call(agent, placed, phone, self._patience_s(), is_pursued=True))
        later = timedelta(seconds=chance.one_of((5.0, 5.0, 60.0)) * chance.random.random())
        self._at(spoken + later, partial(agent.mail, placed.account_id, email))

    def _plan_money(self, placed: AccountPlaced) -> None:
        payer = Payer(self._simulation)
        for _ in range(self._chance.one_of((0, 1, 2))):
            self._at(self._some_time(), partial(payer.pay, placed))
        if self._chance.happens(0.4):
            self._at(self._some_time(days_max=2), partial(payer.agree, placed))
        elif self._chance.happens(0.2):
            self._at(self._some_time(), partial(payer.recall, placed))

    def _some_time(self, days_max: int = 9) -> datetime:
        return self._begins + timedelta(days=self._chance.between(0.2, days_max))

    def _at(self, instant: datetime, work: Callable[[], Awaitable[None]]) -> None:
        self._simulation.later(work, max(0.0, self._simulation.loop.seconds_until(instant)))


def _point(placed: AccountPlaced, kind: str) -> PlacedContactPoint:
    return next(each for each in placed.contact_points if each.kind == kind)
