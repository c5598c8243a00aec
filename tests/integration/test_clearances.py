"""Acts other than contacts over HTTP: vetoed, then cleared once what was lacking is told."""

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

NOON = datetime(2026, 6, 10, 17, tzinfo=UTC)  # 12:00 in Chicago
WAITED = "2026-06-15T05:00:00Z"  # midnight in Chicago


class Desk:
    """Compliance with one person who has one account, and somebody who asks about acts."""

    def __init__(self, system: System, key: str) -> None:
        self.system = system
        self.person = Person(TENANT)
        self.side = Side(system)
        self.caller = system.client("compliance", key)
        self.ids = RandomIds()

    def body(self, **act: Any) -> dict[str, Any]:
        return {
            "consumer_id": self.person.consumer_id,
            "account_ids": [self.person.account_id],
            "act": act,
        }

    async def clear(self, body: dict[str, Any], key: str | None = None) -> Any:
        headers = {"Idempotency-Key": key or self.ids.new("req")}
        return await self.caller.post("/v1/clearances", json=body, headers=headers)

    async def tell(self, number: int, **fact: Any) -> None:
        await self.side.call(
            "PUT",
            f"/protective-facts/letter-{number}",
            {
                "consumer_id": self.person.consumer_id,
                "source_stream": f"account-{self.person.account_id}",
                "source_version": 10 + number,
                "fact": fact,
            },
        )


@pytest.fixture
async def desk(postgres_server: Server) -> AsyncIterator[Desk]:
    async with running(postgres_server, "compliance") as system:
        await system.set_clock(TENANT, NOON)
        made = Desk(system, await system.key())
        store = system.services["compliance"].app.api.state.foundation.store
        known = made.person.known(NOON - timedelta(days=20))
        await made.person.live(Transactor(store, RandomIds()), known)
        await until(lambda: _is_fresh(made))
        yield made
        await made.side.close()
        await made.caller.aclose()


async def _is_fresh(desk: Desk) -> bool:
    answer = (await desk.clear(desk.body(kind="furnish"))).json()
    return "facts-stale" not in {each["rule"] for each in answer["objections"]}


async def test_says_why_not_and_from_when(desk: Desk) -> None:
    await desk.tell(
        1,
        kind="debt-message-sent",
        account_id=desk.person.account_id,
        sent_at="2026-06-01T15:00:00Z",
    )
    answer = await desk.clear(desk.body(kind="furnish"))
    assert answer.status_code == 201
    vetoed = answer.json()
    assert vetoed["decision"] == "defer"
    assert vetoed["earliest_permitted_at"] == WAITED
    (objection,) = vetoed["objections"]
    assert objection["law"] == "REGF-FURNISH"
    assert "1006.30(a)(1)" in objection["citation"]
    await desk.system.set_clock(TENANT, datetime.fromisoformat(WAITED))
    cleared = (await desk.clear(desk.body(kind="furnish"))).json()
    assert cleared["decision"] == "permit"
    assert cleared["objections"] == []
    assert cleared["expires_at"] == "2026-06-15T05:15:00Z"


async def test_answers_a_repeated_request_as_before(desk: Desk) -> None:
    key, body = desk.ids.new("req"), desk.body(kind="purge", records="all")
    first, again = await desk.clear(body, key), await desk.clear(body, key)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = await desk.clear(desk.body(kind="transfer", way="sale"), key)
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency-key-reused"


async def test_lets_no_consent_be_asked_for_at_an_inconvenient_time(desk: Desk) -> None:
    asked = desk.body(kind="ask-in-conversation", question="consent_to_continue")
    assert (await desk.clear(asked)).json()["decision"] == "permit"
    await desk.tell(2, kind="inconvenient-time", windows=[{}], received_at="2026-06-10T16:59:00Z")
    refused = (await desk.clear(asked)).json()
    assert refused["decision"] == "deny"
    assert [each["law"] for each in refused["objections"]] == ["REGF-CONSENT"]
    other = desk.body(kind="ask-in-conversation", question="convenient_time_or_place")
    assert (await desk.clear(other)).json()["decision"] == "permit"


async def test_shows_again_what_it_answered(desk: Desk) -> None:
    answered = [
        (await desk.clear(desk.body(kind="purge", records="all"))).json(),
        (await desk.clear(desk.body(kind="transfer", way="sale"))).json(),
    ]

    async def are_shown() -> bool:
        shown = [(await desk.caller.get(f"/v1/clearances/{each['id']}")) for each in answered]
        return [each.json() for each in shown] == answered

    await until(are_shown)
    ids = {each["id"] for each in answered}
    person = desk.person
    for query, expected in (
        ({"account_id": person.account_id}, ids),
        ({"consumer_id": person.consumer_id, "account_id": person.account_id}, ids),
        ({"account_id": desk.ids.new("acct")}, set()),
        ({"consumer_id": desk.ids.new("cns")}, set()),
    ):
        page = (await desk.caller.get("/v1/clearances", params=query)).json()
        assert ids & {each["id"] for each in page["data"]} == expected
    first = (await desk.caller.get("/v1/clearances", params={"limit": 1})).json()
    assert [each["id"] for each in first["data"]] == [answered[1]["id"]]
    after = {"limit": 1, "cursor": first["next_cursor"]}
    second = (await desk.caller.get("/v1/clearances", params=after)).json()
    assert [each["id"] for each in second["data"]] == [answered[0]["id"]]
    unknown = await desk.caller.get(f"/v1/clearances/{desk.ids.new('clr')}")
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    "act",
    [
        {"kind": "sing"},
        {"kind": "transfer"},
        {"kind": "deposit-instrument", "received_on": "soon"},
        {"kind": "allocate-payment", "allocations": []},
        {"kind": "furnish", "way": "sale"},
        {"kind": "ask-in-conversation", "question": "your_name"},
    ],
    ids=lambda each: str(each["kind"]),
)
async def test_refuses_a_malformed_act(desk: Desk, act: dict[str, Any]) -> None:
    answer = await desk.clear(desk.body(**act))
    assert answer.status_code == 422
    assert answer.json()["code"] == "validation-failed"
    assert all(each["pointer"].startswith("/act") for each in answer.json()["errors"])


async def test_learns_from_history_whom_it_reached_before_it_kept_that(desk: Desk) -> None:
    person = desk.person
    spoken = {
        **{name: value for name, value in person.body.items() if name != "seen"},
        "attempt_id": desk.ids.new("att"),
        "outcome": "right_party_contact",
        "started_at": "2026-06-10T16:00:00Z",
        "ended_at": "2026-06-10T16:05:00Z",
        "discussed": [person.account_id],
    }
    await desk.side.call("POST", "/unpermitted-attempts", spoken)
    furnish = desk.body(kind="furnish")
    assert (await desk.clear(furnish)).json()["decision"] == "permit"
    database = desk.system.databases["compliance"]
    admin = await asyncpg.connect(database.admin)
    forgotten = await admin.execute(
        "UPDATE states SET state = convert_to("
        "(convert_from(state, 'UTF8')::jsonb - 'reached')::text, 'UTF8')"
        " WHERE stream = $1",
        f"gate-{person.consumer_id}",
    )
    await admin.close()
    assert forgotten == "UPDATE 1"
    assert (await desk.clear(furnish)).json()["decision"] == "deny"
    await asyncio.to_thread(migrate.downgrade, "compliance", database.owner, "0016")
    await asyncio.to_thread(migrate.upgrade, "compliance", database.owner)
    assert (await desk.clear(furnish)).json()["decision"] == "permit"
