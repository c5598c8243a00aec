"""What every act is: a frozen value that is performed on a stage."""

from typing import Protocol

from services.command.demo.agenda import Phase
from services.command.demo.stage import Stage
from services.command.demo.world import Person


class Performed(Protocol):
    """An act that can be performed."""

    @property
    def phase(self) -> Phase:
        """Return when within an instant it is done."""
        ...

    async def perform(self, stage: Stage, person: Person) -> None:
        """Do it.

        Raises:
            CallFailed: a service answered what it should not.
        """
        ...
