"""People who say "stop", while the network is at its worst; and what they are answered."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from services.contact.foreign import AccountPlaced
from tests.simulation.clients import Client
from tests.simulation.history import InboundTalk, Stop
from tests.simulation.simulation import Simulation

OUTAGE_S_MAX = 60.0
STALENESS = timedelta(seconds=5)
POINTS = {"this phone": "phone", "this address": "email"}
KINDS = (
    "cease",
    "cease_one",
    "attorney",
    "call",
    "email",
    "this phone",
    "this phone",
    "this address",
)
SOURCES = ("contact", "disputes")


class Listener:
    """Writes down what people say, and what they are told it did."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._chance = simulation.chance
        self._client = Client(simulation, "front-desk")

    async def hear(self, placed: AccountPlaced) -> None:
        """Hear some kind of stop about an account."""
        if self._chance.happens(self._chance.cuts):
            self._break_links()
        if self._chance.happens(0.3):
            await self._dispute(placed)
        else:
            await self._statement(placed)

    async def answer_phone(self, placed: AccountPlaced) -> None:
        """Speak with somebody who telephones, and write it down."""
        began = self._simulation.loop.now()
        await asyncio.sleep(self._chance.between(30, 900))
        ended = self._simulation.loop.now()
        if self._chance.happens(self._chance.cuts):
            self._break_links()
        told = {
            "consumer_id": placed.consumer_ids[0],
            "is_conversation": True,
            "started_at": began,
            "ended_at": ended,
        }
        reply = await self._client.ask("/v1/inbound-calls", told)
        if reply is not None and reply.status == 201:
            known_by = self._simulation.loop.now() + STALENESS
            talk = InboundTalk(
                consumer_id=placed.consumer_ids[0], ended_at=ended, known_by=known_by
            )
            self._simulation.history.talks.append(talk)

    def _break_links(self) -> None:
        simulation, chance = self._simulation, self._chance
        simulation.trace.note("links break")
        simulation.cut_feeds("compliance", SOURCES, True)
        simulation.network.part("compliance", True)

        async def join() -> None:
            simulation.network.part("compliance", False)

        async def see() -> None:
            simulation.cut_feeds("compliance", SOURCES, False)

        # Mostly requests get through again before the feeds do: that is the dangerous order.
        simulation.later(join, chance.between(0.3, 3.0))
        simulation.later(see, chance.between(4.0, OUTAGE_S_MAX))

    async def _statement(self, placed: AccountPlaced) -> None:
        consumer_id = placed.consumer_ids[0]
        said, stop = self._said(placed, consumer_id)
        self._simulation.history.stops.append(stop)
        reply = await self._client.ask(f"/v1/consumers/{consumer_id}/statements", said)
        if reply is None or not self._told(stop, reply.status, reply.json()):
            return
        if self._chance.happens(0.4):
            await asyncio.sleep(self._second_thoughts_s())
            stop.released_at = self._simulation.loop.now()
            await self._client.ask(
                f"/v1/protective-facts/{reply.json()['id']}/release",
                {"consumer_id": consumer_id, "reason": "consumer_request"},
            )

    def _second_thoughts_s(self) -> float:
        """Return when it is taken back: soon, while repeats are still under way, or days later."""
        return self._chance.between(0.5, self._chance.one_of((20.0, 3 * 86_400)))

    def _said(self, placed: AccountPlaced, consumer_id: str) -> tuple[dict[str, Any], Stop]:
        match self._chance.one_of(KINDS):
            case "cease":
                said = {"kind": "cease", "in_writing": True, "medium": "email"}
                return said, Stop(kind="cease", consumer_id=consumer_id)
            case "cease_one":
                said = {
                    "kind": "cease",
                    "in_writing": True,
                    "medium": "letter",
                    "account_ids": [placed.account_id],
                }
                return said, Stop(
                    kind="cease", consumer_id=consumer_id, account_ids=(placed.account_id,)
                )
            case "attorney":
                return {"kind": "attorney"}, Stop(kind="attorney", consumer_id=consumer_id)
            case "call" | "email" as medium:
                said = {"kind": "opt_out", "medium": medium}
                return said, Stop(kind="opt_out", consumer_id=consumer_id, medium=medium)
            case kind:
                point = next(each for each in placed.contact_points if each.kind == POINTS[kind])
                said = {"kind": "opt_out", "contact_point_id": point.contact_point_id}
                return said, Stop(kind="opt_out", consumer_id=consumer_id, digest=point.digest)

    async def _dispute(self, placed: AccountPlaced) -> None:
        stop = Stop(
            kind="dispute",
            consumer_id=placed.consumer_ids[0],
            account_ids=(placed.account_id,),
        )
        self._simulation.history.stops.append(stop)
        in_writing = self._chance.happens(0.5)
        body = {"account_id": placed.account_id, "in_writing": in_writing, "grounds": "other"}
        reply = await self._client.ask("/v1/disputes", body)
        if reply is None or not self._told(stop, reply.status, reply.json()):
            return
        if self._chance.happens(0.5):
            await asyncio.sleep(self._second_thoughts_s())
            stop.released_at = self._simulation.loop.now()
            path = f"/v1/disputes/{reply.json()['id']}"
            await self._client.ask(f"{path}/answer", {"answer": "verification"})
            await self._client.ask(f"{path}/resolve", {"resolution": "denied"})

    def _told(self, stop: Stop, status: int, answer: dict[str, Any]) -> bool:
        if status == 201:
            stop.effective_at = self._simulation.loop.now()
        elif status == 202:
            stop.effective_by = datetime.fromisoformat(answer["effective_by"])
        self._simulation.trace.note("told", stop.kind, status)
        return status in (201, 202)
