"""Agents: they ask, wait, dial within their minute, and mostly say what came of it."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from services.contact.foreign import PlacedContactPoint
from tests.simulation.channels import Contact
from tests.simulation.clients import Client
from tests.simulation.simulation import Simulation

PATIENCE_S_MAX = 150.0
DIALING_S_MAX = 70.0
OUTCOMES = (
    ("no_answer", 6),
    ("voicemail_left_limited_content", 3),
    ("busy", 1),
    ("right_party_contact", 2),
    ("right_party_dispute", 1),
)
NOT_COUNTED = frozenset({"busy"})
LONG_TALK = timedelta(hours=3, minutes=30)


class Agent:
    """One agent with a client, and a wrist watch that may be wrong."""

    def __init__(self, simulation: Simulation, name: str) -> None:
        self._simulation = simulation
        self._client = Client(simulation, name)
        self._chance = simulation.chance
        wrong_min = self._chance.one_of((0, 0, -90, 90))
        self._watch = timedelta(minutes=wrong_min)

    async def call(
        self,
        account_id: str,
        point: PlacedContactPoint,
        *,
        patience_s: float,
        may_talk: bool,
        may_be_silent: bool,
    ) -> None:
        """Try to call somebody, as far as one is let."""
        self._may_be_silent = may_be_silent
        attempt_id = await self._permitted(account_id, point, "call")
        if attempt_id is None:
            return
        await asyncio.sleep(patience_s)
        if self._chance.happens(0.05):
            await self._client.ask(f"/v1/attempts/{attempt_id}/cancel", {})
            return
        leave = await self._client.ask(f"/v1/attempts/{attempt_id}/dispatch", {}, is_stored=False)
        if leave is None or leave.status != 200:
            return
        told = leave.json()
        if told["decision"] != "dispatch":
            return
        await asyncio.sleep(self._chance.between(0, DIALING_S_MAX))
        if self._simulation.loop.now() >= datetime.fromisoformat(told["dial_before"]):
            await self._report(attempt_id, {"outcome": "not_attempted_permit_released"})
            return
        await self._dial(attempt_id, point, may_talk)

    async def mail(
        self,
        account_id: str,
        point: PlacedContactPoint,
        words: tuple[str, str] = ("Your account", "Please call us."),
    ) -> None:
        """Have an e-mail sent."""
        attempt_id = await self._permitted(account_id, point, "email", words)
        if attempt_id is not None:
            self._simulation.history.mailed[attempt_id] = words

    async def _permitted(
        self,
        account_id: str,
        point: PlacedContactPoint,
        channel: str,
        words: tuple[str, str] = ("", ""),
    ) -> str | None:
        body: dict[str, Any] = {
            "account_id": account_id,
            "channel": channel,
            "contact_point_id": point.contact_point_id,
            "purpose": "collection",
        }
        if channel == "email":
            body["content"] = {"subject": words[0], "text": words[1]}
        reply = await self._client.ask("/v1/attempts", body)
        if reply is None or reply.status != 201:
            return None
        decided = reply.json()
        return decided["id"] if decided["decision"] == "permit" else None

    async def _dial(self, attempt_id: str, point: PlacedContactPoint, may_talk: bool) -> None:
        loop = self._simulation.loop
        outcome = self._outcome(may_talk)
        is_talk = outcome.startswith("right_party")
        began = loop.now()
        lasts = timedelta(seconds=self._chance.between(5, 600))
        if is_talk and self._chance.happens(0.4):
            lasts = LONG_TALK
        self._simulation.trace.note("dialed", attempt_id, outcome)
        self._simulation.world.reach(
            Contact(
                channel="call",
                attempt_id=attempt_id,
                contact_point_id=point.contact_point_id,
                at=began,
                counts=outcome not in NOT_COUNTED,
                ended_at=began + lasts if is_talk else None,
            )
        )
        await asyncio.sleep(lasts.total_seconds())
        if self._may_be_silent and self._chance.happens(0.12):
            return  # and never says what came of it
        times = {"started_at": began + self._watch, "ended_at": loop.now() + self._watch}
        await self._report(attempt_id, {"outcome": outcome, **times})

    async def _report(self, attempt_id: str, body: dict[str, Any]) -> None:
        path = f"/v1/attempts/{attempt_id}/outcome"
        reply = await self._client.ask(path, body)
        if reply is not None and reply.status == 422:  # the watch was found out
            await self._client.ask(path, {"outcome": body["outcome"]})

    def _outcome(self, may_talk: bool) -> str:
        names = [name for name, weight in OUTCOMES for _ in range(weight)]
        outcome = self._chance.one_of(names)
        return outcome if may_talk or not outcome.startswith("right_party") else "no_answer"
