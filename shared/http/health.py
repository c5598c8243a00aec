"""Health endpoints: alive (the loop turns), ready (what it needs is there), started; and metrics.

Liveness never asks a dependency, or a slow database would restart every process at once. Readiness
is switched off first when the process stops, so that no new work arrives while old work ends. What
is unwell in every replica alike degrades: it is said, and requests are answered as well as can be.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.http.problem import Problem
from shared.telemetry import metrics

CHECK_TIMEOUT_S = 2.0
PATHS = frozenset(("/livez", "/readyz", "/startupz", "/metrics"))
EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"

#: Returns None when all is well, else a short constant reason; an exception counts as a reason.
Check = Callable[[], Awaitable[str | None]]


class Health:
    """What a service says about itself.

    Args:
        checks: while one of them fails, requests are to go elsewhere.
        degrading: while one of them fails, some of the work is not done; sending requests
            elsewhere would not help.
    """

    def __init__(
        self,
        service: str,
        checks: Mapping[str, Check],
        degrading: Mapping[str, Check] = {},
        *,
        timeout_s: float = CHECK_TIMEOUT_S,
    ) -> None:
        self._service = service
        self._needed = frozenset(checks)
        self._checks = {**checks, **degrading}
        self._timeout_s = timeout_s
        self.is_started = False
        self.is_draining = False

    def routes(self) -> list[Route]:
        """Return the endpoints."""
        return [
            Route("/livez", self._livez, methods=["GET"]),
            Route("/readyz", self._readyz, methods=["GET"]),
            Route("/startupz", self._startupz, methods=["GET"]),
            Route("/metrics", self._metrics, methods=["GET"]),
        ]

    async def reasons(self) -> dict[str, str | None]:
        """Run every check at once; None means well."""
        running = (_run(check, self._timeout_s) for check in self._checks.values())
        return dict(zip(self._checks, await asyncio.gather(*running), strict=True))

    async def _livez(self, request: Request) -> JSONResponse:
        return JSONResponse({"status": "alive"})

    async def _startupz(self, request: Request) -> JSONResponse:
        status = "started" if self.is_started else "starting"
        return JSONResponse({"status": status}, 200 if self.is_started else 503)

    async def _readyz(self, request: Request) -> JSONResponse:
        reasons = await self.reasons()
        unwell = {name for name, reason in reasons.items() if reason}
        status = "degraded" if unwell else "ready"
        if self.is_draining:
            status = "draining"
        elif not self.is_started or unwell & self._needed:
            status = "not-ready"
        body = {
            "status": status,
            "checks": {name: reason or "ok" for name, reason in reasons.items()},
        }
        return JSONResponse(body, 200 if status in ("ready", "degraded") else 503)

    async def _metrics(self, request: Request) -> Response:
        # Elsewhere than in the loop: writing them takes some milliseconds.
        text = await asyncio.to_thread(metrics.exposed, self._service)
        if text is None:
            raise Problem("not-found", "This process keeps no metrics: set FORBEAR_METRICS=true.")
        return Response(text, media_type=EXPOSITION)


async def _run(check: Check, timeout_s: float) -> str | None:
    try:
        async with asyncio.timeout(timeout_s):
            return await check()
    except TimeoutError:
        return "timeout"
    except Exception:  # noqa: BLE001 - whatever a dependency throws, the answer is "not ready"
        return "error"
