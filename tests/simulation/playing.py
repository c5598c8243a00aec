"""A desk at work on somebody with a plot: it asks for what one law alone should refuse."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

from tests.simulation.casework import KINDS, UNCHECKED
from tests.simulation.desk import Desk
from tests.simulation.plots import Acting, Asking, Plot
from tests.simulation.simulation import Simulation
from tests.simulation.subject import Subject
from tests.simulation.traits import Told, basis

LEARNED_ON = 1
CUT_OFF_S = 20.0


class Playing:
    """Plans what becomes known of one person, and what is asked for then."""

    def __init__(self, simulation: Simulation, subject: Subject, plot: Plot) -> None:
        self._simulation = simulation
        self._subject = subject
        self._plot = plot
        self._desk = Desk(simulation)

    def plan(self) -> None:
        """Plan it."""
        subject, plot = self._subject, self._plot
        known = plot.learns(subject, self._by_day(LEARNED_ON))
        for told in (*basis(subject, plot.texts_by), *known):
            self._at(told.at, partial(self._tell, told))
        for each in plot.asks:
            self._at(self._by_day(each.day), partial(self._do, each))

    def _by_day(self, day: int) -> datetime:
        person = self._subject.person
        date = (self._subject.begins + timedelta(days=day)).date()
        opens, closes = person.opens(date), person.closes(date)
        return opens + (closes - opens) * self._simulation.chance.between(0.1, 0.9)

    def _at(self, instant: datetime, work: Callable[[], Awaitable[None]]) -> None:
        self._simulation.later(work, max(0.0, self._simulation.loop.seconds_until(instant)))

    async def _tell(self, told: Told) -> None:
        if told.path:
            if self._plot.is_cut_off:
                self._cut_off()
            await self._desk.say(told.path, told.body)
        elif told.fact is not None:
            await self._desk.file(self._subject.consumer_id, told.key, told.fact)

    def _cut_off(self) -> None:
        simulation = self._simulation
        simulation.network.part("compliance", True)

        async def join() -> None:
            simulation.network.part("compliance", False)

        simulation.later(join, CUT_OFF_S)

    async def _do(self, what: Asking | Acting) -> None:
        await (self._act(what) if isinstance(what, Acting) else self._ask(what))

    async def _ask(self, asking: Asking) -> None:
        subject = self._subject
        party_id = subject.parties[asking.party] if asking.party else subject.consumer_id
        kind = KINDS[asking.channel]
        body = {
            "consumer_id": subject.consumer_id,
            "account_ids": subject.account_ids[: None if asking.is_about_all else 1],
            "party_id": party_id,
            "channel": asking.channel,
            "contact_point_id": subject.point(kind, asking.label, party_id),
            "purpose": "collection",
            "content_digest": UNCHECKED,
            **asking.more,
        }
        await self._desk.contact(body, is_reported=asking.is_reported)

    async def _act(self, acting: Acting) -> None:
        subject = self._subject
        await self._desk.clear(
            {
                "consumer_id": subject.consumer_id,
                "account_ids": subject.account_ids[:1],
                "act": acting.act,
            }
        )
