"""A visit and a private message over HTTP: asked for, redeemed, and told of afterwards."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.compliance.permits.domain import commands
from services.compliance.rules import facts
from shared.eventstore.transact import Transactor
from shared.kernel.clock import RandomIds
from tests.databases import Server
from tests.gates import Person
from tests.integration.side import Side
from tests.system import TENANT, System, running
from tests.waiting import until

pytestmark = pytest.mark.integration

NOON = datetime(2026, 6, 10, 18, tzinfo=UTC)  # 13:00 in Chicago, a Wednesday
NIGHT = NOON + timedelta(hours=9)
PRIVATE = {
    "channel": "social",
    "text": "This message is from a debt collector. Reply STOP to stop these messages.",
    "business_name": "ABC Inc",
    "is_initial": False,
    "was_initial_oral": False,
    "social": {"act": "private_message", "discloses_identity": True},
}


class Desk:
    """Compliance with one person, whose house is known."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.person = Person(TENANT)
        self.side = Side(system)
        self.address = RandomIds().new("cp")

    @property
    def visit(self) -> dict[str, Any]:
        """Return a request to come to the house."""
        return {**self.person.body, "channel": "in_person", "contact_point_id": self.address}

    def message(self, digest: str) -> dict[str, Any]:
        """Return a request to write a private message."""
        where = {"channel": "social", "contact_point_id": None}
        return {**self.person.body, **where, "content_digest": digest}

    async def check(self, **changes: Any) -> str:
        """Have the private message checked, and return its digest."""
        answer = await self.side.call("POST", "/content-checks", {**PRIVATE, **changes})
        digest: str = answer["content_digest"]
        return digest

    async def ask(self, body: dict[str, Any], path: str = "/permits") -> Any:
        """Ask for a permit."""
        return await self.side.call("POST", path, body)

    async def objecting(self, body: dict[str, Any]) -> set[str]:
        """Return the rules that object."""
        return {each["rule"] for each in (await self.ask(body, "/permits:preview"))["objections"]}

    async def use(self, body: dict[str, Any], outcome: str) -> Any:
        """Ask, redeem, and tell what came of it."""
        granted = await self.ask(body)
        assert granted["decision"] == "permit", granted
        path = f"/permits/{granted['id']}"
        redeemed = await self.side.call("POST", f"{path}/redeem", body)
        assert redeemed["is_redeemed"], redeemed
        reported = await self.side.call("POST", f"{path}/outcome", self.told(outcome))
        assert reported["status"] == "concluded"
        return redeemed

    def told(self, outcome: str) -> dict[str, Any]:
        """Return what is told of an attempt."""
        return {"consumer_id": self.person.consumer_id, "outcome": outcome}


@pytest.fixture
async def desk(postgres_server: Server) -> AsyncIterator[Desk]:
    async with running(postgres_server, "compliance") as system:
        await system.set_clock(TENANT, NOON)
        made = Desk(system)
        store = system.services["compliance"].app.api.state.foundation.store
        house = commands.RecordFact(
            consumer_id=made.person.consumer_id,
            fact_key="address",
            source_stream=f"contact-{made.person.consumer_id}",
            source_version=1,
            fact=facts.ContactPointKnown(
                contact_point_id=made.address,
                point_kind="address",
                label="home",
                digest="5e" * 32,
                states=("IL",),
            ),
            now=NOON - timedelta(days=1),
        )
        known = [*made.person.known(NOON - timedelta(days=1)), house]
        await made.person.live(Transactor(store, RandomIds()), known)

        async def is_fresh() -> bool:
            return not await made.objecting(made.visit)

        await until(is_fresh)
        yield made
        await made.side.close()


async def test_a_visit_is_permitted_made_and_told_of(desk: Desk) -> None:
    redeemed = await desk.use(desk.visit, "right_party_contact")
    assert datetime.fromisoformat(redeemed["dispatch_before"]) == NOON + timedelta(seconds=60)
    assert await desk.objecting(desk.person.body) == set()  # no call, and no seven days after one
    unfit = {**desk.visit, "contact_point_id": desk.person.contact_point_id}
    assert await desk.objecting(unfit) == {"contact-point-unfit"}
    await desk.system.set_clock(TENANT, NIGHT)
    assert await desk.objecting(desk.visit) == {"permitted-hours"}


async def test_a_private_message_is_permitted_once_it_was_checked(desk: Desk) -> None:
    assert await desk.objecting(desk.message("0" * 64)) == {"social-unchecked"}
    nowhere = desk.message("")
    del nowhere["content_digest"]
    assert await desk.objecting(nowhere) == {"social-unchecked"}
    as_text = await desk.check(channel="text", text="Write to us. Reply STOP to stop texts.")
    assert "social-unchecked" in await desk.objecting(desk.message(as_text))
    seen = await desk.check(text="All see it. Reply STOP to stop.", social={"act": "public_post"})
    assert await desk.objecting(desk.message(seen)) == {"content-unfit"}
    digest = await desk.check()
    redeemed = await desk.use(desk.message(digest), "social_sent")
    assert datetime.fromisoformat(redeemed["dispatch_before"]) == NOON + timedelta(seconds=10)
    named = {**desk.message(digest), "contact_point_id": desk.address}
    assert await desk.objecting(named) == {"contact-point-unfit"}
    await desk.system.set_clock(TENANT, NIGHT)
    assert await desk.objecting(desk.message(digest)) == {"permitted-hours"}


async def test_what_cannot_come_of_it_is_refused_and_changes_nothing(desk: Desk) -> None:
    granted = await desk.ask(desk.visit)
    path = f"/permits/{granted['id']}"
    await desk.side.call("POST", f"{path}/redeem", desk.visit)
    for wrong in ("voicemail_left", "social_sent"):
        key = RandomIds().new("req")
        refused = await desk.side.send("POST", f"{path}/outcome", desk.told(wrong), key)
        assert (refused.status_code, refused.json()["code"]) == (422, "outcome-does-not-fit")
    await desk.side.call("POST", f"{path}/outcome", desk.told("no_answer"))


async def test_an_attempt_without_a_permit_is_taken_down(desk: Desk) -> None:
    digest = await desk.check()
    for body, outcome in ((desk.visit, "no_answer"), (desk.message(digest), "social_sent")):
        told = {
            **body,
            "attempt_id": RandomIds().new("att"),
            "outcome": outcome,
            "started_at": NOON.isoformat(),
        }
        answer = await desk.side.call("POST", "/unpermitted-attempts", told)
        assert answer


async def test_a_stop_of_its_medium_is_held_to(desk: Desk) -> None:
    digest = await desk.check()
    bodies = {"in_person": desk.visit, "social": desk.message(digest)}
    for version, (medium, body) in enumerate(bodies.items(), start=1):
        granted = await desk.ask(body)
        assert granted["decision"] == "permit", granted
        stop = {
            "consumer_id": desk.person.consumer_id,
            "source_stream": f"profile-{desk.person.consumer_id}",
            "source_version": version,
            "fact": {"kind": "opt-out", "received_at": NOON.isoformat(), "medium": medium},
        }
        await desk.side.call("PUT", f"/protective-facts/stop-{medium}", stop)
        redeemed = await desk.side.call("POST", f"/permits/{granted['id']}/redeem", body)
        assert not redeemed["is_redeemed"]
        assert await desk.objecting(body) == {"opted-out-medium"}
