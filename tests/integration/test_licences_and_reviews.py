"""Licences and call reviews over HTTP: put on record by a key, heard by the next permit."""

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


class Desk:
    """Compliance with one person in Illinois, and an agency key beside the service that calls."""

    def __init__(self, system: System, key: str) -> None:
        self.person = Person(TENANT)
        self.side = Side(system)
        self.key = system.client("compliance", key)

    async def ask(self, **changes: Any) -> Any:
        """Ask to call the person."""
        return await self.side.call("POST", "/permits", {**self.person.body, **changes})

    async def tell(self, method: str, path: str, **body: Any) -> Any:
        """Say something as the agency."""
        headers = {"Idempotency-Key": RandomIds().new("req")}
        answer = await self.key.request(method, f"/v1{path}", json=body, headers=headers)
        return answer.json()


@pytest.fixture
async def desk(postgres_server: Server) -> AsyncIterator[Desk]:
    async with running(postgres_server, "compliance") as system:
        await system.set_clock(TENANT, NOON)
        made = Desk(system, await system.key())
        person = made.person
        store = system.services["compliance"].app.api.state.foundation.store
        calls = [
            each for day in range(6, 0, -1) for each in person.call(NOON - timedelta(days=day))
        ]
        calls += person.call(NOON - timedelta(hours=2))
        await person.live(Transactor(store, RandomIds()), person.known(NOON - timedelta(days=9)))
        await person.live(Transactor(store, RandomIds()), calls)

        async def is_fresh() -> bool:
            rules = {each["rule"] for each in (await made.ask())["objections"]}
            return "facts-stale" not in rules

        await until(is_fresh)
        yield made
        await made.side.close()
        await made.key.aclose()


async def test_licences_stop_and_free_the_next_permit(desk: Desk) -> None:
    unsaid = await desk.ask()
    assert "licence-needed" in {each["flag"] for each in unsaid["flags"]}
    other = await desk.tell("PUT", "/licences/WA", number="602-1")
    assert other["is_held"] is True
    stopped = await desk.ask()
    assert "licence-needed" in {each["rule"] for each in stopped["objections"]}
    await desk.tell("PUT", "/licences/IL", number="017.1", expires_on="2026-12-31")
    free = await desk.ask()
    assert {each["rule"] for each in free["objections"]} == {"call-frequency"}
    await desk.tell("POST", "/licences/IL/end", reason="given up")
    ended = await desk.ask()
    assert "licence-needed" in {each["rule"] for each in ended["objections"]}
    shown = (await desk.key.get("/v1/licences")).json()
    assert shown["in_force"] == ["WA"]
    assert [each["authority"] for each in shown["licences"]] == ["IL", "WA"]


async def test_a_review_lets_one_call_through(desk: Desk) -> None:
    what = {"purpose": "active_litigation"}
    assert (await desk.ask())["decision"] == "defer"
    assert (await desk.ask(**what))["decision"] == "review"
    review = await desk.tell(
        "POST",
        "/call-reviews",
        consumer_id=desk.person.consumer_id,
        account_ids=[desk.person.account_id],
        factor="active_litigation",
        decision="approved",
    )
    assert review["decision"] == "approved"
    first = await desk.ask(**what)
    assert first["decision"] == "permit"
    flagged = {each["flag"]: each["facts"] for each in first["flags"]}
    assert flagged["call-frequency"]["review"] == review["id"]
    assert flagged["call-frequency"]["reviewer_id"] == review["reviewer_id"]
    assert (await desk.ask(**what))["decision"] == "review"
    assert (await desk.ask())["decision"] == "defer"
