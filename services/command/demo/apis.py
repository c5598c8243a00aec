"""The services as an agency's own software would call them: over HTTP, with an API key."""

import asyncio
from collections.abc import Collection, Mapping
from types import TracebackType
from typing import Any

import httpx2
import msgspec

from shared.kernel.records import record

TIMEOUT_S = 60.0
TRIES_MAX = 8
PAUSE_S = 0.2
CONNECTIONS_MAX = 32
_AGAIN = frozenset({"in-progress", "rate-limited"})


class CallFailed(Exception):
    """A service answered what it should not, or not at all."""


@record
class Answer:
    """A status with its body; `code` is the problem's, for an expected refusal."""

    status: int
    body: dict[str, Any]

    @property
    def code(self) -> str | None:
        """Return the problem's code; None for a success."""
        return None if self.status < 300 else str(self.body.get("code"))


class Apis:
    """The four APIs under one key; use it as a context."""

    def __init__(self, urls: Mapping[str, str], api_key: str) -> None:
        limits = httpx2.Limits(
            max_connections=CONNECTIONS_MAX, max_keepalive_connections=CONNECTIONS_MAX
        )
        headers = {"authorization": f"Bearer {api_key}", "content-type": "application/json"}
        self._clients = {
            service: httpx2.AsyncClient(
                base_url=url, headers=headers, timeout=TIMEOUT_S, limits=limits, trust_env=False
            )
            for service, url in urls.items()
        }

    async def __aenter__(self) -> "Apis":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await asyncio.gather(*(client.aclose() for client in self._clients.values()))

    async def get(self, service: str, path: str) -> dict[str, Any]:
        """Read a resource.

        Raises:
            CallFailed: it cannot be read.
        """
        return (await self._send(service, "GET", path, None, {}, ())).body

    async def post(
        self,
        service: str,
        path: str,
        body: Mapping[str, Any],
        key: str,
        refusals: Collection[str] = (),
    ) -> Answer:
        """Change something, once for one key; problems named in `refusals` are answers, too.

        Raises:
            CallFailed: any other problem.
        """
        headers = {"idempotency-key": key}
        return await self._send(service, "POST", path, msgspec.json.encode(body), headers, refusals)

    async def deliver(
        self, service: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> Answer:
        """Post a signed body as it is.

        Raises:
            CallFailed: it was not taken.
        """
        return await self._send(service, "POST", path, body, headers, ())

    async def _send(
        self,
        service: str,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        refusals: Collection[str],
    ) -> Answer:
        failure = ""
        for attempt in range(TRIES_MAX):
            if attempt:
                await asyncio.sleep(PAUSE_S * attempt)
            try:
                response = await self._clients[service].request(
                    method, path, content=body, headers=dict(headers)
                )
            except httpx2.TransportError as error:
                failure = type(error).__name__
                continue
            answer = Answer(status=response.status_code, body=_read(response.content))
            if answer.code is None or answer.code in refusals:
                return answer
            failure = f"{answer.status} {response.text[:500]}"
            if answer.status < 500 and answer.code not in _AGAIN:
                break
        raise CallFailed(f"{method} {path} of {service}: {failure}")


def _read(content: bytes) -> dict[str, Any]:
    try:
        body = msgspec.json.decode(content)
    except msgspec.DecodeError:
        return {}
    return body if isinstance(body, dict) else {}
