"""A client that asks compliance itself: for channels that contact does not serve, for acts that are
no contacts, and for what it has in its files.
"""

import asyncio
from typing import Any

from shared.kernel.records import record
from tests.simulation.clients import Client
from tests.simulation.history import Checked
from tests.simulation.messages import Draft
from tests.simulation.simulation import Simulation

DESK = "desk"
"""Its permits have no attempts at contact."""

OUTCOMES = {
    "call": (
        *("no_answer",) * 12,
        *("voicemail_left_limited_content", "busy") * 2,
        *("right_party_contact", "right_party_contact", "wrong_number"),
        *("third_party_no_disclosure", "bankruptcy_stated"),
    ),
    "voicemail": ("voicemail_left", "voicemail_left_limited_content", "voicemail_full"),
    "text": ("text_delivered", "text_delivered", "text_sent", "text_failed"),
    "email": ("email_delivered", "email_sent", "email_bounced"),
    "letter": ("letter_sent", "letter_sent", "letter_returned"),
    "portal": ("email_opened",),
    "in_person": (
        *("no_answer",) * 6,
        *("right_party_contact", "third_party_no_disclosure", "wrong_number"),
    ),
    "social": ("social_sent", "social_replied", "social_failed"),
}
SLACK_S = {"call": 60.0, "voicemail": 60.0, "in_person": 60.0}


@record
class Asked:
    """One permit request as it was answered."""

    permit_id: str
    decision: str
    rules: tuple[str, ...]


class Desk:
    """One clerk with a client."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._chance = simulation.chance
        self._client = Client(simulation, DESK)
        self._versions: dict[str, int] = {}

    async def contact(self, body: dict[str, Any], *, is_reported: bool = True) -> Asked | None:
        """Ask for a permit, and mostly use it and say what came of it, if that is to be said."""
        reply = await self._client.ask("/v1/permits", body)
        if reply is None or reply.status != 201:
            return None
        told = reply.json()
        asked = Asked(
            permit_id=told["id"],
            decision=told["decision"],
            rules=tuple(each["rule"] for each in told["objections"]),
        )
        if asked.decision == "permit":
            await self._use(asked.permit_id, body, is_reported=is_reported)
        return asked

    async def _use(self, permit_id: str, body: dict[str, Any], *, is_reported: bool) -> None:
        chance, path = self._chance, f"/v1/permits/{permit_id}"
        await asyncio.sleep(chance.one_of((0.0, 5.0, 200.0, 320.0)) * chance.random.random())
        same = {"consumer_id": body["consumer_id"]}
        if chance.happens(0.05):
            await self._client.ask(f"{path}/release", {**same, "reason": "not needed"})
            if chance.happens(0.5):
                return
        shown = body if chance.happens(0.95) else {**body, "purpose": "settlement_offer"}
        times = chance.one_of((1, 1, 1, 1, 1, 1, 1, 2))
        replies = await asyncio.gather(
            *(self._client.ask(f"{path}/redeem", shown, is_stored=False) for _ in range(times))
        )
        leave = [each for each in replies if each is not None and each.status == 200]
        is_out = any(each.json()["is_redeemed"] for each in leave)
        if not is_out or not is_reported or chance.happens(0.03):
            return  # where it has gone out, nobody ever says what came of it
        await self._report(path, body)

    async def _report(self, path: str, body: dict[str, Any]) -> None:
        chance = self._chance
        same = {"consumer_id": body["consumer_id"]}
        await asyncio.sleep(chance.between(0, 9))
        started = self._simulation.loop.now()
        await asyncio.sleep(chance.between(1, 400))
        for _ in range(1 if chance.happens(0.75) else 2):  # a second report corrects the first
            told = {
                **same,
                "outcome": chance.one_of(OUTCOMES[body["channel"]]),
                "started_at": started,
                "ended_at": self._simulation.loop.now(),
            }
            await self._client.ask(f"{path}/outcome", told)
            await asyncio.sleep(chance.between(1, 3600))

    async def clear(self, body: dict[str, Any]) -> None:
        """Ask whether an act other than a contact may be done."""
        await self._client.ask("/v1/clearances", body)

    async def review(self, body: dict[str, Any]) -> None:
        """Decide on a call beyond the frequencies."""
        await self._client.ask("/v1/call-reviews", body)

    async def check_content(self, draft: Draft) -> str | None:
        """Have a message checked, and return its digest."""
        checked = Checked(draft)
        self._simulation.history.checked.append(checked)
        reply = await self._client.ask("/v1/content-checks", draft.body)
        if reply is None or reply.status != 201:
            return None
        checked.told, checked.told_at = reply.json(), self._simulation.loop.now()
        digest: str = checked.told["content_digest"]
        return digest

    async def file(self, consumer_id: str, key: str, fact: dict[str, Any]) -> None:
        """Put a fact from the agency's files into force, or a newer version of it."""
        version = self._versions[key] = self._versions.get(key, 0) + 1
        told = {**_source(consumer_id, key), "source_version": version, "fact": fact}
        path = f"/v1/protective-facts/{key}"
        await self._client.ask(path, told, service="compliance", method="PUT", is_stored=False)

    async def withdraw(self, consumer_id: str, key: str) -> None:
        """Let go of what was filed under a key."""
        version = self._versions[key] = self._versions.get(key, 0) + 1
        told = {
            **_source(consumer_id, key),
            "source_version": version,
            "released_by": DESK,
            "reason": "it was a mistake",
        }
        path = f"/v1/protective-facts/{key}/release"
        await self._client.ask(path, told, service="compliance", method="PUT", is_stored=False)

    async def say(self, path: str, body: dict[str, Any]) -> Any:
        """Tell another service something, and return its answer."""
        reply = await self._client.ask(path, body)
        return None if reply is None or reply.status not in (200, 201, 202) else reply.json()

    async def license(self, authority: str, body: dict[str, Any]) -> None:
        """Put a licence on record."""
        path = f"/v1/licences/{authority}"
        await self._client.ask(path, body, method="PUT", is_stored=False)

    async def end_licence(self, authority: str) -> None:
        """Take a licence off the record."""
        await self._client.ask(f"/v1/licences/{authority}/end", {"reason": "surrendered"})


def _source(consumer_id: str, key: str) -> dict[str, str]:
    return {"consumer_id": consumer_id, "source_stream": f"file-{key}"}
