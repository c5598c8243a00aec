"""A stop that crosses a call: leave was given, a stop comes in, the leave is worth nothing."""

from dataclasses import dataclass

from services.command.demo.acts.calling import ask, dispatch
from services.command.demo.acts.speaking import CeaseByLetter
from services.command.demo.agenda import Phase
from services.command.demo.stage import Stage
from services.command.demo.world import Account, Person


@dataclass(frozen=True)
class CeaseWhileCalling:
    """An agent gets leave to call; before dialing, the person's written stop is opened."""

    account: Account
    phase: Phase = "life"

    async def perform(self, stage: Stage, person: Person) -> None:
        """Ask, hand the letter in, and have the agent dial afterwards."""
        decided = await ask(stage, person, self.account, self.account.phones[0])
        await CeaseByLetter().perform(stage, person)
        if decided["decision"] == "permit":
            stage.agenda.add(stage.index, person, DialNow(attempt_id=decided["id"]))


@dataclass(frozen=True)
class DialNow:
    """The agent tries to use leave that a stop has revoked."""

    attempt_id: str
    phase: Phase = "work"

    async def perform(self, stage: Stage, person: Person) -> None:
        """Try, and fail."""
        await dispatch(stage, person, self.attempt_id)
