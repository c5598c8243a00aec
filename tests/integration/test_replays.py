"""Recorded decisions made again in a running service, and what was learnt after contacts."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx2
import pytest

from services.compliance.permits.domain import commands
from services.compliance.replays import domain as replays
from services.compliance.replays.reactions import ATTEMPTS_MAX
from services.compliance.replays.views import PRUNE_DIFFERENCES
from services.compliance.rules import facts
from shared.eventstore.pruning import Pruner
from shared.eventstore.transact import Context, Issue, Moment, Transactor
from shared.kernel.clock import RandomIds
from tests.databases import Server
from tests.gates import METADATA, Person
from tests.integration.side import Side
from tests.system import TENANT, System, running
from tests.waiting import until

pytestmark = pytest.mark.integration

NOON = datetime(2026, 6, 8, 18, tzinfo=UTC)  # 13:00 in Chicago, a Monday
CALLS = 5
HOUSE = """
pack: house
version: "1"
jurisdiction: US
rules:
- rule: call-frequency
  law: HOUSE-CALLS
  citation: house policy 7
  effective_from: 2027-01-01
  parameters: {calls_max: 2, days: 7, consent_days: 7}
"""


class Office:
    """An agency that called one person on several days."""

    def __init__(self, system: System, key: str) -> None:
        self.system = system
        self.side = Side(system)
        self.client = system.client("compliance", key)
        self.person = Person(TENANT)
        self._ids = RandomIds()

    @property
    def period(self) -> dict[str, str]:
        end = NOON + timedelta(days=CALLS)
        return {"from": (NOON - timedelta(days=1)).isoformat(), "to": end.isoformat()}

    async def call_daily(self) -> None:
        """Make the person known, and call them once a day."""
        store = self.system.services["compliance"].app.api.state.foundation.store
        transactor = Transactor(store, self._ids)
        await self.person.live(transactor, self.person.known(NOON - timedelta(days=30)))
        await self.system.set_clock(TENANT, NOON)
        await until(self._is_fresh)
        for day in range(CALLS):
            await self.system.set_clock(TENANT, NOON + timedelta(days=day))
            permit = await self.side.call("POST", "/permits", self.person.body)
            assert permit["decision"] == "permit", permit
            await self.side.redeem(permit["id"], self.person.body)
        await self.system.set_clock(TENANT, NOON + timedelta(days=CALLS))

    async def _is_fresh(self) -> bool:
        answer = await self.client.post("/v1/permits:preview", json=self.person.body)
        return bool(answer.json()["decision"] == "permit")

    async def post(self, path: str, body: Any = None) -> httpx2.Response:
        headers = {"Idempotency-Key": self._ids.new("req")}
        if body is None:
            return await self.client.post(f"/v1{path}", headers=headers)
        return await self.client.post(f"/v1{path}", json=body, headers=headers)

    async def get(self, path: str) -> Any:
        answer = await self.client.get(f"/v1{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def replay(self, **asked: Any) -> Any:
        """Ask for a replay of everything, and return it once it is over."""
        answer = await self.post("/replays", {**self.period, **asked})
        assert answer.status_code == 202, answer.text
        path = f"/replays/{answer.json()['id']}"

        async def is_over() -> bool:
            return bool((await self.get(path))["ended_at"])

        await until(is_over)
        return await self.get(path)

    async def log(self) -> list[tuple[str, int]]:
        """Return the newest version of each stream that is no replay's."""
        connection = await asyncpg.connect(self.system.databases["compliance"].admin)
        try:
            rows = await connection.fetch(
                "SELECT stream, max(version) FROM events WHERE stream NOT LIKE 'replay-%'"
                " GROUP BY stream ORDER BY stream"
            )
        finally:
            await connection.close()
        return [(row[0], row[1]) for row in rows]


@pytest.fixture
async def office(postgres_server: Server) -> AsyncIterator[Office]:
    async with running(postgres_server, "compliance") as system:
        made = Office(system, await system.key())
        await made.call_daily()
        yield made
        await made.side.close()
        await made.client.aclose()


async def test_decisions_made_again_by_their_own_books_are_the_same(office: Office) -> None:
    before = await office.log()
    found = await office.replay()
    assert found["status"] == "completed"
    assert found["differences"]["decisions"] == 0
    assert found["undecided"] == found["other_time_zone_data"] == 0
    assert found["progress"] == {
        "consumers_done": 1,
        "consumers_total": 1,
        "decisions": 2 * CALLS,
    }
    assert [(each["stage"], each["decisions"]) for each in found["recorded"]] == [
        ("permit", CALLS),
        ("redemption", CALLS),
    ]
    assert await office.log() == before
    assert (await office.get("/replays"))["data"][0] == found
    again = await office.post(f"/replays/{found['id']}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "replay-over")


async def test_a_stricter_pack_differs_where_its_limit_was_passed(office: Office) -> None:
    drafted = await office.post("/rule-packs", {"document": HOUSE})
    assert drafted.status_code == 201, drafted.text
    pack_id = drafted.json()["id"]
    found = await office.replay(rule_packs=[pack_id])
    lost = CALLS - 2  # at each stage
    assert [
        (each["stage"], each["kind"], each["decisions"]) for each in found["differences"]["by_kind"]
    ] == [
        ("permit", "granted_to_refused", lost),
        ("redemption", "granted_to_refused", lost),
    ]
    assert {
        (each["rule"], each["law"], each["citation"], each["decisions"])
        for each in found["differences"]["by_rule"]
    } == {("call-frequency", "HOUSE-CALLS", "house policy 7", lost)}
    assert found["differences"]["consumers"] == 1
    assert found["summary"].startswith(
        f"Would have been refused: {lost} of {CALLS} permits, {lost} of {CALLS} redemptions."
    )
    listed = await _all_differences(office, found["id"])
    assert [each["decided_at"] for each in listed] == sorted(each["decided_at"] for each in listed)
    assert len(listed) == found["differences"]["listed"] == 2 * lost
    for each in listed:
        assert each["consumer_id"] == office.person.consumer_id
        assert {one["law"] for one in each["objections"]} == {"HOUSE-CALLS"}
        assert each["earliest_permitted_at"] or each["stage"] == "redemption"
    path = f"/replays/{found['id']}/differences"
    assert (await office.get(f"{path}?kind=refused_to_granted"))["data"] == []
    assert len((await office.get(f"{path}?rule=call-frequency"))["data"]) == 2 * lost
    assert (await office.get(f"{path}?consumer_id={RandomIds().new('cns')}"))["data"] == []

    dated = await office.replay(rule_packs=[pack_id], in_force_throughout=False)
    assert dated["differences"]["decisions"] == 0  # its own date is still to come


async def _all_differences(office: Office, replay_id: str) -> list[Any]:
    found: list[Any] = []
    cursor = ""
    while True:
        page = await office.get(f"/replays/{replay_id}/differences?limit=4{cursor}")
        found.extend(page["data"])
        if not page["has_more"]:
            return found
        cursor = f"&cursor={page['next_cursor']}"


async def test_what_was_learnt_later_counts_only_when_asked_for(office: Office) -> None:
    await _file_late(office)
    then = await office.replay()
    assert then["differences"]["decisions"] == 0
    now = await office.replay(facts="known_now", rule_book="in_force")
    held = CALLS - 2  # the petition was filed on the third day
    assert {
        (each["rule"], each["stage"], each["decisions"]) for each in now["differences"]["by_rule"]
    } >= {("bankruptcy-stay", "permit", held), ("bankruptcy-stay", "redemption", held)}


async def _file_late(office: Office) -> None:
    """Take in after all the calls that a petition was filed before the third."""
    learnt_at = NOON + timedelta(days=CALLS)
    filed = commands.RecordFact(
        consumer_id=office.person.consumer_id,
        fact_key=RandomIds().new("fact"),
        source_stream=f"contact-{office.person.consumer_id}",
        source_version=1,
        fact=facts.Bankruptcy(
            learned_at=learnt_at, chapter=7, filed_on=(NOON + timedelta(days=2)).date()
        ),
        now=learnt_at,
    )
    store = office.system.services["compliance"].app.api.state.foundation.store
    await office.person.live(Transactor(store, RandomIds()), [filed])


async def test_a_late_fact_names_the_contacts_it_would_have_forbidden(office: Office) -> None:
    person = office.person
    path = f"/consumers/{person.consumer_id}/late-facts"
    assert (await office.get(path))["data"] == []
    await _file_late(office)
    (found,) = (await office.get(path))["data"]
    assert (found["kind"], found["fact"]["filed_on"]) == ("bankruptcy", "2026-06-10")
    assert (found["contacts_total"], found["undecided"]) == (CALLS - 2, 0)
    assert [each["made_at"] for each in found["contacts"]] == [
        f"{NOON + timedelta(days=day):%Y-%m-%dT%H:%M:%SZ}" for day in range(2, CALLS)
    ]
    for each in found["contacts"]:
        assert each["outcome"] == "no_answer"
        assert {one["rule"] for one in each["objections"]} >= {"bankruptcy-stay"}
        assert all(one["citation"] for one in each["objections"])

    earlier = f"{path}?fact_id={found['fact_id']}&held_from=2026-06-09T05:00:00Z"
    (moved,) = (await office.get(earlier))["data"]
    assert moved["contacts_total"] == CALLS - 2  # the stay itself begins with the filing

    async def is_listed() -> bool:
        listed = await office.get(f"/late-facts?learnt_from={NOON:%Y-%m-%dT%H:%M:%SZ}")
        return bool(listed["data"])

    await until(is_listed)
    (consumer,) = (await office.get("/late-facts"))["data"]
    assert consumer["late_facts"] == [found]
    alone = await office.client.get(f"/v1{path}?held_from=2026-06-09T05:00:00Z")
    assert alone.status_code == 422


async def test_what_cannot_be_replayed_is_refused_by_name(office: Office) -> None:
    period = office.period
    for changed, code, pointer in (
        ({"to": period["from"]}, "replay-period", "/to"),
        ({"from": "2019-01-01T00:00:00Z"}, "replay-period", "/from"),
        ({"to": "2027-01-01T00:00:00Z"}, "replay-period", "/to"),
        ({"rule_book": "rulebook@0123456789abcdef"}, "replay-book-unknown", "/rule_book"),
        ({"rule_packs": [RandomIds().new("rpk")]}, "replay-pack-unknown", "/rule_packs/0"),
        ({"from": "yesterday"}, "validation-failed", "/from"),
    ):
        answer = await office.post("/replays", {**period, **changed})
        assert answer.status_code == 422, answer.text
        problem = answer.json()
        assert problem["code"] == code
        assert [each["pointer"] for each in problem["errors"]] == [pointer]
    missing = await office.client.get(f"/v1/replays/{RandomIds().new('rpl')}")
    assert (missing.status_code, missing.json()["code"]) == (404, replays.ReplayNotFound.code)


async def test_one_that_cannot_be_done_fails_with_what_to_do_and_is_asked_anew(
    office: Office,
) -> None:
    foundation = office.system.services["compliance"].app.api.state.foundation
    replay_id = RandomIds().new("rpl")
    scope = replays.Scope(  # as a pack that an earlier release took would be
        rule_book="as_decided", since=NOON, until=NOON + timedelta(days=1), packs=("{}",)
    )

    def command(moment: Moment) -> replays.RequestReplay:
        return replays.RequestReplay(
            replay_id=replay_id, scope=scope, requested_by="ada", now=moment.now
        )

    issue = Issue(stream=replays.stream(replay_id), decider=replays.REPLAYS, command=command)
    context = Context(tenant=TENANT, metadata=METADATA)
    await foundation.transactor.transact(context, [issue])
    admin = await asyncpg.connect(office.system.databases["compliance"].admin)

    async def is_at_its_last() -> bool:
        row = await admin.fetchrow(
            "UPDATE jobs SET attempts = $1, run_after = now()"
            " WHERE kind = 'replay' AND status = 'waiting' AND owner IS NULL AND attempts > 0"
            " RETURNING key",
            ATTEMPTS_MAX - 1,
        )
        return row is not None

    await until(is_at_its_last)
    await admin.close()

    async def has_ended() -> bool:
        return bool((await office.get(f"/replays/{replay_id}"))["ended_at"])

    await until(has_ended)
    failed = await office.get(f"/replays/{replay_id}")
    assert failed["status"] == "failed"
    assert failed["failure"]["code"] == "pack-unreadable"
    assert "ask for a new replay" in failed["failure"]["detail"]
    assert (await office.replay())["status"] == "completed"


async def test_differences_are_forgotten_some_time_after_the_end(office: Office) -> None:
    drafted = await office.post("/rule-packs", {"document": HOUSE})
    found = await office.replay(rule_packs=[drafted.json()["id"]])
    other = await office.replay(rule_packs=[drafted.json()["id"]])
    path = f"/replays/{found['id']}/differences"
    total = found["differences"]["listed"]
    assert total == len(await _all_differences(office, found["id"])) > 2
    foundation = office.system.services["compliance"].app.api.state.foundation
    pruner = Pruner(foundation.jobs_pool, PRUNE_DIFFERENCES, 90, rows_max=2)
    assert await pruner.step() == 0
    admin = await asyncpg.connect(office.system.databases["compliance"].admin)
    await admin.execute(
        "UPDATE events SET recorded_at = now() - interval '90 days 1 minute' WHERE stream = $1",
        replays.stream(found["id"]),
    )
    await admin.close()
    assert await pruner.step() == 2
    while await pruner.step():
        pass
    assert (await office.get(path))["data"] == []
    assert len(await _all_differences(office, other["id"])) == total
    kept = await office.get(f"/replays/{found['id']}")
    assert kept["differences"] == found["differences"]
    ended = datetime.fromisoformat(kept["ended_at"])
    assert datetime.fromisoformat(kept["differences"]["listed_until"]) == ended + timedelta(days=90)
