"""The network between callers and services: late, lossy, and fond of repeating itself."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import httpx2
import msgspec

from shared.http.auth import Caller
from shared.kernel.records import record
from shared.testing.simulation import Trace, VirtualLoop
from tests.simulation.chance import Chance
from tests.simulation.processes import Process

REPEATED_AFTER_S_MAX = 30.0
CLIENT_TIMEOUT_S = 5.0


class Unanswered(Exception):
    """No answer: whether the request was served is unknown."""


@record
class Request:
    """What a caller sends."""

    service: str
    method: str
    path: str
    body: bytes
    key: str | None
    caller: Caller


@record
class Reply:
    """What a service answers."""

    status: int
    body: bytes
    is_replayed: bool = False

    def json(self) -> Any:
        """Return the body, parsed."""
        return msgspec.json.decode(self.body)


Serve = Callable[[Request], Coroutine[Any, Any, Reply]]


class Network:
    """Carries requests to a live process of a service and answers back."""

    def __init__(self, loop: VirtualLoop, chance: Chance, trace: Trace) -> None:
        self._loop = loop
        self._chance = chance
        self._trace = trace
        self._serving: dict[str, dict[Process, Serve]] = {}
        self._parted: set[str] = set()
        self._under_way: dict[asyncio.Task[Any], None] = {}

    def listen(self, process: Process, serve: Serve) -> None:
        """Let a process answer requests to its service."""
        self._serving.setdefault(process.service, {})[process] = serve

    def leave(self, process: Process) -> None:
        """Take a process off the network."""
        self._serving[process.service].pop(process, None)

    def part(self, service: str, is_parted: bool) -> None:
        """Cut a service off from the other services, or join it again."""
        (self._parted.add if is_parted else self._parted.discard)(service)

    async def send(self, request: Request, timeout_s: float = CLIENT_TIMEOUT_S) -> Reply:
        """Send a request and wait for its answer.

        Raises:
            Unanswered: nothing came in time.
        """
        answer: asyncio.Future[Reply] = self._loop.create_future()
        self._spawn(self._deliver(request, answer, self._chance.lag()))
        is_repeatable = request.key is not None or request.method == "PUT"
        if is_repeatable and self._chance.happens(self._chance.repeated):
            late_s = self._chance.between(0, REPEATED_AFTER_S_MAX)
            self._spawn(self._deliver(request, None, late_s))
        try:
            return await asyncio.wait_for(answer, timeout_s)
        except TimeoutError:
            self._trace.note("unanswered", request.method, request.path)
            raise Unanswered(request.path) from None

    async def _deliver(
        self, request: Request, answer: "asyncio.Future[Reply] | None", lag_s: float
    ) -> None:
        await asyncio.sleep(lag_s)
        is_parted = request.caller.service is not None and request.service in self._parted
        processes = list(self._serving.get(request.service, {}))
        if is_parted or not processes or self._chance.happens(self._chance.lost):
            self._trace.note("lost", request.method, request.path)
            return
        process = self._chance.one_of(processes)
        self._trace.note(process.name, "gets", request.method, request.path)
        task = process.spawn(self._serving[request.service][process](request), request.path)
        await asyncio.wait({task})
        if task.cancelled() or task.exception() is not None:
            return
        reply: Reply = task.result()
        await asyncio.sleep(self._chance.lag())
        if self._chance.happens(self._chance.lost) or answer is None or answer.done():
            return
        self._trace.note("answered", request.method, request.path, reply.status)
        answer.set_result(reply)

    def _spawn(self, work: Any) -> None:
        task = self._loop.create_task(work)
        self._under_way[task] = None
        task.add_done_callback(lambda done: self._under_way.pop(done, None))


class Transport(httpx2.AsyncBaseTransport):
    """The client library's way onto this network."""

    def __init__(self, network: Network, service: str, process: Process) -> None:
        self._network = network
        self._service = service
        self._process = process

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request of the client library."""
        self._process.require_alive()
        tenant, actor = request.headers["authorization"].removeprefix("Bearer ").split("/", 1)
        sent = Request(
            service=self._service,
            method=request.method,
            path=request.url.path,
            body=request.content,
            key=request.headers.get("idempotency-key"),
            caller=Caller(tenant=tenant, actor=actor, scopes=(), service=self._process.service),
        )
        try:
            reply = await self._network.send(sent, request.extensions["timeout"]["read"])
        except Unanswered:
            raise httpx2.ReadTimeout("no answer", request=request) from None
        headers = {"idempotent-replayed": "true"} if reply.is_replayed else {}
        return httpx2.Response(reply.status, headers=headers, content=reply.body, request=request)
