"""What people state by themselves, and what ends a statement."""

from dataclasses import dataclass

from services.command.demo.agenda import Phase
from services.command.demo.stage import Stage
from services.command.demo.world import Person


@dataclass(frozen=True)
class CeaseByLetter:
    """The person demands in writing that contact stop."""

    phase: Phase = "life"

    async def perform(self, stage: Stage, person: Person) -> None:
        """Hand the letter in."""
        body = {
            "consumer_id": person.consumer_id,
            "channel": "letter",
            "text": "I demand that you cease all further communication with me.",
            "demand": "stop_contact",
        }
        key = stage.key(person, "cease")
        await stage.apis.post("contact", "/v1/inbound-messages", body, key)
        stage.tally.done["written demands to stop"] += 1


@dataclass(frozen=True)
class Release:
    """The person wants to be reached again: what was stated binds no more."""

    fact_id: str
    phase: Phase = "life"

    async def perform(self, stage: Stage, person: Person) -> None:
        """Release the statement."""
        path = f"/v1/protective-facts/{self.fact_id}/release"
        body = {
            "consumer_id": person.consumer_id,
            "reason": "consumer_request",
            "note": "Asked on the telephone to be called again.",
        }
        await stage.apis.post("contact", path, body, stage.key(person, "release"))
        stage.tally.done["statements released"] += 1
