"""A lean HTTP/1.1 client: one request at a time per kept connection, and little processor time."""

import asyncio
import itertools
from dataclasses import dataclass
from typing import Any

import msgspec

_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class Connection(asyncio.Protocol):
    """One kept connection."""

    def __init__(self) -> None:
        self._received = b""
        self._waiting: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(ConnectionError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        received = self._received = self._received + data
        end = received.find(_END)
        if end < 0:
            return
        begin = received.lower().find(_LENGTH, 0, end + 2) + len(_LENGTH)
        length = int(received[begin : received.find(b"\r\n", begin)])
        body = end + len(_END)
        if len(received) < body + length or self._waiting is None:
            return
        self._received = received[body + length :]
        answer = Answer(status=int(received[9:12]), body=received[body : body + length])
        self._waiting.set_result(answer)

    async def ask(self, request: bytes) -> Answer:
        """Send a request and wait for its answer."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionError("not connected")
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        if self._transport:
            self._transport.close()


class Client:
    """Kept connections to one server, and requests as its callers write them."""

    def __init__(self, port: int, key: str, connections: list[Connection]) -> None:
        self._port = port
        self._key = key
        self._numbers = itertools.count(1)
        self.connections = connections

    @classmethod
    async def open(cls, port: int, key: str, connections: int) -> "Client":
        loop = asyncio.get_running_loop()
        opened = [
            (await loop.create_connection(Connection, "127.0.0.1", port))[1]
            for _ in range(connections)
        ]
        return cls(port, key, opened)

    def post(self, path: str, body: object) -> bytes:
        """Write a request with an idempotency key of its own."""
        content = msgspec.json.encode(body)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
            f"Authorization: Bearer {self._key}\r\nContent-Type: application/json\r\n"
            f"Idempotency-Key: bench-{next(self._numbers)}\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        return head.encode("ascii") + content

    def close(self) -> None:
        for each in self.connections:
            each.close()
