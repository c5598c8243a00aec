"""The outermost layer of a service: what every request meets before the framework sees it.

It names the request, bounds it (size, time, number in flight), refuses what could be read in two
ways, opens the server span and writes the one log line. Paths and queries are never logged, only
the route's template. A well-formed `traceparent` is continued; `tracestate` and `baggage` are not
read. A deployment open to strangers passes `is_internal` and gets a new trace with a link instead.
"""

import asyncio
import re
import time
from collections.abc import Callable, Collection, Mapping
from ipaddress import ip_address
from typing import Any

from opentelemetry.trace import Span, StatusCode
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http import exchange, strict_json
from shared.http.exchange import Exchange
from shared.http.health import PATHS as HEALTH_PATHS
from shared.http.problem import FieldError, Problem, ProblemResponse
from shared.kernel.ids import Ids
from shared.kernel.records import record
from shared.telemetry import metrics, tracing
from shared.telemetry.logging import get_logger

log = get_logger(__name__)


@record
class Bounds:
    """What one service takes on."""

    body_bytes_max: int = 1024 * 1024
    path_bytes_max: int = 2048
    query_bytes_max: int = 4096
    deadline_s: float = 30.0
    in_flight_max: int = 256


_CLIENT_CLOSED = 499  # in logs and metrics only; nobody is there to read it
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_SINGLE_HEADERS = frozenset(
    (
        b"authorization",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"host",
        b"idempotency-key",
        b"if-match",
        b"traceparent",
        b"webhook-id",
        b"webhook-signature",
        b"webhook-timestamp",
    )
)
# What could make one path look like another: encoded separators, dots, percent signs, controls.
_AMBIGUOUS_PATH = re.compile(rb"%(?:[01][0-9a-f]|2[5ef]|5c|7f)|[;\\]|//|/\.", re.IGNORECASE)
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::[0-9]{1,5})?\Z")
_DEFAULT_HEADERS = {
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cross-origin-resource-policy": b"same-origin",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
}
_TRANSPORT_SECURITY = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


def always_internal(scope: Mapping[str, Any]) -> bool:
    """Trust every caller's traceparent as a parent."""
    return True


class Edge:
    """An ASGI application around another one."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        service: str,
        ids: Ids,
        bounds: Bounds,
        hosts: Collection[str] = (),
        is_internal: Callable[[Mapping[str, Any]], bool] = always_internal,
    ) -> None:
        self._app = app
        self._service = service
        self._ids = ids
        self._bounds = bounds
        self._hosts = frozenset(host.lower() for host in hosts)
        self._is_internal = is_internal
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of the ASGI server."""
        if scope["type"] == "lifespan":
            with tracing.acting_as(self._service):
                await self._app(scope, receive, send)
        elif scope["type"] == "http":
            with tracing.acting_as(self._service):
                await self._serve(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in HEALTH_PATHS:
            # Probes must get through when the service is full, and are not worth a span or a line.
            await self._run(_Answer(scope, receive, send, self._new_exchange(scope), self._bounds))
            return
        headers = scope["headers"]
        given = [value for name, value in headers if name == b"traceparent"]
        caller = given[0].decode("latin-1") if len(given) == 1 else None
        is_internal = self._is_internal(scope)
        method = scope["method"] if scope["method"] in _METHODS else "_OTHER"
        started = time.perf_counter()
        metrics.HTTP_SERVER_ACTIVE_REQUESTS.add(1, {})
        with tracing.span(
            method,
            kind="server",
            parent=caller if is_internal else None,
            links=() if is_internal or caller is None else (caller,),
            is_root=not is_internal,
        ) as span:
            known = self._new_exchange(scope)
            known.traceparent = tracing.traceparent_of(span)
            known.trace_id = tracing.current_trace_id()
            answer = _Answer(scope, receive, send, known, self._bounds)
            self._in_flight += 1
            try:
                await self._admit(answer)
            finally:
                self._in_flight -= 1
                metrics.HTTP_SERVER_ACTIVE_REQUESTS.add(-1, {})
                _account_for(answer, span, method, time.perf_counter() - started)

    def _new_exchange(self, scope: Scope) -> Exchange:
        known = Exchange(self._ids.new("req"))
        exchange.put(scope, known)
        return known

    async def _admit(self, answer: "_Answer") -> None:
        problem = self._refusal(answer.scope)
        if problem is not None:
            await answer.refuse(problem)
            return
        await self._run(answer)

    async def _run(self, answer: "_Answer") -> None:
        deadline = asyncio.timeout(self._bounds.deadline_s)
        try:
            async with deadline:
                await self._app(answer.scope, answer.receive, answer.send)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - the outermost frame of a request
            if deadline.expired() and isinstance(error, TimeoutError):
                answer.problem = "deadline-exceeded" if answer.is_received else "request-timeout"
                closing = {"Connection": "close", "Retry-After": "1"}
                await answer.refuse(Problem(answer.problem, headers=closing))
                return
            log.error("request-failed", error=error, request_id=answer.exchange.request_id)
            answer.problem = type(error).__qualname__
            await answer.refuse(Problem("internal"))

    def _refusal(self, scope: Scope) -> Problem | None:
        if self._in_flight > self._bounds.in_flight_max:
            return Problem("overloaded", headers={"Retry-After": "1"})
        raw_path = scope.get("raw_path") or scope["path"].encode("utf-8")
        too_long = (
            len(raw_path) > self._bounds.path_bytes_max
            or len(scope["query_string"]) > self._bounds.query_bytes_max
        )
        if too_long:
            return Problem("uri-too-long")
        if _AMBIGUOUS_PATH.search(raw_path):
            return Problem("not-found")
        return self._header_refusal(scope["headers"])

    def _header_refusal(self, headers: list[tuple[bytes, bytes]]) -> Problem | None:
        single: dict[bytes, bytes] = {}
        for name, value in headers:
            if name in _SINGLE_HEADERS:
                if name in single:
                    fault = FieldError(code="duplicate-header", header=name.decode("ascii"))
                    return Problem("duplicate-header", errors=[fault])
                single[name] = value
        host = single.get(b"host", b"").decode("latin-1")
        if not self._is_ours(host):
            return Problem("misdirected" if host else "bad-host")
        if single.get(b"content-encoding", b"identity").lower() != b"identity":
            return Problem("unsupported-media-type", "Send the body without a content encoding.")
        length = single.get(b"content-length", b"0")
        if not length.isdigit():
            return Problem("ambiguous-length")
        if len(length) > 18 or int(length) > self._bounds.body_bytes_max:
            return strict_json.too_large(self._bounds.body_bytes_max)
        return None

    def _is_ours(self, host: str) -> bool:
        # A literal address cannot be rebound by somebody's name server; a name can.
        found = _HOST.match(host)
        if found is None:
            return False
        name = found[1].lower()
        if name in self._hosts or name == "localhost" or name.endswith(".localhost"):
            return True
        try:
            ip_address(name.strip("[]"))
        except ValueError:
            return False
        return True


class _Answer:
    """One request with what has been received and answered so far."""

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, known: Exchange, bounds: Bounds
    ) -> None:
        # Whoever answers GET answers HEAD: in the same way, and nothing of the body is sent.
        self._is_head = scope["method"] == "HEAD"
        self.scope = {**scope, "method": "GET"} if self._is_head else scope
        self.exchange = known
        self.status = 0
        self.problem: str | None = None
        self.is_received = False
        self.is_gone = False
        self._receive = receive
        self._send = send
        self._bytes_left = bounds.body_bytes_max
        self._bytes_max = bounds.body_bytes_max

    async def receive(self) -> Message:
        """Pass on a part of the body, up to the limit."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._bytes_left -= len(message.get("body", b""))
            if self._bytes_left < 0:
                raise strict_json.too_large(self._bytes_max)
            self.is_received = not message.get("more_body", False)
        elif not self.status:
            self.is_gone = True
        return message

    async def send(self, message: Message) -> None:
        """Pass on a part of the answer; its head gets the headers that all answers have."""
        if self.is_gone:
            return
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = message["headers"] = list(message.get("headers", ()))
            given = {name.lower() for name, _ in headers}
            headers += [each for each in _DEFAULT_HEADERS.items() if each[0] not in given]
            headers.append((b"request-id", self.exchange.request_id.encode("ascii")))
            if self.exchange.traceparent is not None:
                headers.append((b"traceresponse", self.exchange.traceparent.encode("ascii")))
            if self.scope.get("scheme") == "https":
                headers.append(_TRANSPORT_SECURITY)
        elif self._is_head:
            message = {**message, "body": b""}
        await self._send(message)

    async def refuse(self, problem: Problem) -> None:
        """Answer with a problem, unless an answer has begun."""
        if not self.status:
            await ProblemResponse(problem, self.scope)(self.scope, self.receive, self.send)


def _spoken(scope: Scope) -> dict[str, str]:
    return {
        "network.protocol.version": scope.get("http_version", "1.1"),
        "url.scheme": scope.get("scheme", "http"),
    }


def _account_for(answer: _Answer, span: Span, method: str, seconds: float) -> None:
    route = getattr(answer.scope.get("route"), "path_format", None)
    if route is None:
        # Only health and documentation are not routes of ours.
        route = "documentation" if "endpoint" in answer.scope else "unmatched"
    status = answer.status or _CLIENT_CLOSED
    known = answer.exchange
    labels = {
        "http.request.method": method,
        "http.route": route,
        "http.response.status_code": status,
    }
    if span.is_recording():
        span.update_name(f"{method} {route}")
        span.set_attributes({**labels, "forbear.request_id": known.request_id})
        span.set_attributes(_spoken(answer.scope))
        if known.tenant is not None:
            span.set_attribute("forbear.tenant", known.tenant)
        if status >= 500:
            span.set_attribute("error.type", answer.problem or str(status))
            span.set_status(StatusCode.ERROR)
    metrics.HTTP_SERVER_REQUEST_DURATION.record(seconds, labels)
    log.info(
        "request",
        method=method,
        route=route,
        status=status,
        duration_ms=round(seconds * 1000, 2),
        request_id=known.request_id,
        tenant=known.tenant,
        key_id=known.key_id,
    )
