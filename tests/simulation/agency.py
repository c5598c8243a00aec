"""What the agency itself does meanwhile: its licences begin and end, its rule packs change."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec

from tests.simulation.clients import Client
from tests.simulation.desk import Desk
from tests.simulation.simulation import Simulation

LEAD_S = 60.0
BY_DAY_HOUR = 19
"""In UTC: by day in all of these states."""

LICENSED = ("AZ", "CA", "CO", "CT", "DC", "FL", "HI", "IL", "MA", "NC", "NV", "NY", "NYC", "OR")
LICENSED_TOO = ("TX", "WA", "WI", "WV", "NE", "MN", "CHI", "BUF", "YON")


class Agency:
    """Plans what an agency does about itself."""

    def __init__(
        self,
        simulation: Simulation,
        states: Sequence[str],
        presses: Sequence[Callable[[], None]],
    ) -> None:
        self._presses = presses
        self._simulation = simulation
        self._chance = simulation.chance
        self._states = list(states)
        self._desk = Desk(simulation)
        self._author = Client(simulation, "author")
        self._approver = Client(simulation, "approver")

    def plan(self) -> None:
        """Plan it."""
        chance = self._chance
        if chance.happens(0.3):
            self._after(0.0, self._license)
            if chance.happens(0.5):
                ends = partial(self._desk.end_licence, chance.one_of(self._states))
                self._after(chance.between(1, 7), ends)
        if chance.happens(0.5):
            self._after(chance.between(0.3, 3), self._new_law)

    def _after(self, days: float, work: Callable[[], Awaitable[None]]) -> None:
        self._simulation.later(work, days * 86_400)

    async def _license(self) -> None:
        # Those who do not telephone from a placed state are licensed for, too.
        for authority in (*LICENSED, *LICENSED_TOO):
            body: dict[str, Any] = {"number": "L-1"}
            if self._chance.happens(0.1):
                body["expires_on"] = (self._now + timedelta(days=3)).date().isoformat()
            await self._desk.license(authority, body)

    @property
    def _now(self) -> datetime:
        return self._simulation.loop.now()

    async def _new_law(self) -> None:
        """Draft a pack, let it judge in shadow, have another approve it, withdraw it at last."""
        chance = self._chance
        document = {
            "pack": "new-law",
            "version": "1.0",
            "jurisdiction": chance.one_of(self._states),
            "rules": [self._terms()],
        }
        drafted = await self._step("/v1/rule-packs", {"document": _json(document)})
        if drafted is None:
            return
        path = f"/v1/rule-packs/{drafted['id']}"
        if await self._step(f"{path}/observe", {"seen": 1}) is None:
            return
        await asyncio.sleep(chance.between(LEAD_S, 86_400))
        self._simulation.history.wrongs += await self._alone(path)
        effective_at = (self._now + timedelta(seconds=chance.between(90, 3600))).isoformat()
        approved = await self._step(
            f"{path}/activate", {"seen": 2, "step": {"effective_at": effective_at}}, self._approver
        )
        if approved is not None and chance.happens(0.7):
            await asyncio.sleep(chance.between(86_400, 4 * 86_400))
            await self._repeal(path)

    async def _repeal(self, path: str) -> None:
        """Withdraw a pack by day, and have everybody tried while it still binds."""
        by_day = self._now.replace(hour=BY_DAY_HOUR, minute=0) + timedelta(days=1)
        await asyncio.sleep(self._simulation.loop.seconds_until(by_day))
        ending = {"seen": 3, "step": {"reason": "repealed"}}
        if await self._step(f"{path}/withdraw", ending, self._approver) is not None:
            for press in self._presses:
                press()

    async def _alone(self, path: str) -> list[str]:
        """Have the author try to approve alone, and return what was wrong with the answer."""
        soon = (self._now + timedelta(hours=2)).isoformat()
        body = {"seen": 2, "step": {"effective_at": soon}}
        reply = await self._author.ask(f"{path}/activate", body)
        is_right = reply is None or reply.status == 403
        return [] if is_right else [f"the author of a pack approved it: {reply}"]

    def _terms(self) -> dict[str, Any]:
        chance = self._chance
        same = {"law": "STATE-NEW", "citation": "a new law", "effective_from": "2026-01-01"}
        if chance.happens(0.5):
            calls = {"opens_minute": 600, "closes_minute": 1020}
            return {"rule": "permitted-hours", **same, "parameters": calls}
        counted = {
            "contacts_max": chance.one_of((1, 1, 2)),
            "days": chance.one_of((2, 7, 7)),
            "channels": ["call", "text", "email"],
            "per": ["person"],
        }
        return {"rule": "contact-frequency", **same, "parameters": counted}

    async def _step(
        self, path: str, body: dict[str, Any], client: Client | None = None
    ) -> dict[str, Any] | None:
        reply = await (client or self._author).ask(path, body)
        if reply is None or reply.status not in (200, 201):
            self._simulation.trace.note("a pack's step was refused", path, reply)
            return None
        told: dict[str, Any] = reply.json()
        return told


def _json(document: dict[str, Any]) -> str:
    return msgspec.json.encode(document).decode()
