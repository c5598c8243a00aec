"""HTTP/1.1 as uvicorn speaks it, with what it leaves open closed.

A request must arrive whole within a deadline that no trickle of bytes extends, its head must be
of bounded size, and what cannot be parsed is answered with problem JSON like everything else.
"""

import asyncio
import json
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

_BLANK_LINE = b"\r\n\r\n"


class BoundedHttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a receive deadline and a bound on the request's head."""

    receive_timeout_s = 30.0
    head_bytes_max = 32 * 1024

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._deadline: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._head_end = b""
        self._in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock: a connection without a request does not stay."""
        super().connection_made(transport)
        self._start_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._cancel_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count the head's bytes and pass them on."""
        self._start_deadline()
        if self._in_head and self._outgrows_head(data):
            self._refuse(431, "headers-too-large", "The request's headers are too large.")
        if not self.transport.is_closing():
            super().data_received(data)

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """End the head."""
        self._in_head = False
        self._head_bytes = 0
        self._head_end = b""
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End the request: it has arrived in time."""
        self._in_head = True
        self._cancel_deadline()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP."""
        self._refuse(400, "malformed-http", "The request is not well-formed HTTP/1.1.")

    def _outgrows_head(self, data: bytes) -> bool:
        seen = self._head_end + data  # the blank line may be cut in two
        end = seen.find(_BLANK_LINE)
        self._head_bytes += len(data) if end < 0 else end
        self._head_end = seen[-len(_BLANK_LINE) + 1 :]
        return self._head_bytes > self.head_bytes_max

    def _start_deadline(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.receive_timeout_s, self._expire)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _expire(self) -> None:
        self._deadline = None
        if self.cycle is None or self.cycle.response_complete:  # type: ignore[redundant-expr]
            self._refuse(408, "request-timeout", "The request did not arrive in time.")
        elif self.cycle.more_body and not self.pipeline:
            self.transport.close()  # half a body: an answer may have begun, so none is added
        else:
            self._start_deadline()  # reading is paused behind an answer still being made

    def _refuse(self, status: int, code: str, detail: str) -> None:
        title = STATUS_LINE[status].decode().split(" ", 2)[2].strip()
        problem = {"type": "about:blank", "title": title, "status": status, "code": code}
        body = json.dumps({**problem, "detail": detail}).encode()
        self.transport.write(
            STATUS_LINE[status]
            + b"content-type: application/problem+json\r\nconnection: close\r\ncontent-length: "
            + str(len(body)).encode()
            + b"\r\n\r\n"
            + body
        )
        self.transport.close()
