"""Commands are served without the framework's handler, and answer as they would with it."""

from typing import Annotated, Any

import httpx2
import msgspec
import pytest
from fastapi import Depends, Path, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from shared.http.app import Wiring, create_app
from shared.http.problem import Problem
from shared.http.routing import Route, Router, json_body
from shared.kernel.clock import RandomIds
from tests.unit.shared.http import sample

PathId = Annotated[str, Path(pattern="^ord_[a-z0-9]{4}$")]
BODY = {"ref": "r", "due": "2026-01-02", "amount": 3}
OF_ONE_REQUEST = ("request_id", "trace_id")


async def keys_of(request: Request) -> list[str]:
    """Know something of the request as a whole."""
    if request.headers.get("x-refused"):
        raise Problem("forbidden")
    return sorted(json_body(request) or ())


Keys = Annotated[list[str], Depends(keys_of)]


def _answer(order_id: str, body: sample.OrderBody, keys: list[str]) -> Response:
    if body.ref == "closed":
        raise sample.AccountClosed("The account is closed.")
    if body.ref == "bug":
        raise RuntimeError(sample.CANARY)
    seen = {"id": order_id, "due": body.due, "keys": keys}
    return Response(msgspec.json.encode(seen), status_code=201, media_type="application/json")


router = Router(tag="Orders")


@router.post("/orders/{order_id}/pay", scope="orders:write")
async def pay_order(order_id: PathId, body: sample.OrderBody, keys: Keys) -> Response:
    """Pay, as a command."""
    return _answer(order_id, body, keys)


@router.post("/orders/{order_id}/pay-as-ever", scope="orders:write")
async def pay_order_as_ever(order_id: PathId, body: sample.OrderBody, keys: Keys) -> Any:
    """Pay, by the framework's handler: nothing says that this is a response."""
    return _answer(order_id, body, keys)


APP = create_app(
    "orders", "1", [router], ids=RandomIds(), wiring=Wiring(authorize=sample.authorize)
)


async def _pay(kind: str, order_id: str, **asked: Any) -> httpx2.Response:
    method = asked.pop("method", "POST")
    async with sample.client(APP) as client:
        return await client.request(method, f"/v1/orders/{order_id}/{kind}", **asked)


def _shown(answer: httpx2.Response) -> tuple[int, dict[str, Any], dict[str, str]]:
    body = {name: value for name, value in answer.json().items() if name not in OF_ONE_REQUEST}
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in ("request-id", "traceresponse", "content-length")
    }
    return answer.status_code, body, headers


CASES: dict[str, tuple[int, dict[str, Any]]] = {
    "good": (201, {"json": BODY, "headers": sample.GOOD}),
    "bad path": (404, {"order_id": "ord_UPPER", "json": BODY, "headers": sample.GOOD}),
    "bad body": (422, {"json": {**BODY, "amount": -1}, "headers": sample.GOOD}),
    "no body": (400, {"headers": sample.GOOD}),
    "no credential": (401, {"json": BODY}),
    "no key": (400, {"json": BODY, "headers": {"Authorization": f"Bearer {sample.KEY}"}}),
    "unknown query": (400, {"json": BODY, "headers": sample.GOOD, "params": {"a": "b"}}),
    "dependency": (403, {"json": BODY, "headers": {**sample.GOOD, "X-Refused": "1"}}),
    "dependency before path": (
        403,
        {"order_id": "no", "json": BODY, "headers": {**sample.GOOD, "X-Refused": "1"}},
    ),
    "refusal": (409, {"json": {**BODY, "ref": "closed"}, "headers": sample.GOOD}),
    "bug": (500, {"json": {**BODY, "ref": "bug"}, "headers": sample.GOOD}),
    "method": (405, {"method": "GET", "headers": sample.GOOD}),
}


class TestCommand:
    def test_is_told_from_what_needs_the_framework(self) -> None:
        command, other = (each for each in router.routes if isinstance(each, Route))
        assert command._command_handler() is not None
        assert other._command_handler() is None

    @pytest.mark.parametrize("case", CASES)
    async def test_answers_as_the_framework_would(self, case: str) -> None:
        status, asked = CASES[case]
        asked = {"order_id": "ord_ab12", **asked}
        answer = await _pay("pay", **asked)
        assert answer.status_code == status
        assert _shown(answer) == _shown(await _pay("pay-as-ever", **asked))
        assert sample.CANARY not in answer.text


class TestAnswering:
    async def test_a_failure_after_an_answer_has_begun_answers_nothing_more(self) -> None:
        sent: list[Message] = []

        async def break_off(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            raise Problem("conflict")

        app = create_app("broken", "1", [], ids=RandomIds(), wiring=Wiring())
        app.api.router.mount("/broken", break_off)

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "GET",
            "path": "/broken/off",
            "raw_path": b"/broken/off",
            "query_string": b"",
            "headers": [(b"host", b"localhost")],
        }
        await app(scope, receive, send)
        assert [each["type"] for each in sent] == ["http.response.start"]
