"""Serving over real sockets: requests in time and in bounds, and a stop that loses nothing."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.command.http_protocol import BoundedHttpProtocol
from services.command.serve import serve
from shared.postgres.embedded import free_port

pytestmark = pytest.mark.integration

PIECE = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n"


async def _echo(request: Request) -> Response:
    body = await request.body()
    if body == b"sleep":
        await asyncio.sleep(0.5)
    return JSONResponse(len(body))


class Echo:
    """A service that answers how long a body was."""

    name = "echo"
    host = "127.0.0.1"

    def __init__(self) -> None:
        self.port = free_port()
        self.app = Starlette(routes=[Route("/echo", _echo, methods=["POST"])])

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class Impatient(BoundedHttpProtocol):
    """Waits less long than the real one."""

    receive_timeout_s = 0.6


class Serving:
    """The server under test."""

    def __init__(self, task: "asyncio.Task[None]", port: int) -> None:
        self.task = task
        self.port = port

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def is_up(self) -> bool:
        try:
            _, writer = await self.connect()
        except ConnectionRefusedError:
            return False
        writer.close()
        return True


@pytest.fixture
async def serving() -> AsyncIterator[Serving]:
    echo = Echo()
    made = Serving(asyncio.create_task(serve([echo], Impatient)), echo.port)
    for _ in range(500):
        if await made.is_up():
            break
        await asyncio.sleep(0.01)
    yield made
    if not made.task.done():
        os.kill(os.getpid(), signal.SIGTERM)
    await made.task


async def _answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, object] | int]:
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    lines = head.decode().split("\r\n")
    length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length"))
    return int(lines[0].split()[1]), json.loads(await reader.readexactly(length))


class TestBoundedHttpProtocol:
    async def test_answers_a_request_and_keeps_the_connection(self, serving: Serving) -> None:
        reader, writer = await serving.connect()
        for _ in range(3):
            writer.write(PIECE + b"hello")
            assert await _answer(reader) == (200, 5)
            await asyncio.sleep(0.7)  # idle longer than a request may take to arrive
        writer.close()

    async def test_lets_an_answer_take_longer_than_a_request_may(self, serving: Serving) -> None:
        reader, writer = await serving.connect()
        writer.write((PIECE + b"sleep") * 3)
        for _ in range(3):
            assert await _answer(reader) == (200, 5)
        writer.close()

    @pytest.mark.parametrize("trickle", [b"", b"\r\n", b"POST /echo HTTP/1.1\r\nHost: l\r\nX: "])
    async def test_refuses_a_head_that_trickles_in(self, serving: Serving, trickle: bytes) -> None:
        reader, writer = await serving.connect()
        writer.write(trickle)

        async def drip() -> None:
            while not writer.is_closing():
                writer.write(b"a" if trickle.startswith(b"POST") else trickle)
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        status, problem = await _answer(reader)
        dripping.cancel()
        assert status == 408
        assert isinstance(problem, dict)
        assert problem["code"] == "request-timeout"
        assert await reader.read() == b""
        writer.close()

    async def test_cuts_a_body_that_never_ends(self, serving: Serving) -> None:
        reader, writer = await serving.connect()
        writer.write(PIECE + b"hel")
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()

    @pytest.mark.parametrize("end", [b"", b"\r\n"])
    async def test_refuses_a_head_without_bounds(self, serving: Serving, end: bytes) -> None:
        reader, writer = await serving.connect()
        fields = b"".join(b"X-Header-%d: %s\r\n" % (nth, b"a" * 50) for nth in range(520))
        writer.write(b"POST /echo HTTP/1.1\r\nHost: localhost\r\n" + fields + end)
        status, problem = await _answer(reader)
        assert (status, isinstance(problem, dict) and problem["code"]) == (431, "headers-too-large")
        writer.close()

    async def test_answers_what_is_not_http_with_a_problem(self, serving: Serving) -> None:
        reader, writer = await serving.connect()
        writer.write(b"\x16\x03\x01 hello\r\n\r\n")
        status, problem = await _answer(reader)
        assert (status, isinstance(problem, dict) and problem["code"]) == (400, "malformed-http")
        writer.close()

    async def test_takes_a_large_body_behind_a_head_cut_in_two(self, serving: Serving) -> None:
        reader, writer = await serving.connect()
        head = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r"
        writer.write(head)
        await asyncio.sleep(0.1)
        writer.write(b"\n" + b"a" * 60000)
        assert await _answer(reader) == (200, 60000)
        writer.close()


class TestStop:
    async def test_lets_a_request_that_has_arrived_be_answered(self, serving: Serving) -> None:
        reader, writer = await serving.connect()
        writer.write(PIECE + b"sleep")
        await asyncio.sleep(0.1)
        os.kill(os.getpid(), signal.SIGTERM)
        assert await _answer(reader) == (200, 5)
        await asyncio.wait_for(serving.task, 5)
        writer.close()
