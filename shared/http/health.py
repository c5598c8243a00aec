"""Health endpoints: alive (the loop turns), ready (what it needs is there), started.

Liveness never asks a dependency, or a slow database would restart every process at once. Readiness
is switched off first when the process stops, so that no new work arrives while old work ends.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

CHECK_TIMEOUT_S = 2.0
PATHS = frozenset(("/livez", "/readyz", "/startupz"))

#: Returns None when all is well, else a short constant reason; an exception counts as a reason.
Check = Callable[[], Awaitable[str | None]]


class Health:
    """What a process says about itself."""

    def __init__(self, checks: Mapping[str, Check], *, timeout_s: float = CHECK_TIMEOUT_S) -> None:
        self._checks = checks
        self._timeout_s = timeout_s
        self.is_started = False
        self.is_draining = False

    def routes(self) -> list[Route]:
        """Return the three endpoints."""
        return [
            Route("/livez", self._livez, methods=["GET"]),
            Route("/readyz", self._readyz, methods=["GET"]),
            Route("/startupz", self._startupz, methods=["GET"]),
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
        is_ready = self.is_started and not self.is_draining and not any(reasons.values())
        body = {
            "status": "ready" if is_ready else "draining" if self.is_draining else "not-ready",
            "checks": {name: reason or "ok" for name, reason in reasons.items()},
        }
        return JSONResponse(body, 200 if is_ready else 503)


async def _run(check: Check, timeout_s: float) -> str | None:
    try:
        async with asyncio.timeout(timeout_s):
            return await check()
    except TimeoutError:
        return "timeout"
    except Exception:  # noqa: BLE001 - whatever a dependency throws, the answer is "not ready"
        return "error"
