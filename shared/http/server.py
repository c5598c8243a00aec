"""The HTTP server: uvicorn with what it lacks, absolute limits on how a request may arrive.

uvicorn by itself waits for ever for a silent or dripping client and takes headers of any size.
Here headers and body each have a deadline from their first byte that no further byte extends, and
what two servers could read in two ways is refused. A proxy in front is still advisable.
"""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httptools
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from shared.http.problem import MEDIA_TYPE, Problem, render
from shared.kernel.clock import RandomIds
from shared.kernel.records import record
from shared.telemetry.logging import get_logger

log = get_logger(__name__)


@record
class Arrival:
    """How fast and how large requests must arrive."""

    headers_s: float = 10.0
    request_s: float = 30.0
    idle_s: float = 15.0
    stalled_s: float = 30.0
    header_bytes_max: int = 16 * 1024
    headers_max: int = 100
    connections_max: int = 1000


GRACE_S = 20
_LINGER_S = 1.0
_STATUS_LINES = {
    400: b"400 Bad Request",
    408: b"408 Request Timeout",
    431: b"431 Request Header Fields Too Large",
}


class _Refused(Exception):
    """Stops the parser; what is wrong has been noted."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    arrival = Arrival()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock: a client that says nothing is not kept."""
        self._deadline: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._in_headers = True
        self._has_begun = False
        self._header_bytes = 0
        self._problem: Problem | None = None
        super().connection_made(transport)
        if len(self.connections) > self.arrival.connections_max:
            transport.abort()
            return
        self._arm(self.arrival.headers_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop every clock."""
        self._disarm()
        self.resume_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser, within the limits."""
        if self.transport.is_closing():
            return
        self._unset_keepalive_if_required()
        if self._deadline is None and self._in_headers:
            self._arm(self.arrival.headers_s)
        if self._in_headers:
            self._has_begun = True
            self._header_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._refuse(self._problem or self._explain(str(error)))
        else:
            # What is left of a chunk after the headers is body; the exact sum was taken there.
            if self._in_headers and self._header_bytes > self.arrival.header_bytes_max:
                self._refuse(Problem("headers-too-large"))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header, unless there are too many."""
        super().on_header(name, value)
        if len(self.headers) > self.arrival.headers_max:
            self._stop(Problem("headers-too-large"))

    def on_headers_complete(self) -> None:
        """Refuse what is ambiguous, then hand the request to the application."""
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self.arrival.header_bytes_max:
            self._stop(Problem("headers-too-large"))
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts != 1:
            self._stop(Problem("bad-host"))
        if self.parser.should_upgrade():
            self._stop(Problem("malformed-request", "Do not ask for another protocol."))
        self._in_headers = False
        self._disarm()
        self._arm(self.arrival.request_s)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Stop the clock: the request is here."""
        self._disarm()
        self._in_headers = True
        self._has_begun = False
        self._header_bytes = 0
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Start a clock: a client that does not read its answer is not kept."""
        super().pause_writing()
        self._stalled = self.loop.call_later(self.arrival.stalled_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop that clock."""
        self.resume_clock()
        super().resume_writing()

    def resume_clock(self) -> None:
        """Forget that the client does not read."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _arm(self, seconds: float) -> None:
        self._deadline = self.loop.call_later(seconds, self._on_deadline)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _on_deadline(self) -> None:
        self._deadline = None
        if self.transport.is_closing():
            return
        if self._in_headers and not self._has_begun:
            self.transport.close()
            return
        self._refuse(Problem("request-timeout"))

    def _stop(self, problem: Problem) -> None:
        self._problem = problem
        raise _Refused

    def _explain(self, reason: str) -> Problem:
        is_about_length = "Content-Length" in reason or "Transfer-Encoding" in reason
        return Problem("ambiguous-length" if is_about_length else "malformed-request")

    def _refuse(self, problem: Problem) -> None:
        self._disarm()
        cycle: RequestResponseCycle | None = self.cycle
        is_busy = cycle is not None and not cycle.response_complete
        if cycle is not None and is_busy:
            # The application still works on a request: let it see that the client is gone.
            cycle.disconnected = True
            cycle.message_event.set()
        if self._in_headers:
            may_answer = not is_busy
        else:
            may_answer = is_busy and cycle is not None and not cycle.response_started
        if may_answer:
            self._write(problem)
        log.info("connection-refused", problem=problem.code, status=problem.status_code)
        self._close_gently()

    def _write(self, problem: Problem) -> None:
        body = render(problem, RandomIds().new("req"), None)
        head = (
            b"HTTP/1.1 " + _STATUS_LINES[problem.status_code],
            b"content-type: " + MEDIA_TYPE.encode("ascii"),
            b"content-length: %d" % len(body),
            b"cache-control: no-store",
            b"x-content-type-options: nosniff",
            b"connection: close",
            b"\r\n",
        )
        self.transport.write(b"\r\n".join(head) + body)

    def _close_gently(self) -> None:
        # Closing while bytes are still coming in resets the connection, and the client may lose
        # the answer. Half-closing and reading no more for a moment lets it arrive.
        self.transport.pause_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(_LINGER_S, self.transport.abort)


class Server(uvicorn.Server):
    """A server among others in one process; who starts it handles the signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


def bind(host: str, port: int) -> socket.socket:
    """Take the address, before anything else is started.

    Raises:
        OSError: it is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def build(app: ASGIApp, *, arrival: Arrival | None = None, grace_s: int = GRACE_S) -> Server:
    """Build a server; run it with `await serve(sockets=[bind(host, port)])`.

    Setting `should_exit` ends it after the requests in flight, at most `grace_s` later.
    """
    limits = Arrival() if arrival is None else arrival
    protocol: Any = type("Protocol", (BoundedProtocol,), {"arrival": limits})
    return Server(
        uvicorn.Config(
            app,
            http=protocol,
            ws="none",
            loop="auto",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            timeout_keep_alive=max(1, round(limits.idle_s)),
            timeout_graceful_shutdown=grace_s,
        )
    )
