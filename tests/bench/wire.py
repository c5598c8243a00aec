"""A wire tap between a service and PostgreSQL: counts what is really sent, message by message.

It reads the frontend's side of the protocol and passes every byte on unchanged. A statement is an
Execute of the extended protocol or a simple Query; a round trip ends with a Sync or a Query.
"""

import asyncio
import contextlib
import struct
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

_UNTYPED_CODES = {80877103: "ssl", 80877104: "gss", 80877102: "cancel"}


class Tap:
    """What has passed so far: statements by their text, and round trips."""

    def __init__(self) -> None:
        self.statements: Counter[str] = Counter()
        self.round_trips = 0

    def clear(self) -> None:
        """Forget what has passed."""
        self.statements.clear()
        self.round_trips = 0

    @property
    def total(self) -> int:
        return self.statements.total()


class _Frontend:
    """One connection's messages to the server."""

    def __init__(self, tap: Tap) -> None:
        self._tap = tap
        self._pending = b""
        self._has_started = False
        self._prepared: dict[bytes, str] = {}
        self._portals: dict[bytes, bytes] = {}

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._pending += data
        while message := self._next():
            self._count(*message)

    def _next(self) -> tuple[bytes, bytes] | None:
        head = 5 if self._has_started else 4
        if len(self._pending) < head:
            return None
        kind = self._pending[: head - 4]
        (length,) = struct.unpack("!I", self._pending[head - 4 : head])
        end = head - 4 + length
        if len(self._pending) < end:
            return None
        body, self._pending = self._pending[head:end], self._pending[end:]
        return kind, body

    def _count(self, kind: bytes, body: bytes) -> None:
        match kind:
            case b"":
                (code,) = struct.unpack("!I", body[:4])
                self._has_started = code not in _UNTYPED_CODES
            case b"Q":
                self._tap.statements[_text(body)] += 1
                self._tap.round_trips += 1
            case b"P":
                name, _, rest = body.partition(b"\0")
                self._prepared[name] = _text(rest)
            case b"B":
                portal, _, rest = body.partition(b"\0")
                self._portals[portal] = rest.partition(b"\0")[0]
            case b"E":
                statement = self._portals.get(body.partition(b"\0")[0], b"")
                self._tap.statements[self._prepared.get(statement, "unknown")] += 1
            case b"S":
                self._tap.round_trips += 1


def _text(body: bytes) -> str:
    return " ".join(body.partition(b"\0")[0].decode().split())


@asynccontextmanager
async def tapped(url: str) -> AsyncIterator[tuple[Tap, str]]:
    """Yield a tap and the URL that leads through it to a server."""
    parts = urlsplit(url)
    tap = Tap()
    pipes: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task:
            pipes.add(task)
            task.add_done_callback(pipes.discard)
        up = await asyncio.open_connection(parts.hostname, parts.port)
        with contextlib.suppress(ConnectionError):
            await asyncio.gather(_pipe(reader, up[1], _Frontend(tap)), _pipe(up[0], writer, None))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    credentials = parts.netloc.rpartition("@")[0]
    through = urlunsplit((parts.scheme, f"{credentials}@127.0.0.1:{port}", parts.path, "", ""))
    try:
        yield tap, through
    finally:
        server.close()
        for each in tuple(pipes):
            each.cancel()
        await asyncio.gather(*pipes, return_exceptions=True)


async def _pipe(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, frontend: _Frontend | None
) -> None:
    while data := await reader.read(65536):
        if frontend:
            frontend.feed(data)
        writer.write(data)
        await writer.drain()
    writer.close()
