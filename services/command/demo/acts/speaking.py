"""What people state by themselves, and what ends a statement."""

from dataclasses import dataclass
from typing import Any

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
            "kind": "cease",
            "in_writing": True,
            "medium": "letter",
            "text": "I demand that you cease all further communication with me.",
        }
        await state(stage, person, body)


@dataclass(frozen=True)
class OptOutOfMail:
    """The person writes back that an address is not to be used."""

    contact_point_id: str
    phase: Phase = "life"

    async def perform(self, stage: Stage, person: Person) -> None:
        """Hand it in."""
        body = {
            "kind": "opt_out",
            "medium": "email",
            "contact_point_id": self.contact_point_id,
            "text": "Please stop e-mailing me.",
        }
        await state(stage, person, body)


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


async def state(stage: Stage, person: Person, body: dict[str, Any]) -> None:
    """Record what the person stated; no contact against it is let through from then on."""
    path = f"/v1/consumers/{person.consumer_id}/statements"
    await stage.apis.post("contact", path, body, stage.key(person, "statement"))
