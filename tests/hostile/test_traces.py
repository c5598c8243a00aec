"""One waterfall from a webhook to its last consequence, and one correlation id for an account.

The spans are those that an exporter would see.
"""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from shared.http.webhook_signature import SharedSecret, sign
from shared.telemetry import logging, tracing
from tests.databases import SERVICES, Server
from tests.integration.contact.office import Office, Person, opened
from tests.unit.ledger.samples import row

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

PLACED = "forbear.ledger.account-placed.v1"
DECISIONS = ("permit-granted", "permit-refused", "permit-redeemed", "outcome-reported")
CALLER_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER_SPAN = 0x00F067AA0BA902B7
TRACEPARENT = f"00-{CALLER_TRACE}-{CALLER_SPAN:016x}-01"


@dataclass
class Placed:
    """An account that came by webhook, with the trace and the correlation id it came with."""

    office: Office
    spans: InMemorySpanExporter
    person: Person
    trace_id: str
    correlation_id: str

    def of_trace(self, trace_id: str) -> list[ReadableSpan]:
        """Return the finished spans of a trace."""
        return [each for each in self.spans.get_finished_spans() if _trace_of(each) == trace_id]


@pytest.fixture(scope="module")
def spans() -> Iterator[InMemorySpanExporter]:
    logging.configure(level="WARNING")
    with tracing.recording() as exporter:
        yield exporter


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def placed(postgres_server: Server, spans: InMemorySpanExporter) -> AsyncIterator[Placed]:
    async with opened(postgres_server) as office:
        creditor = (await office.post("ledger", "/creditors", {"name": "Harbor Bank"})).json()
        response = await _delivered(office, creditor)
        account_id = response.json()["rows"][0]["account_id"]
        account = await office.get("ledger", f"/accounts/{account_id}")
        person = Person(office, account_id, account["consumer_ids"][0])
        await person.settle()
        await person.permitted()
        (event,) = await _events(office, "ledger", f"account-{account_id}", PLACED)
        yield Placed(
            office=office,
            spans=spans,
            person=person,
            trace_id=_answered_trace(response),
            correlation_id=event["correlation_id"],
        )


async def _delivered(office: Office, creditor: dict[str, Any]) -> httpx2.Response:
    consent = {"procedure": "consumer_used", "medium": "email", "given_on": "2026-06-01"}
    party = row()["parties"][0]
    party["emails"] = [{"address": "ada@example.com", "consents": [consent]}]
    body = {
        "type": "placement.created",
        "timestamp": "2026-06-10T18:00:00Z",
        "data": {"rows": [row(parties=[party])]},
    }
    content = json.dumps(body).encode()
    secret = SharedSecret.parse(creditor["signing_secret"])
    signed = sign([secret], message_id="placed", sent_at=datetime.now(UTC), body=content)
    headers = {"content-type": "application/json", "traceparent": TRACEPARENT, **signed}
    client = office.system.client("ledger")
    response = await client.post(creditor["inbound_path"], content=content, headers=headers)
    assert response.status_code == 201, response.text
    return response


async def _events(office: Office, service: str, stream: str, kind: str = "%") -> list[Any]:
    """Return the metadata of a stream's events."""
    connection = await asyncpg.connect(office.system.databases[service].admin)
    rows = await connection.fetch(
        "SELECT type, metadata FROM events WHERE stream = $1 AND type LIKE $2 ORDER BY version",
        stream,
        kind,
    )
    await connection.close()
    return [{"type": each["type"], **json.loads(each["metadata"])} for each in rows]


def _trace_of(span: ReadableSpan) -> str:
    context = span.get_span_context()
    assert context is not None
    return f"{context.trace_id:032x}"


def _answered_trace(response: httpx2.Response) -> str:
    return response.headers["traceresponse"].split("-")[1]


def _services(spans: Sequence[ReadableSpan], kind: SpanKind) -> set[str]:
    return {str(each.resource.attributes["service.name"]) for each in spans if each.kind is kind}


def _only(spans: Sequence[ReadableSpan], service: str, name: str) -> ReadableSpan:
    (found,) = [
        each
        for each in spans
        if each.name == name and each.resource.attributes["service.name"] == service
    ]
    return found


def _is_below(span: ReadableSpan, spans: Sequence[ReadableSpan], above: ReadableSpan) -> bool:
    by_id = {each.get_span_context().span_id: each for each in spans}  # type: ignore[union-attr]
    here: ReadableSpan | None = span
    while here is not None and here is not above:
        here = by_id.get(here.parent.span_id) if here.parent else None
    return here is above


class TestPlacement:
    async def test_is_one_trace_through_all_four_services(self, placed: Placed) -> None:
        groups = {"contact", "disputes", "compliance", "audit"}

        async def reached() -> bool:
            seen = {str((each.attributes or {}).get(GROUP)) for each in _consumed(placed)}
            services = _services(_consumed(placed), SpanKind.CONSUMER)
            is_everywhere = all(any(group in name for name in seen) for group in groups)
            return is_everywhere and services == set(SERVICES)

        async def is_whole() -> bool:  # what a span is below may end after it
            found = placed.of_trace(placed.trace_id)
            ended = {CALLER_SPAN, *(each.context.span_id for each in found if each.context)}
            return all(each.parent is None or each.parent.span_id in ended for each in found)

        await placed.office.until(reached)
        await placed.office.until(is_whole)
        spans = placed.of_trace(placed.trace_id)
        received = _only(spans, "ledger", "POST /v1/inbound/{creditor_id}/placements")
        assert received.kind is SpanKind.SERVER
        assert _services(_consumed(placed), SpanKind.CONSUMER) == set(SERVICES)
        for each in spans:
            assert _is_below(each, spans, received), each.name
        for each in _consumed(placed):
            assert [link.context.trace_id for link in each.links] == [int(placed.trace_id, 16)]

    async def test_continues_the_trace_of_the_sender(self, placed: Placed) -> None:
        assert placed.trace_id == CALLER_TRACE

    async def test_names_ids_and_nothing_else(self, placed: Placed) -> None:
        for each in placed.spans.get_finished_spans():
            assert "ada@example.com" not in each.to_json()
            assert "url.query" not in (each.attributes or {})


GROUP, TYPE = "messaging.consumer.group.name", "forbear.event_type"


def _consumed(placed: Placed) -> list[ReadableSpan]:
    spans = placed.of_trace(placed.trace_id)
    found = [each for each in spans if (each.attributes or {}).get(TYPE) == PLACED]
    assert {each.name for each in found} <= {"process forbear.ledger.events.v1"}
    return found


class TestAttempt:
    async def test_is_one_trace_up_to_its_veto_and_links_to_the_placement(
        self, placed: Placed
    ) -> None:
        await placed.person.say(kind="opt_out", medium="call")
        response = await placed.person.attempt()
        assert response.json()["decision"] == "deny"
        trace_id = _answered_trace(response)
        assert trace_id != placed.trace_id
        spans = placed.of_trace(trace_id)
        asked = _only(spans, "contact", "POST /v1/attempts")
        decided = _only(spans, "compliance", "POST /v1/permits")
        assert (asked.kind, decided.kind) == (SpanKind.SERVER, SpanKind.SERVER)
        assert _is_below(decided, spans, asked)
        assert int(placed.trace_id, 16) in [link.context.trace_id for link in asked.links]

    async def test_is_named_by_the_decision_that_came_of_it(self, placed: Placed) -> None:
        response = await placed.person.attempt("call")
        path = f"/v1/permits/{response.json()['permit_id']}"

        async def readable() -> Any:
            found = await placed.office.clients["compliance"].get(path)
            return found.json() if found.status_code == 200 else None

        permit = await placed.office.until(readable)
        assert permit["trace_id"] == _answered_trace(response)

    async def test_is_followed_by_the_audit_in_its_own_trace(self, placed: Placed) -> None:
        response = await placed.person.attempt("call")
        trace_id = _answered_trace(response)

        async def followed() -> bool:
            attributes = [each.attributes or {} for each in placed.of_trace(trace_id)]
            heard = {(str(each.get(TYPE)), str(each.get(GROUP))) for each in attributes}
            return any("attempt-vetoed" in name and "audit" in group for name, group in heard)

        await placed.office.until(followed)


class TestCorrelation:
    async def test_is_the_placements_on_everything_about_the_account(self, placed: Placed) -> None:
        office, person = placed.office, placed.person
        streams = [
            ("ledger", f"account-{person.account_id}"),
            *await _emailed(placed),
            *await _disputed(placed),
        ]
        for service, stream in streams:
            events = await _events(office, service, stream)
            assert events, stream
            for each in events:
                assert each["correlation_id"] == placed.correlation_id, (stream, each)

        async def all_are_decided() -> Any:
            gate = await _events(office, "compliance", f"gate-{person.consumer_id}")
            found = {name: [each for each in gate if name in each["type"]] for name in DECISIONS}
            return found if all(found.values()) else None

        for events in (await office.until(all_are_decided)).values():
            for each in events:
                assert each["correlation_id"] == placed.correlation_id, each

    async def test_is_not_taken_from_a_stranger(self, placed: Placed) -> None:
        headers = {"x-correlation-id": "mine", "idempotency-key": placed.office.key()}
        client = placed.office.clients["ledger"]
        created = await client.post("/v1/creditors", json={"name": "Bank"}, headers=headers)
        (event,) = await _events(placed.office, "ledger", f"creditor-{created.json()['id']}")
        assert event["correlation_id"] == created.headers["request-id"]


async def _emailed(placed: Placed) -> list[tuple[str, str]]:
    content = {"subject": "Your account", "text": "Please call us."}
    attempt = await placed.person.permitted("email", content=content)
    path = f"/attempts/{attempt['id']}"

    async def sent() -> bool:
        return bool((await placed.office.get("contact", path))["outcome"] == "email_sent")

    await placed.office.until(sent)
    told = await placed.office.post("contact", f"{path}/outcome", {"outcome": "email_delivered"})
    assert told.status_code == 201, told.text
    return [("contact", f"attempt-{attempt['id']}")]


async def _disputed(placed: Placed) -> list[tuple[str, str]]:
    office, person = placed.office, placed.person
    dispute = {"account_id": person.account_id, "in_writing": True}
    opened = (await office.post("disputes", "/disputes", dispute)).json()
    path = f"/disputes/{opened['id']}"
    await office.post("disputes", f"{path}/answer", {"answer": "verification"})
    await office.post("disputes", f"{path}/resolve", {"resolution": "denied"})

    async def lifted() -> bool:
        holds = await office.get("ledger", f"/accounts/{person.account_id}/holds")
        return bool(holds["data"] and holds["data"][0]["lifted_at"])

    await office.until(lifted)
    return [("disputes", f"dispute-{opened['id']}")]
