"""What compliance shows of permits afterwards, and the alarm for an attempt made without one."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog

from services.compliance.permits.domain import PERMIT_TTL
from services.compliance.rules.purposes import PURPOSES
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
    """Compliance with one person who may be called, and somebody who reads what it records."""

    def __init__(self, system: System, key: str) -> None:
        self.system = system
        self.person = Person(TENANT)
        self.side = Side(system)
        self.reader = system.client("compliance", key)

    async def permit(self) -> str:
        """Ask for a permit and return its id once it can be read."""
        answer = await self.side.call("POST", "/permits", self.person.body)
        assert answer["decision"] == "permit", answer
        permit_id: str = answer["id"]

        async def is_shown() -> bool:
            shown = await self.reader.get(f"/v1/permits/{permit_id}")
            return shown.status_code == 200

        await until(is_shown)
        return permit_id

    async def statuses(self) -> dict[str, str]:
        """Return the status of each permit, as listed."""
        path = f"/v1/consumers/{self.person.consumer_id}/decisions"
        page = (await self.reader.get(path)).json()
        return {each["id"]: each["status"] for each in page["data"]}

    async def status(self, permit_id: str) -> str:
        """Return the status of a permit, as shown by itself."""
        shown = await self.reader.get(f"/v1/permits/{permit_id}")
        return str(shown.json()["status"])

    async def tell(self, path: str, **body: Any) -> None:
        """Say something about a permit."""
        await self.side.call("POST", path, {"consumer_id": self.person.consumer_id, **body})


@pytest.fixture
async def desk(postgres_server: Server) -> AsyncIterator[Desk]:
    async with running(postgres_server, "compliance") as system:
        await system.set_clock(TENANT, NOON)
        made = Desk(system, await system.key())
        store = system.services["compliance"].app.api.state.foundation.store
        known = made.person.known(NOON - timedelta(days=1))
        await made.person.live(Transactor(store, RandomIds()), known)
        await until(lambda: _is_fresh(made))
        yield made
        await made.side.close()
        await made.reader.aclose()


async def _is_fresh(desk: Desk) -> bool:
    answer = await desk.reader.get("/v1/permits/prm_01h455vb4pex5vsknk084sn02q")
    asked = await desk.side.call("POST", "/permits", desk.person.body)
    if asked["decision"] == "permit":
        await desk.tell(f"/permits/{asked['id']}/release", reason="only to see")
    return answer.status_code == 404 and asked["decision"] == "permit"


async def test_a_permit_nobody_used_expires_with_the_tenants_clock(desk: Desk) -> None:
    unused, released, redeemed = [await desk.permit() for _ in range(3)]
    await desk.tell(f"/permits/{released}/release", reason="not needed")
    await desk.side.call("POST", f"/permits/{redeemed}/redeem", desk.person.body)
    used = {released: "released", redeemed: "redeemed"}

    async def are_used() -> bool:
        return (await desk.statuses()).items() >= used.items()

    await until(are_used)
    for age, status in (
        (timedelta(), "granted"),
        (PERMIT_TTL - timedelta(microseconds=1), "granted"),
        (PERMIT_TTL, "expired"),
        (timedelta(days=30), "expired"),
    ):
        await desk.system.set_clock(TENANT, NOON + age)
        expected = {unused: status, **used}
        listed = await desk.statuses()
        assert {each: listed[each] for each in expected} == expected
        assert {each: await desk.status(each) for each in expected} == expected


async def test_an_attempt_without_a_permit_is_alarmed_once_it_is_stored(desk: Desk) -> None:
    ids = RandomIds()
    path = "/unpermitted-attempts"
    body = {
        **desk.person.body,
        "attempt_id": ids.new("att"),
        "outcome": "no_answer",
        "started_at": NOON.isoformat(),
    }
    key = ids.new("req")
    with structlog.testing.capture_logs() as logs:

        def alarms() -> list[str]:
            return [
                each["attempt_id"] for each in logs if each["event"] == "attempt-without-permit"
            ]

        refused = await desk.reader.post(
            f"/v1{path}", json=body | {"outcome": "unheard_of"}, headers={"Idempotency-Key": "no"}
        )
        assert refused.status_code == 422
        assert alarms() == []
        for expected in ("", "true"):  # as told, and a repeat of it
            answer = await desk.reader.post(
                f"/v1{path}", json=body, headers={"Idempotency-Key": key}
            )
            assert answer.status_code == 201
            assert answer.headers.get("idempotent-replayed", "") == expected
            assert alarms() == [body["attempt_id"]]
        await desk.side.call("POST", path, body)  # the same attempt under another key
        assert alarms() == [body["attempt_id"]]


@pytest.mark.parametrize("step", ["redeem", "outcome", "release"])
async def test_what_was_refused_is_no_permit_and_says_why(desk: Desk, step: str) -> None:
    stranger = {**desk.person.body, "consumer_id": RandomIds().new("cns")}
    refused = await desk.side.call("POST", "/permits", stranger)
    assert refused["decision"] == "deny"

    async def is_shown() -> bool:
        return (await desk.reader.get(f"/v1/permits/{refused['id']}")).status_code == 200

    await until(is_shown)
    only = {"consumer_id": stranger["consumer_id"]}
    body = {
        "redeem": stranger,
        "outcome": {**only, "outcome": "no_answer"},
        "release": {**only, "reason": "no agent"},
    }[step]
    key = RandomIds().new("req")
    answer = await desk.side.send("POST", f"/permits/{refused['id']}/{step}", body, key)
    assert (answer.status_code, answer.json()["code"]) == (409, "permit-refused")
    assert "account-unknown" in answer.json()["detail"]


async def test_a_milder_outcome_is_refused_and_says_how_to_correct_one(desk: Desk) -> None:
    permit_id = await desk.permit()
    path, only = f"/permits/{permit_id}", {"consumer_id": desk.person.consumer_id}
    await desk.side.call("POST", f"{path}/redeem", desk.person.body)
    told = {**only, "outcome": "right_party_contact"}
    await desk.side.call("POST", f"{path}/outcome", told)
    await desk.side.call("POST", f"{path}/outcome", told)  # the same again
    milder = {**only, "outcome": "no_answer"}
    answer = await desk.side.send("POST", f"{path}/outcome", milder, RandomIds().new("req"))
    assert (answer.status_code, answer.json()["code"]) == (409, "outcome-milder")
    assert "wrong number" in answer.json()["detail"]
    assert answer.json()["errors"] == [{"code": "outcome-milder", "pointer": "/outcome"}]


async def test_an_unlisted_purpose_is_answered_with_some_that_are_listed(desk: Desk) -> None:
    body = {**desk.person.body, "purpose": "cease_exception"}
    answer = await desk.side.send("POST", "/permits", body, RandomIds().new("req"))
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/purpose", "value-not-allowed")
    assert PURPOSES[0] in error["detail"]
