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
    made = Serving(asyncio.create_task(serve([echo])), echo.port)
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


class TestServe:
    async def test_answers_a_request_and_keeps_the_connection(self, serving: Serving) -> None:
        reader, writer = await serving.connect()
        for _ in range(3):
            writer.write(PIECE + b"hello")
            assert await _answer(reader) == (200, 5)
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
