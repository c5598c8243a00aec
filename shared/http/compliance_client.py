"""Talks to compliance, on behalf of a tenant's actor: every call has a deadline.

What was not answered clearly counts as no: a permit that may or may not have been redeemed is not
leave, a fact that may or may not have arrived is not in force.
"""

import asyncio
from contextlib import AbstractContextManager
from typing import Any

import httpx2
import msgspec
from opentelemetry.trace import Span
from opentelemetry.util.types import AttributeValue

from shared.eventstore.store import Metadata
from shared.eventstore.transact import IdempotencyKeyReused
from shared.http.service_token import ServiceTokenSigner
from shared.telemetry import tracing
from shared.telemetry.logging import get_logger

AUDIENCE = "compliance"
TIMEOUT_S = 2.0  # of one try
TRIES_MAX = 2
PAUSE_S = 0.05
HEARING_S_MAX = 2.0  # a person's "stop" is answered by then, effective or not
CONNECTIONS_MAX = 50
DEFAULT_PORTS = {"http": 80, "https": 443}
STALENESS_BOUND_S = 5.0
"""Without hearing it from us, compliance gives no more leave after this long."""

log = get_logger(__name__)


class ComplianceUnreachable(ConnectionError):
    """Compliance gave no clear answer in time; whether it acted is unknown."""


class ComplianceRefused(Exception):
    """Compliance understood and will not: `code` is its problem code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"compliance answered {status} {code}")
        self.status = status
        self.code = code


class ComplianceClient:
    """One per process; `speaking_for` binds it to a tenant and a chain of causes."""

    def __init__(
        self,
        url: str,
        transport: httpx2.AsyncBaseTransport | None = None,
        *,
        staleness_s: float = STALENESS_BOUND_S,
    ) -> None:
        self.staleness_s = staleness_s
        self._http = httpx2.AsyncClient(
            base_url=url,
            transport=transport,
            timeout=TIMEOUT_S,
            limits=httpx2.Limits(
                max_connections=CONNECTIONS_MAX, max_keepalive_connections=CONNECTIONS_MAX
            ),
            trust_env=False,
        )

    def speaking_for(
        self, signer: ServiceTokenSigner, tenant: str, metadata: Metadata
    ) -> "Compliance":
        """Return what makes calls on behalf of a tenant's actor."""
        return Compliance(self._http, signer, tenant, metadata)

    async def keep_open(self) -> None:
        """Hold connections until cancelled, then close them."""
        try:
            await asyncio.Event().wait()
        finally:
            await self._http.aclose()


class Compliance:
    """Compliance, as one request or job speaks to it."""

    def __init__(
        self,
        http: httpx2.AsyncClient,
        signer: ServiceTokenSigner,
        tenant: str,
        metadata: Metadata,
    ) -> None:
        self._http = http
        self._signer = signer
        self._tenant = tenant
        self._metadata = metadata

    async def put_fact(self, fact_id: str, statement: dict[str, Any]) -> bool:
        """Say what was heard, and tell whether compliance has committed it in time."""
        try:
            async with asyncio.timeout(HEARING_S_MAX):
                await self.send("PUT", f"/v1/protective-facts/{fact_id}", statement)
        except (ComplianceUnreachable, ComplianceRefused, TimeoutError) as error:
            log.warning("fact-not-told", fact_id=fact_id, error=error)
            return False
        return True

    async def send(
        self, method: str, path: str, body: dict[str, Any], key: str | None = None
    ) -> httpx2.Response:
        """Call a route; what is not answered clearly is tried once more.

        Raises:
            ComplianceUnreachable, ComplianceRefused: no clear answer, or a refusal.
            IdempotencyKeyReused: the key was used with another request.
        """
        failure = "unanswered"
        for attempt in range(TRIES_MAX):
            if attempt:
                await asyncio.sleep(PAUSE_S)
            try:
                with self._asking(method, attempt) as asking:
                    response = await self._http.request(
                        method, path, content=msgspec.json.encode(body), headers=self._headers(key)
                    )
                    _describe(asking, response.status_code)
            except httpx2.TransportError as error:
                failure = type(error).__name__
                continue
            if response.status_code < 300:
                return response
            problem = _code(response)
            if response.status_code >= 500 or problem in ("in-progress", "rate-limited"):
                failure = problem
                continue
            if problem == IdempotencyKeyReused.code:
                raise IdempotencyKeyReused(
                    "This Idempotency-Key was used with another request."
                    " Use a new key for a new request."
                )
            raise ComplianceRefused(response.status_code, problem)
        log.warning("dependency-unavailable", service=AUDIENCE, reason=failure)
        raise ComplianceUnreachable(failure)

    def _asking(self, method: str, resends: int) -> AbstractContextManager[Span]:
        address = self._http.base_url
        attributes: dict[str, AttributeValue] = {
            "http.request.method": method,
            "server.address": address.host,
            "server.port": address.port or DEFAULT_PORTS[address.scheme],
        }
        if resends:
            attributes["http.request.resend_count"] = resends
        return tracing.span(method, kind="client", attributes=attributes)

    def _headers(self, key: str | None) -> dict[str, str]:
        token = self._signer.token(
            audience=AUDIENCE, tenant=self._tenant, actor=self._metadata.actor, scopes=()
        )
        headers = {
            "authorization": f"Bearer {token}",
            "content-type": "application/json",
            "x-correlation-id": self._metadata.correlation_id,
        }
        if key is not None:
            headers["idempotency-key"] = key
        if traceparent := tracing.current_traceparent() or self._metadata.traceparent:
            headers["traceparent"] = traceparent
        return headers


def _describe(asking: Span, status: int) -> None:
    asking.set_attribute("http.response.status_code", status)
    if status >= 400:
        tracing.fail(asking, str(status))


def _code(response: httpx2.Response) -> str:
    try:
        code = msgspec.json.decode(response.content)["code"]
    except (msgspec.DecodeError, KeyError, TypeError):
        return "unreadable"
    return code if isinstance(code, str) else "unreadable"
