"""The application factory: one way in which all four services come up.

It refuses to build a service with a route that declares no policy, an operation without a proper
name, or a protected route that nobody authorizes.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from shared.http import docs, openapi
from shared.http.catalogue import CATALOGUE
from shared.http.edge import Bounds, Edge, always_internal
from shared.http.health import Check, Health
from shared.http.policy import Policy
from shared.http.problem import Problem, ProblemResponse, problem_of
from shared.http.routing import Route, Router
from shared.kernel.errors import ConcurrencyConflict, DomainError, InvariantViolated
from shared.kernel.ids import Ids
from shared.kernel.records import record, replace
from shared.telemetry.logging import get_logger

log = get_logger(__name__)

_OPERATION_ID = re.compile(r"[a-z]+(?:_[a-z0-9]+)+\Z")

Lifespan = Callable[[], AbstractAsyncContextManager[None]]


class Authorize(Protocol):
    """Establishes who calls and whether the route's policy lets them.

    It keeps what it learns in `request.state`, fills in the exchange (tenant, key_id, actor), and
    raises a Problem (`unauthenticated`, `insufficient-scope`, `forbidden`).
    """

    def __call__(self, request: Request, policy: Policy) -> Awaitable[None]:
        """Let the request pass, or raise."""
        ...


@asynccontextmanager
async def no_lifespan() -> AsyncIterator[None]:
    """Start and stop nothing."""
    yield


@record
class Wiring:
    """What a service plugs into its application."""

    authorize: Authorize | None = None
    health_checks: Mapping[str, Check] = {}
    degrading_checks: Mapping[str, Check] = {}
    lifespan: Lifespan = no_lifespan
    bounds: Bounds = Bounds()
    hosts: Collection[str] = ()
    is_internal: Callable[[Mapping[str, Any]], bool] = always_internal
    unavailable: tuple[type[Exception], ...] = ()


class Application:
    """An ASGI application; `api` is the framework's part, `health` can be told to drain."""

    def __init__(self, api: FastAPI, edge: Edge, health: Health) -> None:
        self.api = api
        self.health = health
        self._edge = edge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of the ASGI server."""
        await self._edge(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document."""
        return self.api.openapi()


class _Api(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """Generate the document once, with what our conventions add."""
        if self.openapi_schema is None:
            self.openapi_schema = openapi.complete(super().openapi())
        return self.openapi_schema


def create_app(
    name: str, version: str, routers: Sequence[Router], *, ids: Ids, wiring: Wiring
) -> Application:
    """Build the application of one service.

    Raises:
        InvariantViolated: a route without a policy, a badly named operation, or nobody to ask.
    """
    health = Health(name, wiring.health_checks, wiring.degrading_checks)

    @asynccontextmanager
    async def lifespan(api: FastAPI) -> AsyncIterator[None]:
        async with wiring.lifespan():
            health.is_started = True
            try:
                yield
            finally:
                health.is_draining = True

    api = _Api(
        title=f"Forbear {name}",
        version=version,
        description=(
            "All amounts are integers of minor units; all instants are UTC. Answers may gain"
            " fields, and lists of values may grow: pass over a field that you do not know, and"
            " take a value that you do not know as unknown. HEAD is answered as GET is, without a"
            " body."
        ),
        contact={"name": "Forbear", "url": "https://forbear.example"},
        license_info={"name": "Proprietary"},
        servers=[{"url": "/", "description": "This server"}],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    # Joined directly: an included router is matched twice for every request.
    for router in routers:
        api.router.routes.extend(router.routes)
    _check(api, wiring.authorize)
    api.state.authorize = wiring.authorize
    ours = [route for route in api.routes if isinstance(route, Route)]
    refusals = {entry.code: entry for route in ours for entry in route.refusals}
    api.router.routes.extend(health.routes())
    api.router.routes.extend(docs.routes(api.title, api.openapi, {**CATALOGUE, **refusals}))
    _handle_problems(api, wiring.unavailable)
    edge = Edge(
        api,
        service=name,
        ids=ids,
        bounds=_widened(wiring.bounds, ours),
        hosts=wiring.hosts,
        is_internal=wiring.is_internal,
    )
    return Application(api, edge, health)


def _widened(bounds: Bounds, routes: Sequence[Route]) -> Bounds:
    # The edge does not know the route yet: it lets pass what the most generous one takes.
    limits = (route.policy.limits.bytes_max for route in routes if route.policy is not None)
    return replace(bounds, body_bytes_max=max((bounds.body_bytes_max, *limits)))


def _check(api: FastAPI, authorize: Authorize | None) -> None:
    seen: set[str] = set()
    for route in api.routes:
        if not isinstance(route, Route) or route.policy is None:
            raise InvariantViolated(f"{getattr(route, 'path', route)} declares no policy")
        operation = route.operation_id or ""
        if not _OPERATION_ID.match(operation) or operation in seen:
            raise InvariantViolated(f"{route.path} needs an operation named verb_noun of its own")
        seen.add(operation)
        if not route.policy.is_public and authorize is None:
            raise InvariantViolated(f"{route.path} is protected, but nobody authorizes")


def _handle_problems(api: FastAPI, unavailable: tuple[type[Exception], ...]) -> None:
    async def answer(request: Request, error: Exception) -> Response:
        problem = problem_of(error)
        if isinstance(error, (ConnectionError, TimeoutError, *unavailable)):
            log.warning("dependency-unavailable", error=error)
            problem = Problem("unavailable", headers={"Retry-After": "1"})
        elif problem.status_code == 405:
            problem = Problem("method-not-allowed", headers={"Allow": _allowed(api, request)})
        return ProblemResponse(problem, request.scope)

    for kind in (
        HTTPException,
        RequestValidationError,
        DomainError,
        ConcurrencyConflict,
        ConnectionError,
        TimeoutError,
        *unavailable,
    ):
        api.add_exception_handler(kind, answer)
    api.add_exception_handler(Exception, answer)


def _allowed(api: FastAPI, request: Request) -> str:
    path = request.scope["path"]
    methods = {
        method
        for route in api.routes
        if getattr(route, "path_regex", None) is not None and route.path_regex.match(path)  # type: ignore[attr-defined]
        for method in getattr(route, "methods", None) or ()
    }
    if "GET" in methods:
        methods.add("HEAD")  # the edge has GET answer it
    return ", ".join(sorted(methods))
