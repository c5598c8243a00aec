"""Who does what at which instant: never two things of one person in one phase.

What one person does in one phase is at rest before anything else happens to them, so the order of
their events does not depend on how fast anything is.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol

from services.command.demo.almanac import Instant, Shift
from services.command.demo.world import Person

Phase = Literal["life", "work", "after"]
PHASES: tuple[Phase, ...] = ("life", "work", "after")


class Act(Protocol):
    """Something that one person, or an agent about them, does."""

    @property
    def phase(self) -> Phase:
        """Return when within an instant it is done."""
        ...


class Agenda:
    """The acts to come."""

    def __init__(self, instants: Sequence[Instant]) -> None:
        self.instants = instants
        self._acts: dict[tuple[int, Phase], dict[int, list[tuple[Person, Act]]]] = defaultdict(dict)

    def add(self, index: int, person: Person, act: Act) -> None:
        """Have an act done at an instant; beyond the last one it is not done at all."""
        if index < len(self.instants):
            self._acts[index, act.phase].setdefault(person.place, []).append((person, act))

    def add_on(self, day: int, shift: Shift | None, person: Person, act: Act) -> None:
        """Have an act done on a day, at a shift if it has it, or on the first day after."""
        for instant in self.instants:
            if instant.day >= day and shift in (None, instant.shift):
                self.add(instant.index, person, act)
                return

    def add_from(self, at: datetime, person: Person, act: Act) -> None:
        """Have an act done at the first instant that is not before `at`."""
        for instant in self.instants:
            if instant.at >= at:
                self.add(instant.index, person, act)
                return

    def take(self, index: int, phase: Phase) -> list[tuple[Person, Act]]:
        """Return one act of everyone who has one, and put off the others to the next instant."""
        waiting = self._acts.pop((index, phase), {})
        taken = []
        for place in sorted(waiting):
            first, *others = waiting[place]
            taken.append(first)
            for person, act in others:
                self.add(index + 1, person, act)
        return taken

    def day_after(self, index: int, days: int) -> int:
        """Return the day so many days after an instant's."""
        return self.instants[index].day + days

    def at_after(self, index: int, span: timedelta) -> datetime:
        """Return the instant so long after another."""
        return self.instants[index].at + span
