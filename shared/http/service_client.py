"""Calls from one service to another, on behalf of a tenant's actor, each with a deadline.

What was not answered clearly counts as not done: the caller decides what that means.
"""

import asyncio
from typing import Any

import httpx2
import msgspec

from shared.eventstore.store import Metadata
from shared.eventstore.transact import IdempotencyKeyReused
from shared.http.service_token import ServiceTokenSigner
from shared.kernel.records import record
from shared.telemetry.logging import get_logger
from shared.telemetry.tracing import current_traceparent, span

TIMEOUT_S = 2.0  # of one try
TRIES_MAX = 2
PAUSE_S = 0.05
CONNECTIONS_MAX = 50

log = get_logger(__name__)


class ServiceUnreachable(ConnectionError):
    """No clear answer in time; whether the other side acted is unknown."""


class ServiceRefused(Exception):
    """The other side understood and will not: `code` is its problem code."""

    def __init__(self, service: str, status: int, code: str) -> None:
        super().__init__(f"{service} answered {status} {code}")
        self.status = status
        self.code = code


@record
class OnBehalf:
    """For whom, and in which chain of causes, a call is made."""

    tenant: str
    metadata: Metadata


class ServiceClient:
    """One per process and called service; holds connections open."""

    def __init__(
        self,
        service: str,
        url: str,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._service = service
        self._http = httpx2.AsyncClient(
            base_url=url,
            transport=transport,
            timeout=TIMEOUT_S,
            limits=httpx2.Limits(
                max_connections=CONNECTIONS_MAX, max_keepalive_connections=CONNECTIONS_MAX
            ),
            trust_env=False,
        )

    async def keep_open(self) -> None:
        """Hold connections until cancelled, then close them."""
        try:
            await asyncio.Event().wait()
        finally:
            await self._http.aclose()

    async def send(
        self,
        signer: ServiceTokenSigner,
        on_behalf: OnBehalf,
        method: str,
        path: str,
        body: dict[str, Any],
        *,
        key: str | None = None,
    ) -> httpx2.Response:
        """Call a route; an unclear answer is tried once more.

        Raises:
            ServiceUnreachable, ServiceRefused: no answer, or a refusal.
            IdempotencyKeyReused: the key was used with another request.
        """
        failure = "unanswered"
        content = msgspec.json.encode(body)
        for attempt in range(TRIES_MAX):
            if attempt:
                await asyncio.sleep(PAUSE_S)
            try:
                with span(f"{method} {self._service}", kind="client"):
                    headers = self._headers(signer, on_behalf, key)
                    response = await self._http.request(
                        method, path, content=content, headers=headers
                    )
            except httpx2.TransportError as error:
                failure = type(error).__name__
                continue
            if response.status_code < 300:
                return response
            code = _code(response)
            if response.status_code < 500 and code not in ("in-progress", "rate-limited"):
                self._refuse(response.status_code, code)
            failure = code
        log.warning("dependency-unavailable", service=self._service, reason=failure)
        raise ServiceUnreachable(failure)

    def _refuse(self, status: int, code: str) -> None:
        if code == IdempotencyKeyReused.code:
            raise IdempotencyKeyReused(
                "This Idempotency-Key was used with another request."
                " Use a new key for a new request."
            )
        raise ServiceRefused(self._service, status, code)

    def _headers(
        self, signer: ServiceTokenSigner, on_behalf: OnBehalf, key: str | None
    ) -> dict[str, str]:
        metadata = on_behalf.metadata
        token = signer.token(
            audience=self._service, tenant=on_behalf.tenant, actor=metadata.actor, scopes=()
        )
        headers = {
            "authorization": f"Bearer {token}",
            "content-type": "application/json",
            "x-correlation-id": metadata.correlation_id,
        }
        if key is not None:
            headers["idempotency-key"] = key
        if traceparent := current_traceparent() or metadata.traceparent:
            headers["traceparent"] = traceparent
        return headers


def _code(response: httpx2.Response) -> str:
    try:
        code = msgspec.json.decode(response.content)["code"]
    except (msgspec.DecodeError, KeyError, TypeError):
        return "unreadable"
    return code if isinstance(code, str) else "unreadable"
