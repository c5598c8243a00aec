"""What an act has at hand: the services, the agenda, chance, and where in time it is."""

from dataclasses import dataclass
from random import Random

from services.command.demo.agenda import Agenda, Phase
from services.command.demo.almanac import Instant
from services.command.demo.apis import Apis
from services.command.demo.draws import Draws
from services.command.demo.tally import Tally
from services.command.demo.world import Person


@dataclass(frozen=True)
class Stage:
    """One phase of one instant."""

    apis: Apis
    agenda: Agenda
    draws: Draws
    tally: Tally
    instant: Instant
    phase: Phase

    @property
    def index(self) -> int:
        """Return the number of the instant."""
        return self.instant.index

    @property
    def now(self) -> str:
        """Return the instant as APIs take it."""
        return self.instant.at.isoformat().replace("+00:00", "Z")

    def key(self, person: Person, what: str) -> str:
        """Return the idempotency key of one request."""
        return f"demo.{person.place}.{self.index}.{self.phase}.{what}"

    def chance(self, person: Person, what: str) -> Random:
        """Return the chance of one thing about one person at this instant."""
        return self.draws.of("act", person.reference, self.index, self.phase, what)
