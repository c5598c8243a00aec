"""Tells compliance of a dispute before anybody is answered that collection has stopped."""

import asyncio
from typing import Any

import httpx2
import msgspec

from shared.eventstore.store import Metadata
from shared.http.service_token import ServiceTokenSigner
from shared.telemetry.logging import get_logger
from shared.telemetry.tracing import current_traceparent, span

AUDIENCE = "compliance"
TIMEOUT_S = 2.0  # of one try
TRIES_MAX = 2
PAUSE_S = 0.05
HEARING_S_MAX = 2.0  # a person's dispute is answered by then, effective or not
STALENESS_BOUND_S = 5.0
"""Without hearing it from us, compliance gives no more leave after this long."""

log = get_logger(__name__)


class ComplianceClient:
    """One per process."""

    def __init__(self, url: str, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._http = httpx2.AsyncClient(
            base_url=url, transport=transport, timeout=TIMEOUT_S, trust_env=False
        )

    async def keep_open(self) -> None:
        """Hold connections until cancelled, then close them."""
        try:
            await asyncio.Event().wait()
        finally:
            await self._http.aclose()

    def speaking_for(
        self, signer: ServiceTokenSigner, tenant: str, metadata: Metadata
    ) -> "Compliance":
        """Return what makes calls on behalf of a tenant's actor."""
        token = signer.token(audience=AUDIENCE, tenant=tenant, actor=metadata.actor, scopes=())
        headers = {
            "authorization": f"Bearer {token}",
            "content-type": "application/json",
            "x-correlation-id": metadata.correlation_id,
        }
        return Compliance(self._http, headers)


class Compliance:
    """Compliance, as one request speaks to it."""

    def __init__(self, http: httpx2.AsyncClient, headers: dict[str, str]) -> None:
        self._http = http
        self._headers = headers

    async def put_fact(self, fact_id: str, statement: dict[str, Any]) -> bool:
        """Say what was heard, and tell whether compliance has committed it in time."""
        path = f"/v1/protective-facts/{fact_id}"
        content = msgspec.json.encode(statement)
        failure = "unanswered"
        try:
            async with asyncio.timeout(HEARING_S_MAX):
                for attempt in range(TRIES_MAX):
                    if attempt:
                        await asyncio.sleep(PAUSE_S)
                    try:
                        response = await self._put(path, content)
                    except httpx2.TransportError as error:
                        failure = type(error).__name__
                        continue
                    if response.status_code < 300:
                        return True
                    failure = f"status {response.status_code}"
        except TimeoutError:
            failure = "TimeoutError"
        log.warning("fact-not-told", fact_id=fact_id, reason=failure)
        return False

    async def _put(self, path: str, content: bytes) -> httpx2.Response:
        with span("PUT compliance", kind="client"):
            headers = dict(self._headers)
            if traceparent := current_traceparent():
                headers["traceparent"] = traceparent
            return await self._http.put(path, content=content, headers=headers)
