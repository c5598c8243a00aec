"""How compliance is talked to: what counts as an answer, what as none."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from opentelemetry.trace import SpanKind

from services.contact.permit_client import Permits
from shared.eventstore.store import Metadata
from shared.eventstore.transact import IdempotencyKeyReused
from shared.http import compliance_client
from shared.http.compliance_client import (
    Compliance,
    ComplianceClient,
    ComplianceRefused,
    ComplianceUnreachable,
)
from shared.http.service_token import ServiceTokenSigner, ServiceTokenVerifier
from shared.kernel.clock import SystemClock
from shared.kernel.errors import InvariantViolated
from shared.telemetry import tracing

KEY = Ed25519PrivateKey.generate()
CLOCK = SystemClock()
SIGNER = ServiceTokenSigner("contact", KEY, clock=CLOCK.now)
REDEEMED = {
    "permit_id": "prm_1",
    "is_redeemed": True,
    "redeemed_at": "2026-06-01T12:00:00Z",
    "dispatch_before": "2026-06-01T12:01:00Z",
    "objections": [],
}

Answer = Callable[[httpx2.Request], httpx2.Response]


def compliance(*answers: Answer) -> tuple[Compliance, list[httpx2.Request]]:
    """Return compliance that answers so, one after the other, and what it was asked."""
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return answers[min(len(asked), len(answers)) - 1](request)

    client = ComplianceClient("http://compliance", httpx2.MockTransport(answer))
    metadata = Metadata(
        actor="key_1",
        correlation_id="req_7",
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )
    return client.speaking_for(SIGNER, "agy_1", metadata), asked


def says(status: int, body: Any = None, **headers: str) -> Answer:
    return lambda request: httpx2.Response(status, json=body or {}, headers=headers)


def silent(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ReadTimeout("no answer", request=request)


async def test_says_who_asks_for_whom_and_in_which_chain_of_causes() -> None:
    speaking, asked = compliance(says(200, REDEEMED))
    await Permits(speaking).redeem("req_1", "prm_1", {"consumer_id": "cns_1"})
    (request,) = asked
    verifier = ServiceTokenVerifier("compliance", {"contact": [KEY.public_key()]}, clock=CLOCK.now)
    caller = verifier.verify(request.headers["authorization"].removeprefix("Bearer "))
    assert (caller.service, caller.tenant, caller.actor) == ("contact", "agy_1", "key_1")
    assert request.headers["x-correlation-id"] == "req_7"
    assert request.headers["idempotency-key"] == "req_1"
    assert request.headers["traceparent"].startswith("00-")
    assert request.url.path == "/v1/permits/prm_1/redeem"


async def test_each_try_is_a_span_that_says_how_it_ended() -> None:
    speaking, asked = compliance(says(503, {"code": "unavailable"}), says(200, REDEEMED))
    with tracing.recording() as exporter:
        await Permits(speaking).redeem("req_1", "prm_1", {})
    tries = exporter.get_finished_spans()
    assert [(each.name, each.kind) for each in tries] == [("POST", SpanKind.CLIENT)] * 2
    assert [each.headers["traceparent"].split("-")[2] for each in asked] == [
        f"{each.context.span_id:016x}" for each in tries if each.context
    ]
    where = {
        "http.request.method": "POST",
        "server.address": "compliance",
        "server.port": 80,
    }
    assert [dict(each.attributes or {}) for each in tries] == [
        {**where, "http.response.status_code": 503, "error.type": "503"},
        {**where, "http.response.status_code": 200, "http.request.resend_count": 1},
    ]


async def test_a_clear_redemption_is_leave() -> None:
    speaking, _ = compliance(says(200, REDEEMED))
    redemption = await Permits(speaking).redeem("req_1", "prm_1", {})
    assert (redemption.is_redeemed, redemption.is_replayed) == (True, False)


async def test_a_repeated_redemption_says_so() -> None:
    speaking, _ = compliance(silent, says(200, REDEEMED, **{"idempotent-replayed": "true"}))
    assert (await Permits(speaking).redeem("req_1", "prm_1", {})).is_replayed


@pytest.mark.parametrize(
    "answer",
    [silent, says(503, {"code": "unavailable"}), says(409, {"code": "in-progress"}), says(500)],
)
async def test_tries_twice_with_the_same_key_and_then_knows_nothing(answer: Answer) -> None:
    speaking, asked = compliance(answer)
    with pytest.raises(ComplianceUnreachable):
        await Permits(speaking).request("key-1", {})
    assert [each.headers["idempotency-key"] for each in asked] == ["key-1", "key-1"]


async def test_a_refusal_is_not_repeated() -> None:
    speaking, asked = compliance(says(404, {"code": "permit-unknown"}))
    with pytest.raises(ComplianceRefused) as refused:
        await Permits(speaking).release("key-1", "prm_1", {})
    assert (refused.value.code, len(asked)) == ("permit-unknown", 1)


async def test_a_reused_key_is_the_callers_mistake() -> None:
    speaking, _ = compliance(says(422, {"code": "idempotency-key-reused"}))
    with pytest.raises(IdempotencyKeyReused):
        await Permits(speaking).request("key-1", {})


async def test_an_answer_that_does_not_fit_is_no_leave() -> None:
    speaking, _ = compliance(says(200, {"is_redeemed": "yes"}))
    with pytest.raises(InvariantViolated):
        await Permits(speaking).redeem("req_1", "prm_1", {})


@pytest.mark.parametrize(
    ("answers", "is_heard"),
    [
        ((says(201),), True),
        ((silent, says(201)), True),
        ((silent,), False),
        ((says(503),), False),
        ((says(422, {"code": "validation-failed"}),), False),
    ],
)
async def test_a_stop_is_heard_only_by_a_clear_answer(
    answers: tuple[Answer, ...], is_heard: bool
) -> None:
    speaking, asked = compliance(*answers)
    assert await speaking.put_fact("fact_1", {"consumer_id": "cns_1"}) is is_heard
    assert "idempotency-key" not in asked[0].headers


async def test_a_stop_is_not_waited_for_longer_than_its_bound() -> None:
    async def never(request: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(60)
        raise AssertionError

    client = ComplianceClient("http://compliance", httpx2.MockTransport(never))
    speaking = client.speaking_for(SIGNER, "agy_1", Metadata(actor="a", correlation_id="c"))
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert not await speaking.put_fact("fact_1", {})
    assert loop.time() - began < compliance_client.HEARING_S_MAX + 5
