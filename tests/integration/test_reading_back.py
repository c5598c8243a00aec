"""What compliance decided, checked and reviewed, read back by what people look for it by."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from shared.eventstore import migrate
from shared.eventstore.transact import Transactor
from shared.kernel.clock import RandomIds
from tests.databases import Server
from tests.gates import Person
from tests.integration.side import Side
from tests.system import TENANT, System, running
from tests.waiting import until

pytestmark = pytest.mark.integration

NOON = datetime(2026, 6, 10, 18, tzinfo=UTC)  # 13:00 in Chicago, a Wednesday
BEFORE = "0019"
SCRIPT = {"channel": "call", "text": "This is Robin of ABC Inc., a debt collector."}
THREAT = {"channel": "email", "subject": "Debt", "text": "You may be arrested."}


class Desk:
    """Compliance with one person who may be called, and an agency key that reads."""

    def __init__(self, system: System, key: str) -> None:
        self.system = system
        self.person = Person(TENANT)
        self.side = Side(system)
        self.key = system.client("compliance", key)
        self._ids = RandomIds()

    async def post(self, path: str, body: Any) -> Any:
        headers = {"Idempotency-Key": self._ids.new("req")}
        answer = await self.key.post(f"/v1{path}", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def get(self, path: str, **asked: str) -> Any:
        answer = await self.key.get(f"/v1{path}", params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def found(self, path: str, **asked: str) -> list[str]:
        """Return the ids of what a list shows, in its order."""
        return [each["id"] for each in (await self.get(path, **asked))["data"]]

    async def shows(self, path: str) -> None:
        """Wait until something can be read."""

        async def is_there() -> bool:
            return bool((await self.key.get(f"/v1{path}")).status_code == 200)

        await until(is_there)

    async def close(self) -> None:
        await self.side.close()
        await self.key.aclose()


@pytest.fixture
async def desk(postgres_server: Server) -> AsyncIterator[Desk]:
    async with running(postgres_server, "compliance") as system:
        await system.set_clock(TENANT, NOON)
        made = Desk(system, await system.key())
        store = system.services["compliance"].app.api.state.foundation.store
        known = made.person.known(NOON - timedelta(days=20))
        await made.person.live(Transactor(store, RandomIds()), known)

        async def is_fresh() -> bool:
            asked = await made.key.post("/v1/permits:preview", json=made.person.body)
            return "facts-stale" not in {each["rule"] for each in asked.json()["objections"]}

        await until(is_fresh)
        yield made
        await made.close()


async def test_decisions_are_found_by_how_they_were_decided(desk: Desk) -> None:
    person = desk.person
    granted = (await desk.side.call("POST", "/permits", person.body))["id"]
    text = {**person.body, "channel": "text"}
    refused = await desk.side.call("POST", "/permits", text)
    assert refused["decision"] == "deny"
    rule = refused["objections"][0]["rule"]
    await desk.shows(f"/permits/{refused['id']}")
    lists = ("/permits", f"/consumers/{person.consumer_id}/decisions")
    expected: dict[tuple[tuple[str, str], ...], list[str]] = {
        (): [refused["id"], granted],
        (("decision", "permit"),): [granted],
        (("decision", "deny"),): [refused["id"]],
        (("status", "granted"),): [granted],
        (("status", "expired"),): [],
        (("status", "refused"),): [refused["id"]],
        (("rule", rule),): [refused["id"]],
        (("rule", "cease-notice"),): [],
        (("channel", "call"),): [granted],
        (("account_id", person.account_id), ("channel", "text")): [refused["id"]],
        (("account_id", RandomIds().new("acct")),): [],
        (("from", "2026-06-10T18:00:00Z"),): [refused["id"], granted],
        (("to", "2026-06-10T18:00:00Z"),): [],
    }
    for path in lists:
        for filters, ids in expected.items():
            found = await desk.found(path, **dict(filters))
            assert sorted(found) == sorted(ids), (path, filters)
    await desk.system.set_clock(TENANT, NOON + timedelta(hours=1))
    assert await desk.found("/permits", status="expired") == [granted]
    assert await desk.found("/permits", status="granted") == []
    assert await desk.found("/permits", consumer_id=RandomIds().new("cns")) == []


async def test_pages_of_a_filtered_list_go_on_with_the_same_filters(desk: Desk) -> None:
    asked = [(await desk.side.call("POST", "/permits", desk.person.body))["id"] for _ in range(3)]
    await desk.shows(f"/permits/{asked[-1]}")
    first = await desk.get("/permits", channel="call", limit="2")
    rest = await desk.get("/permits", channel="call", limit="2", cursor=first["next_cursor"])
    assert sorted(each["id"] for each in first["data"] + rest["data"]) == sorted(asked)
    other = await desk.key.get("/v1/permits", params={"cursor": first["next_cursor"]})
    assert other.json()["code"] == "cursor-mismatch"


async def test_what_no_list_knows_is_refused_with_what_to_give(desk: Desk) -> None:
    for asked, parameter in (
        ({"rule": "no-such-rule"}, "rule"),
        ({"decision": "maybe"}, "decision"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-06-10T18:00:00Z", "to": "2026-06-10T18:00:00Z"}, "to"),
        ({"account_id": desk.person.consumer_id}, "account_id"),
    ):
        answer = await desk.key.get("/v1/permits", params=asked)
        assert answer.status_code == 422, answer.text
        (error,) = answer.json()["errors"]
        assert error["parameter"] == parameter
        assert error["detail"].startswith(("give ", "Give "))


async def test_clearances_are_found_by_act_and_outcome(desk: Desk) -> None:
    about = {"consumer_id": desk.person.consumer_id, "account_ids": [desk.person.account_id]}
    purge = await desk.post("/clearances", {**about, "act": {"kind": "purge", "records": "all"}})
    assert purge["decision"] == "deny"
    asked = {"kind": "ask-in-conversation", "question": "convenient_time_or_place"}
    question = await desk.post("/clearances", {**about, "act": asked})
    assert question["decision"] == "permit"
    await desk.shows(f"/clearances/{question['id']}")
    assert await desk.found("/clearances", act="purge") == [purge["id"]]
    assert await desk.found("/clearances", decision="permit") == [question["id"]]
    assert await desk.found("/clearances", act="furnish") == []
    assert await desk.found("/clearances", to="2026-06-10T18:00:00Z") == []


async def test_an_impossible_payment_is_refused_by_name(desk: Desk) -> None:
    other = RandomIds().new("acct")
    act = {"kind": "allocate-payment", "allocations": [{"account_id": other, "amount": 100}]}
    body = {
        "consumer_id": desk.person.consumer_id,
        "account_ids": [desk.person.account_id],
        "act": act,
    }
    headers = {"Idempotency-Key": RandomIds().new("req")}
    answer = await desk.key.post("/v1/clearances", json=body, headers=headers)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/act/allocations/0/account_id"
    assert error["code"] == "account-not-named"
    assert await desk.found("/clearances") == []


async def test_content_checks_are_read_without_their_words(desk: Desk) -> None:
    good = await desk.post("/content-checks", SCRIPT)
    bad = await desk.post("/content-checks", THREAT)
    assert bad["verdict"] == "deny"
    await desk.shows(f"/content-checks/{bad['id']}")
    shown = await desk.get(f"/content-checks/{bad['id']}")
    for finding in (*shown["findings"], *bad["findings"]):
        if finding["sentence"]:
            finding["sentence"]["words"] = ""
    assert shown == bad
    assert await desk.found("/content-checks", verdict="deny") == [bad["id"]]
    assert await desk.found("/content-checks", channel="call") == [good["id"]]
    assert await desk.found("/content-checks", document="validation_notice") == []
    assert await desk.found("/content-checks", content_digest=good["content_digest"]) == [
        good["id"]
    ]


async def test_call_reviews_are_read_back(desk: Desk) -> None:
    person = desk.person
    body = {
        "consumer_id": person.consumer_id,
        "account_ids": [person.account_id],
        "factor": "active_litigation",
        "decision": "approved",
    }
    approved = await desk.post("/call-reviews", body)
    refused = await desk.post("/call-reviews", {**body, "decision": "refused"})
    await desk.shows(f"/call-reviews/{refused['id']}")
    assert await desk.get(f"/call-reviews/{approved['id']}") == approved
    assert await desk.found("/call-reviews", decision="refused") == [refused["id"]]
    assert len(await desk.found("/call-reviews", account_id=person.account_id)) == 2
    assert await desk.found("/call-reviews", account_id=RandomIds().new("acct")) == []
    assert await desk.found("/call-reviews", consumer_id=RandomIds().new("cns")) == []
    assert await desk.found("/call-reviews", to="2026-06-10T18:00:00Z") == []
    gone = await desk.key.get(f"/v1/call-reviews/{RandomIds().new('dec')}")
    assert gone.status_code == 404


async def test_holds_are_found_by_kind_and_state(desk: Desk) -> None:
    person = desk.person
    path = f"/consumers/{person.consumer_id}/holds"
    await desk.side.call(
        "PUT",
        "/protective-facts/letter-1",
        {
            "consumer_id": person.consumer_id,
            "source_stream": f"contact-{person.consumer_id}",
            "source_version": 9,
            "fact": {"kind": "cease-notice", "received_at": "2026-06-10T17:00:00Z"},
        },
    )

    async def is_listed() -> bool:
        return await desk.found(path) == ["letter-1"]

    await until(is_listed)
    assert await desk.found(path, kind="cease-notice", state="active") == ["letter-1"]
    assert await desk.found(path, state="released") == []
    assert await desk.found(path, kind="dispute") == []


async def test_an_older_database_has_what_was_checked_and_decided_before(
    desk: Desk, postgres_server: Server
) -> None:
    checked = await desk.post("/content-checks", SCRIPT)
    permit = (await desk.side.call("POST", "/permits", desk.person.body))["id"]
    await desk.shows(f"/content-checks/{checked['id']}")
    await desk.shows(f"/permits/{permit}")
    database = desk.system.databases["compliance"]
    admin = await asyncpg.connect(database.admin)
    await asyncio.to_thread(migrate.downgrade, "compliance", database.owner, BEFORE)
    await asyncio.to_thread(migrate.upgrade, "compliance", database.owner)
    rows = await admin.fetch("SELECT check_id, verdict, channel FROM content_checks")
    assert [tuple(row) for row in rows] == [(checked["id"], checked["verdict"], "call")]
    row = await admin.fetchrow("SELECT channel, verdict, rules::text FROM decisions")
    assert tuple(row) == ("call", "permit", "[]")
    await admin.close()
