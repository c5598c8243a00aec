"""Canaries of a running agency: refused, alarmed when a rule is gone, in nobody's list or count."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest
import structlog

from services.compliance.canaries import views
from services.compliance.canaries.flock import CANARIES
from services.compliance.packs.domain import LEAD
from services.compliance.rules.loading import load_book
from services.compliance.rules.pack import document
from shared.kernel import ids
from shared.kernel.clock import RandomIds
from shared.telemetry import metrics, tracing
from shared.telemetry.attributes import LOG_KEYS
from tests.databases import SERVICES, Server
from tests.exposed import Exposed
from tests.integration.side import Side
from tests.oracle import examine
from tests.oracle.report import Report
from tests.system import TENANT, System, running
from tests.waiting import until

pytestmark = pytest.mark.integration

NOON = datetime(2026, 6, 10, 18, tzinfo=UTC)  # after lunch in Vermont: only one rule objects
DETECTED_WITHIN_S = 60.0
SETTLED_WITHIN_S = 90.0
ANOTHER = "agy_01h455vb4pex5vsknk084sn02r"
CEASED = next(each for each in CANARIES if each.expects == "cease-notice")


class Watch:
    """An agency of a running compliance service, and those who look at it."""

    def __init__(self, system: System, author: str, approver: str) -> None:
        self.system = system
        self.author = system.client("compliance", author)
        self.approver = system.client("compliance", approver)
        self._ids = RandomIds()

    async def states(self) -> dict[str, Any]:
        answer = await self.author.get("/v1/canaries")
        assert answer.status_code == 200, answer.text
        return {each["name"]: each for each in answer.json()["canaries"]}

    async def all_are(self, state: str) -> bool:
        return {each["state"] for each in (await self.states()).values()} == {state}

    async def settled(self) -> None:
        """Return once every canary is refused, as it must be."""
        await until(lambda: self.all_are("refused"), timeout_s=SETTLED_WITHIN_S)

    async def rows(self, statement: str, *arguments: Any) -> list[Any]:
        connection = await asyncpg.connect(self.system.databases["compliance"].admin)
        try:
            found: list[Any] = await connection.fetch(statement, *arguments)
            return found
        finally:
            await connection.close()

    async def gate_events(self) -> list[tuple[str, str]]:
        """Return stream and kind of every event at canaries' gates, in order."""
        rows = await self.rows("SELECT stream, type FROM events ORDER BY position")
        return [
            (row["stream"], row["type"].split(".")[2])
            for row in rows
            if ids.is_canary(row["stream"])
        ]

    async def has_read_everything(self) -> bool:
        return await self.system.behind() == 0

    async def post(self, client: Any, path: str, body: Any, seen: str | None = None) -> Any:
        headers = {"Idempotency-Key": self._ids.new("req")}
        if seen is not None:
            headers["If-Match"] = seen
        return await client.post(f"/v1{path}", json=body, headers=headers)

    async def adopt(self, text: str) -> None:
        """Bring a rule pack into force as an agency does, four eyes and instants kept."""
        made = await self.post(self.author, "/rule-packs", {"document": text})
        assert made.status_code == 201, made.text
        path = f"/rule-packs/{made.json()['id']}"
        headers = {"Idempotency-Key": self._ids.new("req"), "If-Match": '"1"'}
        await self.author.post(f"/v1{path}/observe", headers=headers)
        effective_at = NOON + 2 * LEAD
        told = {"effective_at": effective_at.isoformat()}
        activated = await self.post(self.approver, f"{path}/activate", told, seen='"2"')
        assert activated.status_code == 200, activated.text
        await self.system.set_clock(TENANT, effective_at)

    async def examined(self) -> Report:
        """Ask the oracle about everything there is."""
        return await examine({each: self.system.databases[each].feed for each in SERVICES})

    async def exposed(self) -> Exposed:
        service = self.system.services["compliance"]
        with tracing.acting_as("compliance"):
            assert service.sampler is not None
            await service.sampler.step()
        return Exposed((await self.system.client("compliance").get("/metrics")).text)


@pytest.fixture
async def watch(postgres_server: Server) -> AsyncIterator[Watch]:
    metrics.configure(is_scraped=True, environ={})
    try:
        async with running(
            postgres_server, "compliance", canaries="true", canaries_every_s=1
        ) as system:
            author = await system.key()
            await system.set_clock(TENANT, NOON)
            made = Watch(system, author, await system.key())
            yield made
            await made.author.aclose()
            await made.approver.aclose()
    finally:
        metrics.shutdown()


def loosened() -> str:
    """Return a newer federal pack by which a cease notice does not stop demands for payment."""
    (federal,) = (each for each in load_book().packs if each.pack == "us-federal")
    text = document(federal) | {"version": "2099.1"}
    (cease,) = (each for each in text["rules"] if each["rule"] == "cease-notice")
    cease["parameters"]["excepted_purposes"].append("payment_demand")
    return msgspec.json.encode(text).decode()


async def test_a_rule_that_stops_objecting_is_named_within_a_minute(watch: Watch) -> None:
    await watch.settled()
    before = await watch.exposed()
    labels = {"forbear_canary": CEASED.name, "forbear_rule": "cease-notice"}
    assert before.value("forbear_canary_alarms_total", **labels) == 0

    await watch.adopt(loosened())
    with structlog.testing.capture_logs() as logs:
        await until(lambda: is_granted(watch), timeout_s=DETECTED_WITHIN_S)
    said = [each for each in logs if each["event"] == "canary-granted"]
    assert {(each["canary"], each["rule"], each["log_level"]) for each in said} == {
        (CEASED.name, "cease-notice", "error")
    }
    assert all(set(each) - {"log_level"} <= LOG_KEYS for each in said)
    after = await watch.exposed()
    assert after.value("forbear_canary_alarms_total", **labels, forbear_answer="granted") >= 1
    alarmed = {
        each["forbear_canary"]
        for _, each, value in after.samples("forbear_canary_alarms_total")
        if value
    }
    assert alarmed == {CEASED.name}

    # The log shows the grant, and that it was taken back before anybody could use it.
    gate = f"gate-{CEASED.consumer_id}"
    kinds = [kind for stream, kind in await watch.gate_events() if stream == gate]
    assert kinds[-2:] == ["permit-granted", "permit-released"]
    assert (await watch.examined()).codes == {"canary-granted"}


async def is_granted(watch: Watch) -> bool:
    return bool((await watch.states())[CEASED.name]["state"] == "granted")


async def test_are_in_nobodys_list_or_count_and_their_streams_do_not_grow(watch: Watch) -> None:
    await watch.settled()
    await until(watch.has_read_everything)
    events = await watch.gate_events()
    assert len([kind for _, kind in events if kind == "permit-refused"]) == 13
    assert len([kind for _, kind in events if kind == "act-refused"]) == 4
    tried_at = {name: each["tried_at"] for name, each in (await watch.states()).items()}

    for table in ("decisions", "protective_facts", "timeline_entries"):
        assert await watch.rows(f"SELECT * FROM {table}") == []
    shown = await watch.exposed()
    assert shown.samples("forbear_decisions_total") == []
    assert shown.samples("forbear_objections_total") == []
    assert shown.value("forbear_impossible_total") == 0
    assert shown.value("forbear_canary_tries_total", forbear_answer="refused") >= len(CANARIES)
    assert shown.value("forbear_canary_alarms_total") == 0
    assert max(value for _, _, value in shown.samples("forbear_canary_silence_seconds")) < 30
    report = await watch.examined()
    assert report.violations == ()
    assert report.checked["canary-granted"] == len(
        [stream for stream, _ in events if stream.startswith("gate-")]
    )
    # The audit trail leaves nothing out.
    (trail,) = await watch.rows("SELECT size FROM audit_logs WHERE tenant_id = $1", TENANT)
    assert trail["size"] >= len(events)

    async def is_tried_again() -> bool:
        return all(
            each["tried_at"] > tried_at[name] for name, each in (await watch.states()).items()
        )

    await until(is_tried_again, timeout_s=SETTLED_WITHIN_S)
    assert await watch.gate_events() == events


async def test_stay_forbidden_when_a_test_clock_is_set_weeks_ahead(watch: Watch) -> None:
    await watch.settled()
    with structlog.testing.capture_logs() as logs:
        for weeks in (1, 5):
            await watch.system.set_clock(TENANT, NOON + timedelta(weeks=weeks))
            (now,) = (await watch.rows("SELECT clock_timestamp() AS now"))[0]

            async def is_tried_since(now: datetime = now) -> bool:
                states = (await watch.states()).values()
                return all(datetime.fromisoformat(each["tried_at"]) > now for each in states)

            await until(is_tried_since, timeout_s=SETTLED_WITHIN_S)
    assert await watch.all_are("refused")
    assert not {"canary-granted", "canary-missed"} & {each["event"] for each in logs}
    made_up = [kind for _, kind in await watch.gate_events() if "unpermitted" in kind]
    assert len(made_up) == 3 * 8  # seven calls and one conversation, each time


async def test_cannot_be_made_or_asked_about_or_told_of_by_anybody(watch: Watch) -> None:
    consumer_id, account_id = ids.canary("cns", 1), ids.canary("acct", 1)
    body = {
        "consumer_id": consumer_id,
        "account_ids": [account_id],
        "channel": "call",
        "contact_point_id": ids.canary("cp", 1),
        "purpose": "collection",
    }
    told = {
        "consumer_id": consumer_id,
        "source_stream": f"contact-{consumer_id}",
        "source_version": 1,
        "fact": {"kind": "consumer-status", "status": "minor", "learned_at": NOON.isoformat()},
    }
    side = Side(watch.system)
    refused = [
        await watch.post(watch.author, "/permits", body),
        await watch.author.post("/v1/permits:preview", json=body),
        await side.send("PUT", "/protective-facts/fact-1", told, "key-1"),
    ]
    await side.close()
    for answer in refused:
        assert answer.status_code == 422, answer.text
        errors = answer.json()["errors"]
        assert {each["code"] for each in errors} == {"id-reserved"}
        assert "/consumer_id" in {each["pointer"] for each in errors}
    for path in ("decisions", "holds", "contact-windows"):
        answer = await watch.author.get(f"/v1/consumers/{consumer_id}/{path}")
        assert answer.status_code == 404, answer.text


async def test_processes_share_the_agencies_out_and_take_over_from_each_other(
    watch: Watch,
) -> None:
    await watch.settled()
    first = watch.system.services["compliance"]
    owner = "SELECT owner FROM leases WHERE name = $1"
    (held,) = await watch.rows(owner, f"canaries-{TENANT}")
    await watch.system.start(("compliance",), canaries="true", canaries_every_s=1)
    second = watch.system.services["compliance"]
    try:
        await watch.settled()
        (still,) = await watch.rows(owner, f"canaries-{TENANT}")
        assert still["owner"] == held["owner"]  # whose lease it is tries on
        await watch.rows("INSERT INTO tenants VALUES ($1, $1, false)", ANOTHER)

        async def is_tried() -> bool:
            rows = await watch.rows("SELECT answer FROM canaries WHERE tenant_id = $1", ANOTHER)
            return [row["answer"] for row in rows] == ["refused"] * len(CANARIES)

        await until(is_tried, timeout_s=SETTLED_WITHIN_S)
    finally:
        await first.stop()

    async def has_taken_over() -> bool:
        (now,) = await watch.rows(owner, f"canaries-{TENANT}")
        return bool(now["owner"] != held["owner"])

    await until(has_taken_over, timeout_s=SETTLED_WITHIN_S)
    assert second.sampler is not None


async def test_agencies_have_their_turn_in_the_order_in_which_they_waited(
    postgres_server: Server,
) -> None:
    names = ["eighth-call", "call-at-night"]
    waited_s = {"agy_1": 50, "agy_2": 70, "agy_3": 60, "agy_4": 20}
    async with running(postgres_server, "compliance") as system:
        every_tenant = system.services["compliance"].app.api.state.foundation.feed_pools[
            "compliance"
        ]
        connection = await asyncpg.connect(system.databases["compliance"].owner)
        await connection.execute("DELETE FROM tenants")
        for tenant in (*waited_s, "agy_5"):
            await connection.execute("INSERT INTO tenants VALUES ($1, $1, false)", tenant)
            for canary in names[: 1 if tenant == "agy_5" else 2]:  # one was never tried there
                await connection.execute(
                    "INSERT INTO canaries VALUES ($1, $2, 'refused', '{}',"
                    " clock_timestamp() - make_interval(secs => $3), clock_timestamp())",
                    tenant,
                    canary,
                    float(waited_s.get(tenant, 0)),
                )
        await connection.close()

        async def waiting(*tried: str, limit: int = 10) -> list[str]:
            return await views.waiting(every_tenant, names, tried, every_s=30.0, limit=limit)

        assert await waiting() == ["agy_5", "agy_2", "agy_3", "agy_1"]
        assert await waiting(limit=2) == ["agy_5", "agy_2"]
        assert await waiting("agy_5", "agy_2", limit=1) == ["agy_3"]


async def test_are_not_tried_where_they_are_switched_off(postgres_server: Server) -> None:
    async with running(postgres_server, "compliance") as system:
        client = system.client("compliance", await system.key())
        answer = (await client.get("/v1/canaries")).json()
        await client.aclose()
    assert answer["tried_every_s"] is None
    assert [each["state"] for each in answer["canaries"]] == ["untried"] * len(CANARIES)
    citations = {each["name"]: each["citation"] for each in answer["canaries"]}
    assert all("USC" in each or "CFR" in each or "Ariz." in each for each in citations.values())
    assert "Ariz." in citations["threat-to-sue-after-the-period"]


async def test_are_silent_as_long_as_the_agency_that_waits_longest(postgres_server: Server) -> None:
    async with running(postgres_server, "compliance") as system:
        await system.key()
        every_tenant = system.services["compliance"].app.api.state.foundation.feed_pools[
            "compliance"
        ]
        fresh = await views.silence(every_tenant, ["eighth-call", "call-at-night"])
        assert max(fresh.values()) < SETTLED_WITHIN_S  # the agency is that young
        connection = await asyncpg.connect(system.databases["compliance"].owner)
        for tenant, canary, minutes in (
            (TENANT, "eighth-call", 1),
            (TENANT, "call-at-night", 0),
            (ANOTHER, "eighth-call", 10),
            (ANOTHER, "call-at-night", 0),
        ):
            await connection.execute(
                "INSERT INTO tenants (tenant_id, name, livemode) VALUES ($1, $1, false)"
                " ON CONFLICT DO NOTHING",
                tenant,
            )
            await connection.execute(
                "INSERT INTO canaries VALUES ($1, $2, 'refused', '{}',"
                " clock_timestamp() - make_interval(mins => $3), clock_timestamp())",
                tenant,
                canary,
                minutes,
            )
        await connection.close()
        silence = await views.silence(every_tenant, ["eighth-call", "call-at-night"])
    assert 600 <= silence["eighth-call"] < 600 + SETTLED_WITHIN_S
    assert silence["call-at-night"] < SETTLED_WITHIN_S
