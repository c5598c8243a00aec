"""Content found unlawful stops permits that ask for it, and those already given, at the redeem."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.eventstore.transact import Transactor
from shared.kernel.clock import RandomIds
from tests.databases import Server
from tests.gates import Person
from tests.integration.side import Side
from tests.system import TENANT, System, running
from tests.waiting import until

pytestmark = pytest.mark.integration

NOON = datetime(2026, 6, 10, 18, tzinfo=UTC)  # 13:00 in Chicago, a Wednesday
SCRIPT = {
    "channel": "call",
    "text": "This is Robin Smith of ABC Inc., a debt collector. You may be arrested.",
    "business_name": "ABC Inc",
    "is_initial": False,
    "was_initial_oral": False,
}


class Desk:
    """Compliance with one person who may be called, and a script to call with."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.person = Person(TENANT)
        self.side = Side(system)

    async def check(self, **changes: Any) -> Any:
        """Have the script checked."""
        return await self.side.call("POST", "/content-checks", {**SCRIPT, **changes})

    async def ask(self, digest: str) -> Any:
        """Ask to call with the script."""
        body = {**self.person.body, "content_digest": digest}
        return await self.side.call("POST", "/permits", body)

    async def redeem(self, permit_id: str, digest: str) -> Any:
        """Redeem a permit."""
        body = {**self.person.body, "content_digest": digest}
        return await self.side.call("POST", f"/permits/{permit_id}/redeem", body)


@pytest.fixture
async def desk(postgres_server: Server) -> AsyncIterator[Desk]:
    async with running(postgres_server, "compliance") as system:
        await system.set_clock(TENANT, NOON)
        made = Desk(system)
        store = system.services["compliance"].app.api.state.foundation.store
        known = made.person.known(NOON - timedelta(days=1))
        await made.person.live(Transactor(store, RandomIds()), known)
        yield made
        await made.side.close()


async def test_a_check_stops_permits_for_its_content_and_those_given(desk: Desk) -> None:
    checked = await desk.check()
    assert checked["verdict"] == "deny"
    digest = checked["content_digest"]

    async def is_refused_for_that_alone() -> bool:
        asked = await desk.ask(digest)
        return [each["rule"] for each in asked["objections"]] == ["content-unfit"]

    await until(is_refused_for_that_alone)
    unchecked = "0" * 64
    granted = await desk.ask(unchecked)
    assert granted["decision"] == "permit", granted
    assert (await desk.redeem(granted["id"], unchecked))["is_redeemed"]


async def test_a_check_between_permit_and_redeem_is_heard(desk: Desk) -> None:
    words = "This is Robin Smith of ABC Inc."
    harmless = await desk.check(text=words, is_about_debt=False)
    assert harmless["verdict"] == "allow", harmless
    digest = harmless["content_digest"]

    async def is_permitted() -> bool:
        return bool((await desk.ask(digest))["decision"] == "permit")

    await until(is_permitted)
    permit = await desk.ask(digest)
    again = await desk.check(text=words, is_about_debt=True)
    assert (again["content_digest"], again["verdict"]) == (digest, "require")
    redeemed = await desk.redeem(permit["id"], digest)
    assert not redeemed["is_redeemed"]
    assert "content-unfit" in [each["rule"] for each in redeemed["objections"]]
