"""Bounds, ids, traces and the one log line of a request."""

import asyncio
import io
import json
from typing import Any

import msgspec
import pytest
from opentelemetry.trace import SpanKind, StatusCode

from shared.http.edge import Bounds
from shared.kernel.ids import is_id
from shared.telemetry import logging, tracing
from tests.unit.shared.http import sample

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


class TestHead:
    async def test_is_answered_as_get_without_the_body(self) -> None:
        async with sample.client(sample.build()) as client:
            got = await client.get("/v1/orders?limit=3", headers=sample.GOOD)
            headed = await client.head("/v1/orders?limit=3", headers=sample.GOOD)
            alive = await client.head("/livez")
        assert (headed.status_code, headed.content) == (200, b"")
        assert headed.headers["content-length"] == str(len(got.content))
        assert headed.headers["content-type"] == got.headers["content-type"]
        assert (alive.status_code, alive.content) == (200, b"")

    async def test_is_refused_as_get_is(self) -> None:
        async with sample.client(sample.build()) as client:
            unknown = await client.head("/v1/orders")
            commanded = await client.head("/v1/raw", headers=sample.GOOD)
        assert (unknown.status_code, unknown.content) == (401, b"")
        assert (commanded.status_code, commanded.headers["allow"]) == (405, "POST")

    async def test_is_logged_as_what_it_is(self) -> None:
        stream = io.StringIO()
        logging.configure(stream=stream)
        async with sample.client(sample.build()) as client:
            await client.head("/v1/orders", headers=sample.GOOD)
        (line,) = [each for each in lines(stream) if each["event"] == "request"]
        assert (line["method"], line["route"], line["status"]) == ("HEAD", "/v1/orders", 200)


class TestBounds:
    async def test_end_a_request_that_takes_too_long(self) -> None:
        app = sample.build(bounds=Bounds(deadline_s=0.05))
        async with sample.client(app) as client:
            response = await client.get("/v1/slow")
        assert (response.status_code, response.json()["code"]) == (503, "deadline-exceeded")
        assert response.headers["retry-after"] == "1"

    async def test_end_a_request_whose_body_never_ends(self) -> None:
        app = sample.build(bounds=Bounds(deadline_s=0.05))
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            if not sent:
                await asyncio.sleep(10)
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await app(scope(), receive, send)
        assert sent[0]["status"] == 408

    async def test_refuse_what_is_more_than_can_be_served(self) -> None:
        app = sample.build(bounds=Bounds(in_flight_max=3, deadline_s=0.3))
        async with sample.client(app) as client:
            requests = [client.get("/v1/slow") for _ in range(5)]
            alive = asyncio.create_task(client.get("/livez"))
            answers = await asyncio.gather(*requests)
            assert (await alive).status_code == 200
        codes = sorted(answer.json()["code"] for answer in answers)
        assert codes == ["deadline-exceeded"] * 3 + ["overloaded"] * 2
        async with sample.client(app) as client:
            assert (await client.get("/v1/nothing")).status_code == 404  # the places are free again

    async def test_leave_no_trace_of_a_client_that_goes_away(self) -> None:
        stream = io.StringIO()
        logging.configure(stream)
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await sample.build()(scope(), receive, send)
        assert sent == []
        assert [line["status"] for line in lines(stream)] == [499]


def scope() -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": "/v1/wide",
        "raw_path": b"/v1/wide",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
    }


class TestAnswers:
    async def test_have_an_id_of_ours_whatever_the_caller_sends(self) -> None:
        async with sample.client(sample.build()) as client:
            response = await client.get("/livez", headers={"Request-Id": "mine"})
        assert is_id("req", response.headers["request-id"])

    async def test_forbid_the_browser_everything(self) -> None:
        async with sample.client(sample.build()) as client:
            headers = (await client.get("/v1/orders", headers=sample.GOOD)).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in headers

    async def test_are_logged_by_template_and_without_query(self) -> None:
        stream = io.StringIO()
        logging.configure(stream)
        async with sample.client(sample.build()) as client:
            await client.post("/v1/orders/ord_abcd/cancel", headers=sample.GOOD)
            await client.get(f"/v1/orders?state={sample.CANARY}", headers=sample.GOOD)
            await client.get(f"/v1/{sample.CANARY}")
        assert sample.CANARY not in stream.getvalue()
        assert "ord_abcd" not in stream.getvalue()
        cancelled, listed, unknown = lines(stream)
        assert cancelled["route"] == "/v1/orders/{order_id}/cancel"
        assert cancelled["tenant"] == "agy_1"
        assert cancelled["key_id"] == "key_1"
        assert cancelled["service"] == "sample"
        assert is_id("req", cancelled["request_id"])
        assert listed["status"] == 422
        assert unknown["route"] == "unmatched"

    async def test_that_fail_are_logged_without_the_text_of_the_failure(self) -> None:
        stream = io.StringIO()
        logging.configure(stream)
        async with sample.client(sample.build()) as client:
            await client.get("/v1/failures/bug")
        failed, _ = lines(stream)
        assert failed["error_type"] == "builtins.RuntimeError"
        assert failed["error_at"][-1].startswith("tests.unit.shared.http.sample:fail_somehow:")
        assert sample.CANARY not in stream.getvalue()


class TestTraces:
    async def test_continue_the_callers(self) -> None:
        with tracing.recording() as exporter:
            async with sample.client(sample.build()) as client:
                headers = {
                    **sample.GOOD,
                    "traceparent": PARENT,
                    "tracestate": f"x={sample.CANARY}",
                    "baggage": f"ssn={sample.CANARY}",
                }
                response = await client.get("/v1/orders?limit=3", headers=headers)
        (span,) = exporter.get_finished_spans()
        assert response.headers["traceresponse"].split("-")[1] == PARENT.split("-")[1]
        assert span.name == "GET /v1/orders"
        assert span.kind is SpanKind.SERVER
        assert span.parent is not None
        assert span.parent.span_id == int("00f067aa0ba902b7", 16)
        assert span.resource.attributes["service.name"] == "sample"
        assert dict(span.attributes or {}) == {
            "http.request.method": "GET",
            "http.route": "/v1/orders",
            "http.response.status_code": 200,
            "network.protocol.version": "1.1",
            "url.scheme": "http",
            "forbear.request_id": response.headers["request-id"],
            "forbear.tenant": "agy_1",
        }
        assert sample.CANARY not in span.to_json()

    async def test_of_strangers_are_linked_instead(self) -> None:
        with tracing.recording() as exporter:
            app = sample.build(is_internal=lambda scope: False)
            async with sample.client(app) as client:
                await client.get("/v1/orders", headers={**sample.GOOD, "traceparent": PARENT})
        (span,) = exporter.get_finished_spans()
        assert span.parent is None
        assert f"{span.links[0].context.trace_id:032x}" == PARENT.split("-")[1]

    @pytest.mark.parametrize(
        "given",
        [
            "garbage",
            "00-" + "0" * 32 + "-" + "0" * 16 + "-01",
            PARENT.upper(),
            PARENT + "-x",
            "ff" + PARENT[2:],
            "x" * 10_000,
        ],
    )
    async def test_begin_anew_when_the_callers_is_malformed(self, given: str) -> None:
        async with sample.client(sample.build()) as client:
            headers = {**sample.GOOD, "traceparent": given}
            response = await client.get("/v1/orders", headers=headers)
        assert response.status_code == 200
        assert response.headers["traceresponse"].split("-")[1] != PARENT.split("-")[1]

    async def test_mark_failures_by_type_only(self) -> None:
        with tracing.recording() as exporter:
            async with sample.client(sample.build()) as client:
                await client.get("/v1/failures/bug")
        (span,) = exporter.get_finished_spans()
        assert (span.attributes or {})["error.type"] == "RuntimeError"
        assert span.status.status_code is StatusCode.ERROR
        assert sample.CANARY not in msgspec.json.encode(span.to_json()).decode()
