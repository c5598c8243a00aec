"""The play: instant after instant, phase after phase, everybody's acts side by side.

Within a phase nobody has more than one act, and between phases everything comes to rest, so what
happens does not depend on what is faster. Time moves only between instants.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from services.command.clocks import ClockDriver
from services.command.demo.acts.act import Performed
from services.command.demo.agenda import PHASES, Act, Agenda, Phase
from services.command.demo.almanac import Instant
from services.command.demo.apis import Apis
from services.command.demo.draws import Draws
from services.command.demo.stage import Stage
from services.command.demo.tally import Tally
from services.command.demo.world import Person

IN_FLIGHT_MAX = 8
ACTS_PER_REST = 240  # so that no feed falls behind by more than a moment


@dataclass(frozen=True)
class Play:
    """One seed's play in one tenant."""

    apis: Apis
    clock: ClockDriver
    tenant: str
    draws: Draws
    agenda: Agenda
    tally: Tally

    async def run(self, end: datetime, played: Callable[[Instant], None]) -> None:
        """Play all instants, then let time pass until the end.

        Raises:
            CallFailed: a service answered what it should not.
            NotQuiet: the services do not come to rest.
        """
        for instant in self.agenda.instants:
            await self.clock.advance(self.tenant, instant.at)
            for phase in PHASES:
                await self._play(instant, phase)
            played(instant)
        await self.clock.advance(self.tenant, end)

    async def _play(self, instant: Instant, phase: Phase) -> None:
        stage = Stage(
            apis=self.apis,
            agenda=self.agenda,
            draws=self.draws,
            tally=self.tally,
            instant=instant,
            phase=phase,
        )
        acts = self.agenda.take(instant.index, phase)
        for start in range(0, len(acts), ACTS_PER_REST):
            await _side_by_side(stage, acts[start : start + ACTS_PER_REST])
            await self.clock.settle(self.tenant)


async def _side_by_side(stage: Stage, acts: Sequence[tuple[Person, Act]]) -> None:
    """Perform acts of different people, so many at a time."""
    limit = asyncio.Semaphore(IN_FLIGHT_MAX)

    async def perform(person: Person, act: Performed) -> None:
        async with limit:
            await act.perform(stage, person)

    async with asyncio.TaskGroup() as group:
        for person, act in acts:
            group.create_task(perform(person, cast(Performed, act)))
