"""Contact windows over HTTP, and previews at their edges: nothing of it is recorded."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from services.compliance.permits.domain import commands
from services.compliance.rules import facts
from shared.eventstore.transact import Transactor
from shared.kernel.clock import RandomIds
from tests.databases import Server
from tests.gates import Person
from tests.integration.side import Side
from tests.system import TENANT, running
from tests.waiting import until

pytestmark = pytest.mark.integration

NIGHT = datetime(2026, 10, 31, 5, 30, 0, 500_000, tzinfo=UTC)  # half past midnight in Chicago
SECOND = timedelta(seconds=1)


class Desk:
    """Compliance, and somebody who asks it when a person may be contacted."""

    def __init__(self, system: Any, key: str) -> None:
        self.system = system
        self.person = Person(TENANT)
        self.side = Side(system)
        self.reader = system.client("compliance", key)

    async def windows(self, **query: str) -> Any:
        path = f"/v1/consumers/{self.person.consumer_id}/contact-windows"
        return await self.reader.get(path, params=query)

    async def preview(self, at: datetime | None = None) -> Any:
        if at is not None:
            await self.system.set_clock(TENANT, at)
        answer = await self.reader.post("/v1/permits:preview", json=self.person.body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def events(self) -> int:
        connection = await asyncpg.connect(self.system.databases["compliance"].admin)
        try:
            return int(await connection.fetchval("SELECT count(*) FROM events"))
        finally:
            await connection.close()


@pytest.fixture
async def desk(postgres_server: Server) -> AsyncIterator[Desk]:
    async with running(postgres_server, "compliance") as system:
        made = Desk(system, await system.key())
        store = system.services["compliance"].app.api.state.foundation.store
        known: list[commands.Command] = made.person.known(NIGHT - timedelta(days=1))
        address = commands.RecordFact(
            consumer_id=made.person.consumer_id,
            fact_key="address",
            source_stream=f"contact-{made.person.consumer_id}",
            source_version=1,
            fact=facts.ContactPointKnown(
                contact_point_id=RandomIds().new("cp"),
                point_kind="address",
                label="home",
                digest="5e" * 32,
                states=("IL",),
            ),
            now=NIGHT - timedelta(days=1),
        )
        await made.person.live(Transactor(store, RandomIds()), [*known, address])
        await system.set_clock(TENANT, NIGHT)

        async def is_fresh() -> bool:
            rules = {each["rule"] for each in (await made.preview())["objections"]}
            return "facts-stale" not in rules

        await until(is_fresh)
        yield made
        await made.side.close()
        await made.reader.aclose()


async def test_a_preview_says_the_same_at_every_edge_and_leaves_no_trace(desk: Desk) -> None:
    before = await desk.events()
    shown = (await desk.windows(days="3")).json()
    ways = {each["channel"]: each for each in shown["ways"]}
    assert set(ways) == {"call", "voicemail", "text", "letter", "in_person"}
    call = ways["call"]
    assert call["contact_point_id"] == desk.person.contact_point_id
    assert [each["local_times"][0]["starts_at"] for each in call["windows"]] == [
        "2026-10-31T08:00:01-05:00",
        "2026-11-01T08:00:01-06:00",  # an hour later by the sun: clocks went back
        "2026-11-02T08:00:01-06:00",
    ]
    assert call["windows"][0]["local_times"][0]["zone"] == "America/Chicago"
    for each in call["windows"]:
        starts_at, ends_at = (
            datetime.fromisoformat(each[name]) for name in ("starts_at", "ends_at")
        )
        asked = [starts_at - SECOND, starts_at, ends_at - SECOND, ends_at]
        verdicts = [(await desk.preview(when))["decision"] for when in asked]
        assert verdicts == ["defer", "permit", "permit", "defer"]
    (gap, *_) = call["gaps"]
    assert gap["objections"][0]["rule"] == "permitted-hours"
    assert ways["text"]["windows"] == []  # nobody has agreed to texts
    assert ways["text"]["gaps"][0]["ends_at"] is None
    assert "text-procedure" in {each["rule"] for each in ways["text"]["gaps"][0]["objections"]}
    assert await desk.events() == before


async def test_asks_for_what_can_be_answered(desk: Desk) -> None:
    assert [each["channel"] for each in (await desk.windows(channel="letter")).json()["ways"]] == [
        "letter"
    ]
    (way,) = (await desk.windows(channel="social")).json()["ways"]
    assert (way["channel"], way["contact_point_id"]) == ("social", None)
    assert way["windows"]
    for wrong in ({"days": "15"}, {"days": "0"}, {"channel": "pigeon"}, {"account_id": "acct_1"}):
        assert (await desk.windows(**wrong)).status_code == 422, wrong
    assert (await desk.windows(day="3")).status_code == 400
    elsewhere = await desk.reader.get(f"/v1/consumers/{RandomIds().new('cns')}/contact-windows")
    assert elsewhere.json()["ways"] == []
