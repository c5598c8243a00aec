"""A jurisdiction that nobody knew comes into force in a running service, and leaves its proof."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx2
import msgspec
import pytest

from services.compliance.books import domain as books
from services.compliance.books.shelves import BOUND
from services.compliance.packs.domain import LEAD
from services.compliance.permits.domain import GATES, commands, stream
from services.compliance.permits.domain.again import Decision, decide_again, labels_of
from services.compliance.rules import facts
from shared.eventstore import codec
from shared.eventstore.transact import Transactor
from shared.kernel.clock import RandomIds
from tests.databases import Server
from tests.gates import Person
from tests.integration.side import Side
from tests.system import TENANT, System, running
from tests.waiting import until

pytestmark = pytest.mark.integration

NOON = datetime(2026, 6, 10, 18, tzinfo=UTC)  # 13:00 in Chicago, a Wednesday
XX = """
pack: toy
version: "1"
jurisdiction: XX
rules:
- rule: contact-frequency
  law: STATE-XX-FREQ
  citation: Toy Code 1
  effective_from: 2026-01-01
  parameters: {contacts_max: 1, days: 7, channels: [call, text], per: [person]}
"""
_DECISIONS = {"permit-granted", "permit-refused", "permit-redeemed", "redemption-refused"}


class Agency:
    """An agency with somebody in XX who was called once, an author and an approver."""

    def __init__(self, system: System, author: str, approver: str) -> None:
        self.system = system
        self.side = Side(system)
        self.author = system.client("compliance", author)
        self.approver = system.client("compliance", approver)
        self.person = Person(TENANT)
        self._ids = RandomIds()

    async def settle(self) -> None:
        """Make the person known, and called once."""
        store = self.system.services["compliance"].app.api.state.foundation.store
        before = NOON - timedelta(days=1)
        home = commands.RecordFact(
            consumer_id=self.person.consumer_id,
            fact_key="home",
            source_stream=f"contact-{self.person.consumer_id}",
            source_version=1,
            fact=facts.LocationEvidence(
                evidence="residential_address", zones=("America/Chicago",), states=("XX",)
            ),
            now=before,
        )
        history = [*self.person.known(before), home, *self.person.call(before)]
        await self.person.live(Transactor(store, self._ids), history)
        await self.system.set_clock(TENANT, NOON)
        await until(self._is_fresh)

    async def _is_fresh(self) -> bool:
        return "facts-stale" not in {each["rule"] for each in (await self.preview())["objections"]}

    async def post(
        self, client: httpx2.AsyncClient, path: str, body: Any = None, seen: str | None = None
    ) -> httpx2.Response:
        headers = {"Idempotency-Key": self._ids.new("req")}
        if seen is not None:
            headers["If-Match"] = seen
        if body is None:
            return await client.post(f"/v1{path}", headers=headers)
        return await client.post(f"/v1{path}", json=body, headers=headers)

    async def preview(self) -> Any:
        answer = await self.author.post("/v1/permits:preview", json=self.person.body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ask(self) -> Any:
        """Ask for a permit, and use it if there is one."""
        decided = await self.side.call("POST", "/permits", self.person.body)
        if decided["decision"] == "permit":
            await self.side.redeem(decided["id"], self.person.body)
        return decided

    async def draft(self) -> str:
        answer = await self.post(self.author, "/rule-packs", {"document": XX})
        assert answer.status_code == 201, answer.text
        assert answer.headers["etag"] == '"1"'
        return str(answer.json()["id"])

    async def at(self, instant: datetime) -> None:
        await self.system.set_clock(TENANT, instant)

    async def gate_events(self) -> list[tuple[str, bytes]]:
        connection = await asyncpg.connect(self.system.databases["compliance"].admin)
        try:
            rows = await connection.fetch(
                "SELECT type, data FROM events WHERE stream = $1 ORDER BY version",
                stream(self.person.consumer_id),
            )
        finally:
            await connection.close()
        return [(row["type"], row["data"]) for row in rows]

    async def book(self, label: str) -> books.RuleBookRecorded:
        """Read a book as anybody would, over HTTP."""
        answer = await self.approver.get(f"/v1/rule-books/{label}")
        assert answer.status_code == 200, answer.text
        shown = answer.json()
        return books.RuleBookRecorded(
            label=shown["label"],
            packs=tuple(msgspec.json.encode(each).decode() for each in shown["packs"]),
            observed=tuple(msgspec.json.encode(each).decode() for each in shown["observed"]),
            at=NOON,
        )


@pytest.fixture
async def agency(postgres_server: Server) -> AsyncIterator[Agency]:
    async with running(postgres_server, "compliance") as system:
        made = Agency(system, await system.key(), await system.key())
        await made.settle()
        yield made
        await made.side.close()
        await made.author.aclose()
        await made.approver.aclose()


async def test_comes_into_force_at_its_instant_and_every_decision_can_be_made_again(
    agency: Agency,
) -> None:
    shipped = await agency.preview()
    assert shipped["decision"] == "permit"
    pack_id = await agency.draft()
    assert (await agency.preview())["rule_pack"] == shipped["rule_pack"]

    observed = await agency.post(agency.author, f"/rule-packs/{pack_id}/observe", seen='"1"')
    assert observed.json()["status"] == "draft"  # until every process can know
    in_shadow = NOON + LEAD
    await agency.at(in_shadow)

    async def is_observed() -> bool:
        return bool((await agency.preview())["observed"])

    await until(is_observed)
    beside = await agency.ask()
    assert beside["decision"] == "permit"
    assert [each["verdict"] for each in beside["observed"]] == ["defer"]

    effective_at = in_shadow + timedelta(hours=1)
    activated = await agency.post(
        agency.approver,
        f"/rule-packs/{pack_id}/activate",
        {"effective_at": effective_at.isoformat()},
        seen='"2"',
    )
    assert activated.status_code == 200, activated.text
    await agency.at(effective_at - timedelta(seconds=1))
    assert "STATE-XX-FREQ" not in _laws(await agency.ask())
    await agency.at(effective_at)

    async def is_enforced() -> bool:
        return "STATE-XX-FREQ" in _laws(await agency.preview())

    await until(is_enforced)
    refused = await agency.ask()
    assert refused["decision"] == "defer"
    assert refused["observed"] == []
    shown = await agency.approver.get(f"/v1/rule-packs/{pack_id}")
    assert (shown.json()["status"], shown.headers["etag"]) == ("active", '"3"')
    assert shown.json()["document"]["jurisdiction"] == "XX"

    withdrawn = await agency.post(
        agency.approver, f"/rule-packs/{pack_id}/withdraw", {"reason": "repealed"}, seen='"3"'
    )
    assert withdrawn.status_code == 200, withdrawn.text
    await agency.at(effective_at + LEAD)

    async def is_gone() -> bool:
        return bool((await agency.preview())["rule_pack"] == shipped["rule_pack"])

    await until(is_gone)
    assert "STATE-XX-FREQ" not in _laws(await agency.ask())
    labels = await _decide_all_again(agency)
    assert len(labels) == 3  # as shipped, with the pack in shadow, with the pack in force


async def _decide_all_again(agency: Agency) -> set[str]:
    """Make every stored decision again from the gate's events and the book it names."""
    classes = codec.classes_by_name(GATES.events)
    state, labels, before_any = GATES.initial, set(), True
    for name, data in await agency.gate_events():
        event: Any = codec.decode(classes[name], data)
        if name.split(".")[2] in _DECISIONS and not before_any:
            decision: Decision = event
            known = {
                label: books.book_of(await agency.book(label)) for label in labels_of(decision)
            }
            assert [each.label for each in known.values()] == list(known)
            again = decide_again(decision, state, known[decision.rule_pack], known.get)
            assert codec.encode(again) == data
            labels.add(decision.rule_pack)
        # What was appended to begin with did not come through the service.
        before_any = before_any and name.split(".")[2] != "outcome-reported"
        state = GATES.evolve(state, event)
    return labels


def _laws(decided: Any) -> set[str]:
    return {each["law"] for each in decided["objections"]}


async def test_is_refused_unless_it_is_sound_seen_and_approved_by_another(agency: Agency) -> None:
    wrong = XX.replace("contacts_max: 1", "most: 1")
    answer = await agency.post(agency.author, "/rule-packs", {"document": wrong})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/document"
    assert "/rules/0/parameters: give contacts_max" in error["detail"]

    older = XX.replace("toy", "massachusetts").replace("XX\n", "MA\n")
    answer = await agency.post(agency.author, "/rule-packs", {"document": older})
    assert "newer than the one in force" in answer.json()["errors"][0]["detail"]

    pack_id = await agency.draft()
    answer = await agency.post(agency.author, "/rule-packs", {"document": XX})
    assert (answer.status_code, answer.json()["code"]) == (409, "rule-pack-exists")
    observe = f"/rule-packs/{pack_id}/observe"
    assert (await agency.post(agency.author, observe)).status_code == 428
    assert (await agency.post(agency.author, observe, seen='"7"')).status_code == 412
    assert (await agency.post(agency.author, observe, seen='W/"1"')).status_code == 412
    assert (await agency.post(agency.author, observe, seen='"1"')).status_code == 200

    activate = f"/rule-packs/{pack_id}/activate"
    later = {"effective_at": (NOON + 2 * LEAD).isoformat()}
    alone = await agency.post(agency.author, activate, later, seen='"2"')
    assert (alone.status_code, alone.json()["code"]) == (403, "four-eyes")
    now = {"effective_at": NOON.isoformat()}
    soon = await agency.post(agency.approver, activate, now, seen='"2"')
    assert (soon.status_code, soon.json()["code"]) == (422, "effective-too-soon")
    listed = (await agency.author.get("/v1/rule-packs")).json()["data"]
    assert [(each["id"], each["observed_from"] is None) for each in listed] == [(pack_id, False)]


async def test_a_process_that_could_not_look_for_too_long_refuses(agency: Agency) -> None:
    library = agency.system.services["compliance"].app.api.state.basis.books
    now = (
        await agency.system.services["compliance"].app.api.state.foundation.store.load(TENANT, [])
    ).system_now
    assert not library.is_stale(now)
    assert library.is_stale(now + BOUND + timedelta(seconds=5))
    for _ in range(5):  # it may look again in between
        library._as_of -= 2 * BOUND  # as if it had not got through since
        decided = await agency.side.call("POST", "/permits", agency.person.body)
        if "rulebook-stale" in {each["rule"] for each in decided["objections"]}:
            return
    pytest.fail(f"permitted by a book nobody looked up: {decided}")
