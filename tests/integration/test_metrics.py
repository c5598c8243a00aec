"""Each metric, provoked in a running agency and read from `/metrics` of its four ports."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from shared.kernel.clock import RandomIds
from shared.service.sampling import Standing
from shared.telemetry import metrics, tracing
from tests.databases import SERVICES, Server
from tests.exposed import Exposed
from tests.integration.contact.office import NOON, Office, Person, opened
from tests.system import TENANT

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

ID = re.compile(r"[a-z]{2,4}_[0-7][0-9a-hjkmnp-tv-z]{25}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def agency(postgres_server: Server) -> AsyncIterator[Office]:
    metrics.configure(is_scraped=True, environ={})
    try:
        async with opened(postgres_server) as made:
            made.system.has_planted_faults = True
            yield made
    finally:
        metrics.shutdown()


@pytest.fixture
def office(agency: Office) -> Office:
    agency.reset()
    return agency


async def exposed(office: Office) -> Exposed:
    """Look everything up, then fetch it as Prometheus does."""
    texts = []
    for name, service in office.system.services.items():
        with tracing.acting_as(name):
            assert service.sampler is not None
            await service.sampler.step()
        answer = await office.system.client(name).get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        texts.append(answer.text)
    return Exposed(*texts)


async def shown(office: Office, condition: Callable[[Exposed], bool]) -> Exposed:
    """Wait until the metrics show something."""

    async def found() -> Exposed | None:
        seen = await exposed(office)
        return seen if condition(seen) else None

    answer: Exposed = await office.until(found)
    return answer


async def rows(office: Office, service: str, statement: str, *arguments: Any) -> list[Any]:
    """Do as the owner of a service's database what nobody else may."""
    connection = await asyncpg.connect(office.system.databases[service].owner)
    try:
        found: list[Any] = await connection.fetch(statement, *arguments)
        return found
    finally:
        await connection.close()


def of(name: str, **labels: str) -> Callable[[Exposed], bool]:
    return lambda seen: bool(seen.samples(name, **labels)) and seen.value(name, **labels) > 0


async def asked(office: Office, person: Person, channel: str = "call") -> dict[str, Any]:
    """Ask compliance itself for a permit."""
    body = {
        "consumer_id": person.consumer_id,
        "account_ids": [person.account_id],
        "channel": channel,
        "contact_point_id": person.points["phone"],
        "purpose": "collection",
    }
    answer = await office.post("compliance", "/permits", body)
    assert answer.status_code == 201, answer.text
    return {**body, "answer": answer.json()}


class TestRequests:
    async def test_are_measured_by_route_and_only_on_their_own_port(self, office: Office) -> None:
        await office.place()
        text = (await office.system.client("ledger").get("/metrics")).text
        seen = Exposed(text)
        assert seen.value(
            "http_server_request_duration_seconds_count",
            http_route="/v1/placements",
            http_request_method="POST",
            http_response_status_code="201",
        )
        assert seen.value("http_server_active_requests") == 0
        assert {value for name, value in seen.labels() if name == "forbear_service"} == {"ledger"}

    async def test_a_replay_is_counted(self, office: Office) -> None:
        key = office.key()
        for _ in range(2):
            await office.post("ledger", "/creditors", {"name": "Harbor Bank"}, key=key)
        await shown(office, of("forbear_idempotency_replays_total", forbear_service="ledger"))

    async def test_a_lost_race_is_counted(self, office: Office) -> None:
        # The same key, twice at once: one of the two loses, and reads what the other has written.
        async def together() -> Exposed | None:
            key, body = office.key(), {"name": "Harbor Bank"}
            await asyncio.gather(
                *(office.post("ledger", "/creditors", body, key=key) for _ in range(6))
            )
            seen = await exposed(office)
            return seen if of("forbear_append_conflicts_total")(seen) else None

        await office.until(together)


class TestSubscriptions:
    async def test_show_what_they_take_in_and_how_late(self, office: Office) -> None:
        person = await office.place()
        await person.permitted()
        seen = await exposed(office)
        name = {"forbear_subscription": "compliance-facts-from-ledger"}
        assert seen.value("messaging_client_consumed_messages_total", **name)
        assert seen.value("messaging_process_duration_seconds_count", **name)
        taken_in = seen.value("forbear_subscription_delay_seconds_count", **name)
        assert 0 <= seen.value("forbear_subscription_delay_seconds_sum", **name) < 60 * taken_in
        lag = {**name, "forbear_source": "ledger"}
        assert 0 <= seen.value("forbear_subscription_lag_time_seconds", **lag) < 60
        await shown(office, lambda later: later.value("forbear_subscription_lag", **lag) == 0)

    async def test_show_what_they_have_not_read(self, office: Office) -> None:
        await office.place()
        connection = await asyncpg.connect(office.system.databases["ledger"].owner)
        async with connection.transaction():  # as long as it is open, no feed can pass it
            await connection.fetchval("SELECT pg_current_xact_id()")
            await office.post("ledger", "/creditors", {"name": "Harbor Bank"})
            name = {"forbear_subscription": "ledger-views", "forbear_source": "ledger"}
            await shown(office, of("forbear_subscription_lag", **name))
        await shown(office, lambda seen: seen.value("forbear_subscription_lag", **name) == 0)
        await connection.close()

    async def test_an_event_that_keeps_failing_is_shown_until_it_is_dealt_with(
        self, office: Office
    ) -> None:
        await rows(
            office,
            "ledger",
            "INSERT INTO events (tenant_id, stream, version, event_id, type, data, metadata,"
            " occurred_at) VALUES ($1, 'account-poison', 1, $2, $3, '{}',"
            ' \'{"actor":"t","correlation_id":"c"}\', now())',
            TENANT,
            RandomIds().new("evt"),
            "forbear.ledger.account-placed.v1",
        )
        name = {"forbear_subscription": "compliance-facts-from-ledger"}
        seen = await shown(office, of("forbear_dlq_depth", **name))
        assert seen.value("forbear_events_parked_total", **name) == 1
        assert seen.value("forbear_dlq_parked_keys", **name) == 1
        assert seen.value("forbear_dlq_oldest_age_seconds", **name) >= 0
        assert seen.samples("messaging_process_duration_seconds_count", **name)
        assert seen.value("forbear_dlq_depth", forbear_subscription="compliance-views") == 0


class TestOutbox:
    async def test_without_a_relay_everything_waits(self, office: Office) -> None:
        await office.place()
        foundation = office.system.services["ledger"].app.api.state.foundation
        count = "SELECT count(*) AS n FROM events"
        (before,) = await rows(office, "ledger", count)
        with tracing.acting_as("ledger"):
            await Standing(foundation, (), ()).outbox()
        seen = Exposed((await office.system.client("ledger").get("/metrics")).text)
        (after,) = await rows(office, "ledger", count)  # what other tests set going may have grown
        backlog = seen.value("forbear_outbox_backlog", forbear_shard="none")
        assert 0 < before["n"] <= backlog <= after["n"]
        assert seen.value("forbear_outbox_oldest_age_seconds", forbear_shard="none") > 0


class TestJobs:
    async def test_show_what_is_due_and_what_was_given_up(self, office: Office) -> None:
        tenant = "agy_01h455vb4pex5vsknk084sn02r"  # its clock runs: only that can be late
        for key, status, due in (("a", "waiting", 100), ("b", "failed", 100), ("c", "done", 1)):
            await rows(
                office,
                "contact",
                "INSERT INTO jobs (tenant_id, key, kind, arguments, context, due_at, status,"
                " run_after) VALUES ($1, $2, 'unheard-of', '{}', $4, now() - $5::interval, $3,"
                " now() + interval '1 hour')",
                tenant,
                key,
                status,
                b'{"actor":"t","correlation_id":"c"}',
                timedelta(seconds=due),
            )
        seen = await exposed(office)
        kind = {"forbear_service": "contact", "forbear_job_kind": "unheard-of"}
        assert seen.value("forbear_jobs_due", **kind) == 1
        assert 100 <= seen.value("forbear_jobs_oldest_due_age_seconds", **kind) < 200
        assert seen.value("forbear_jobs_failed", **kind) == 1
        known = seen.samples("forbear_jobs_failed", forbear_service="ledger")
        assert [value for _, _, value in known] == [0] * len(known) != []
        await rows(office, "contact", "UPDATE jobs SET run_after = now() WHERE kind = 'unheard-of'")
        await shown(
            office,
            of("forbear_job_duration_seconds_count", error_type="KeyError", **kind),
        )


class TestDecisions:
    async def test_are_counted_by_outcome_and_rule(self, office: Office) -> None:
        person = await office.place()
        before = await exposed(office)
        await person.permitted()
        await person.say(kind="cease", in_writing=True, medium="letter")
        refused = await asked(office, person)
        assert refused["answer"]["decision"] == "deny"
        seen = await exposed(office)
        call = {"forbear_channel": "call", "forbear_stage": "request"}
        assert seen.value("forbear_decisions_total", forbear_verdict="permit", **call) >= 1
        assert seen.value("forbear_decisions_total", forbear_verdict="deny", **call) >= 1
        assert seen.value("forbear_objections_total", forbear_rule="cease-notice", **call) >= 1
        assert seen.value("forbear_decision_duration_seconds_count", **call) >= 2
        assert not before.samples("forbear_objections_total", forbear_rule="cease-notice")

    async def test_a_redemption_decides_again(self, office: Office) -> None:
        person = await office.place()
        attempt = await person.permitted()
        await office.post("contact", f"/attempts/{attempt['id']}/dispatch")
        redeemed = {"forbear_stage": "redemption", "forbear_verdict": "permit"}
        await shown(office, of("forbear_decisions_total", **redeemed))

    async def test_what_is_not_known_fails_closed_and_is_counted(self, office: Office) -> None:
        nobody = RandomIds()
        body = {
            "consumer_id": nobody.new("cns"),
            "account_ids": [nobody.new("acct")],
            "channel": "letter",
            "purpose": "collection",
        }
        answer = await office.post("compliance", "/permits", body)
        rules = {each["rule"] for each in answer.json()["objections"]}
        assert "account-unknown" in rules
        seen = await exposed(office)
        for rule in rules & {"account-unknown", "facts-stale", "location-unknown"}:
            assert seen.value("forbear_fail_closed_total", forbear_rule=rule) >= 1


class TestSilence:
    async def test_is_measured_on_both_paths(self, office: Office) -> None:
        person = await office.place()
        told = await person.say(kind="cease", in_writing=True, medium="letter")
        assert told.json()["effective"]
        name = "forbear_cease_to_silence_seconds_count"
        await shown(office, of(name, forbear_path="told", forbear_service="contact"))
        await shown(office, of(name, forbear_path="read", forbear_service="compliance"))

    async def test_what_compliance_did_not_confirm_is_counted(self, office: Office) -> None:
        person = await office.place()
        office.line.is_cut = True
        assert (await person.say(kind="cease", in_writing=True, medium="letter")).status_code == 202
        await shown(office, of("forbear_statements_untold_total", forbear_service="contact"))


class TestTheImpossible:
    async def test_is_shown_as_zero_before_it_happens(self, office: Office) -> None:
        seen = await exposed(office)
        assert seen.value("forbear_journal_unbalanced") == 0
        assert seen.value("forbear_audit_broken_logs") == 0
        assert len(seen.samples("forbear_impossible_total")) == 2
        assert seen.value("forbear_task_failures_total") == 0
        assert seen.value("forbear_clock_skew_seconds") < 5

    async def test_an_attempt_without_a_permit(self, office: Office) -> None:
        person = await office.place()
        permit = await asked(office, person)
        body = {each: value for each, value in permit.items() if each != "answer"} | {
            "attempt_id": RandomIds().new("att"),
            "outcome": "no_answer",
            "started_at": NOON.isoformat(),
        }
        answer = await office.post("compliance", "/unpermitted-attempts", body)
        assert answer.status_code == 201, answer.text
        state = "attempt-without-permit"
        await shown(office, of("forbear_impossible_total", forbear_state=state))

    async def test_an_outcome_of_a_permit_that_was_never_redeemed(self, office: Office) -> None:
        person = await office.place()

        async def permit() -> Any:
            answer = (await asked(office, person))["answer"]
            return answer if answer["decision"] == "permit" else None

        permit_id = (await office.until(permit))["id"]
        body = {"consumer_id": person.consumer_id, "outcome": "no_answer"}
        answer = await office.post("compliance", f"/permits/{permit_id}/outcome", body)
        assert answer.status_code == 200, answer.text
        state = "attempt-without-redemption"
        await shown(office, of("forbear_impossible_total", forbear_state=state))

    async def test_books_that_do_not_balance(self, office: Office) -> None:
        person = await office.place()

        async def is_posted() -> bool:
            line = "SELECT FROM journal WHERE account_id = $1 AND line = 1"
            return bool(await rows(office, "ledger", line, person.account_id))

        await office.until(is_posted)
        change = "UPDATE journal SET amount = amount + $2 WHERE account_id = $1 AND line = 1"
        await rows(office, "ledger", change, person.account_id, 1)
        await shown(office, of("forbear_journal_unbalanced"))
        await rows(office, "ledger", change, person.account_id, -1)
        await shown(office, lambda seen: seen.value("forbear_journal_unbalanced") == 0)

    async def test_an_audit_log_that_was_cut_off(self, office: Office) -> None:
        await office.place()
        await shown(office, lambda seen: seen.value("forbear_audit_broken_logs") == 0)
        cut = "DELETE FROM audit_entries WHERE leaf_index = (SELECT max(size) - 1 FROM audit_logs)"

        async def is_seen() -> bool:
            await rows(office, "compliance", cut)  # again: the log may have grown since
            return of("forbear_audit_broken_logs")(await exposed(office))

        await office.until(is_seen)


class TestTheProcess:
    async def test_shows_its_connections(self, office: Office) -> None:
        seen = await exposed(office)
        for pool in ("own", "jobs", "feed-ledger"):
            labels = {"db_client_connection_pool_name": pool, "forbear_service": "ledger"}
            assert seen.value("db_client_connection_count", **labels) >= 1


class TestWhatIsBrokenForGood:
    async def test_a_store_that_is_away_interrupts_them(self, office: Office) -> None:
        service = office.system.services["disputes"]
        await service.app.api.state.foundation.feed_pools["ledger"].close()
        name = {"forbear_subscription": "disputes-accounts-from-ledger"}
        await shown(office, of("forbear_subscription_interruptions_total", **name))
        answer = await office.system.client("disputes").get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
        reason = answer.json()["checks"]["subscriptions"]
        assert reason == "interrupted: disputes-accounts-from-ledger"

    async def test_a_task_that_fails_is_counted_and_degrades(self, office: Office) -> None:
        await rows(office, "ledger", "UPDATE store SET epoch = 'another'")
        name = {"forbear_task": "compliance-facts-from-ledger"}
        await shown(office, of("forbear_task_failures_total", **name))
        answer = await office.system.client("compliance").get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
        assert "compliance-facts-from-ledger" in answer.json()["checks"]["tasks"]
        assert (await office.system.client("compliance").get("/livez")).status_code == 200


async def test_no_label_holds_an_id_or_anything_personal(office: Office) -> None:
    seen = await exposed(office)  # of all that the tests above have done
    personal = ("+1217555", "@example.com", "Harbor", TENANT)
    values = {value for _, value in seen.labels()}
    assert not [each for each in values if ID.search(each)]
    assert not [each for each in values for part in personal if part in each]
    assert {value for name, value in seen.labels() if name == "forbear_service"} == set(SERVICES)
