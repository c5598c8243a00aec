"""Slow, large and ambiguous requests, byte by byte over loopback sockets."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from shared.http import server
from shared.http.server import Arrival
from tests.unit.shared.http import sample

HASTY = Arrival(headers_s=0.5, request_s=0.8, idle_s=60, stalled_s=0.3, connections_max=20)
PATIENT = Arrival(headers_s=60, request_s=60, idle_s=1.0, stalled_s=60, headers_max=50)
IN_TIME_S = 20.0
GET = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n"


class Serving:
    """A server in a thread of its own, so that all tests of the file share it."""

    def __init__(self, arrival: Arrival, grace_s: int = 1) -> None:
        self._listening = server.bind("127.0.0.1", 0)
        self.port: int = self._listening.getsockname()[1]
        self.running = server.build(sample.build(), arrival=arrival, grace_s=grace_s)
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        asyncio.run(self.running.serve(sockets=[self._listening]))

    def __enter__(self) -> int:
        self._thread.start()
        while not self.running.started:
            time.sleep(0.01)
        return self.port

    def __exit__(self, *_: object) -> None:
        self.running.should_exit = True
        self._thread.join()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with Serving(PATIENT) as chosen:
        yield chosen


@pytest.fixture(scope="module")
def hasty() -> Iterator[int]:
    """Return the port of a server that waits for nobody."""
    with Serving(HASTY) as chosen:
        yield chosen


@dataclass
class Conversation:
    """What came back on one connection until it was closed, and how long that took."""

    answer: bytes
    seconds: float

    @property
    def status(self) -> int:
        return int(self.answer.split(b" ")[1])

    @property
    def code(self) -> str:
        return str(json.loads(self.answer.partition(b"\r\n\r\n")[2])["code"])


async def talk(port: int, *parts: bytes, pause: float = 0.0, read_s: float = 40.0) -> Conversation:
    """Send the parts with a pause after each, then read until the server closes."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    reading = asyncio.create_task(_read_all(reader))
    with contextlib.suppress(ConnectionError):
        for part in parts:
            writer.write(part)
            await writer.drain()
            if pause:
                await asyncio.sleep(pause)
            if reading.done():
                break
    async with asyncio.timeout(read_s):
        answer = await reading
    writer.close()
    return Conversation(answer, loop.time() - started)


async def _read_all(reader: asyncio.StreamReader) -> bytes:
    read = b""
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(65536):
            read += chunk
    return read


def post(*headers: bytes, body: bytes = b"") -> bytes:
    head = (b"POST /v1/wide HTTP/1.1", b"Host: localhost", b"Content-Type: application/json")
    return b"\r\n".join((*head, *headers)) + b"\r\n\r\n" + body


class TestSlowClients:
    async def test_a1_who_say_nothing_are_left(self, hasty: int) -> None:
        talked = await talk(hasty)
        assert talked.answer == b""
        assert 0.4 < talked.seconds < IN_TIME_S

    async def test_a2_who_drip_headers_are_refused_in_time(self, hasty: int) -> None:
        dripped = [bytes([byte]) for byte in GET * 5]
        talked = await talk(hasty, *dripped, pause=0.05)
        assert (talked.status, talked.code) == (408, "request-timeout")
        assert talked.seconds < IN_TIME_S

    async def test_a3_who_drip_the_body_are_refused_in_time(self, hasty: int) -> None:
        dripped = [b"x"] * 100
        talked = await talk(hasty, post(b"Content-Length: 1000"), *dripped, pause=0.05)
        assert (talked.status, talked.code) == (408, "request-timeout")
        assert talked.seconds < IN_TIME_S

    async def test_a3_who_stop_after_the_headers_are_refused_in_time(self, hasty: int) -> None:
        talked = await talk(hasty, post(b"Content-Length: 1000"))
        assert (talked.status, talked.code) == (408, "request-timeout")
        assert talked.seconds < IN_TIME_S

    async def test_who_stay_idle_after_an_answer_are_left(self, port: int) -> None:
        talked = await talk(port, GET + b"\r\n")
        assert talked.status == 200
        assert 0.8 < talked.seconds < IN_TIME_S

    async def test_who_drip_a_second_request_are_refused_in_time(self, hasty: int) -> None:
        dripped = [bytes([byte]) for byte in GET]
        talked = await talk(hasty, GET + b"\r\n", *dripped, pause=0.05)
        assert talked.answer.count(b"HTTP/1.1") == 2
        assert b"HTTP/1.1 408" in talked.answer
        assert talked.seconds < IN_TIME_S

    async def test_who_do_not_read_their_answer_are_cut_off(self, hasty: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", hasty, limit=1024)
        request = b"GET /docs/static/redoc.standalone.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
        writer.write(request * 8)
        await asyncio.sleep(3)
        received = await _read_all(reader)
        writer.close()
        assert len(received) < 8 * 2_290_276


class TestLimits:
    @pytest.mark.parametrize(
        ("name", "request_bytes"),
        [
            ("A4 one large header", GET + b"X: " + b"a" * 20_000_000),
            ("A4 one header a little too large", GET + b"X: " + b"a" * 17_000 + b"\r\n\r\n"),
            ("A5 many headers", GET + b"X: a\r\n" * 100_000 + b"\r\n"),
            ("A5 some headers too many", GET + b"X: a\r\n" * 60 + b"\r\n"),
            ("A26 long url", b"GET /" + b"a" * 65_536 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ],
    )
    async def test_large_heads_are_refused(
        self, port: int, name: str, request_bytes: bytes
    ) -> None:
        talked = await talk(port, request_bytes)
        assert (talked.status, talked.code) == (431, "headers-too-large"), name

    async def test_a16_large_body_is_refused_before_it_is_sent(self, port: int) -> None:
        talked = await talk(port, post(b"Content-Length: 314572800"))
        assert (talked.status, talked.code) == (413, "body-too-large")
        assert talked.seconds < IN_TIME_S

    async def test_a17_large_chunked_body_is_refused_on_the_way(self, port: int) -> None:
        chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
        parts = [post(b"Transfer-Encoding: chunked"), *[chunk] * 1000]
        for _ in range(5):  # a reset may overtake the answer, for we are still sending
            talked = await talk(port, *parts, pause=0.002)
            if talked.answer:
                break
        assert (talked.status, talked.code) == (413, "body-too-large")

    async def test_a18_is_not_invited_to_send_too_much(self, port: int) -> None:
        head = post(b"Content-Length: 314572800", b"Expect: 100-continue")
        talked = await talk(port, head)
        assert b"100 Continue" not in talked.answer
        assert talked.status == 413

    async def test_more_connections_than_allowed_are_cut_off(self) -> None:
        with Serving(Arrival(connections_max=2)) as port:
            kept = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
            talked = await talk(port, GET + b"\r\n")
            for _, writer in kept:
                writer.close()
        assert talked.answer == b""


class TestAmbiguity:
    @pytest.mark.parametrize(
        ("name", "request_bytes", "code"),
        [
            (
                "A6 two kinds of length",
                post(b"Content-Length: 3", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
                "ambiguous-length",
            ),
            (
                "A7 two lengths",
                post(b"Content-Length: 2", b"Content-Length: 2", body=b"{}"),
                "ambiguous-length",
            ),
            ("A7 a list of lengths", post(b"Content-Length: 2, 2"), "ambiguous-length"),
            (
                "A7 not chunked at the end",
                post(b"Transfer-Encoding: chunked, gzip"),
                "ambiguous-length",
            ),
            ("A8 bare line feeds", b"GET / HTTP/1.1\nHost: localhost\n\n", "malformed-request"),
            ("A9 no host", b"GET /livez HTTP/1.1\r\n\r\n", "bad-host"),
            ("A9 two hosts", GET + b"Host: localhost\r\n\r\n", "bad-host"),
            ("not HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "malformed-request"),
            ("space before colon", GET + b"X : a\r\n\r\n", "malformed-request"),
            ("folded header", GET + b"X: a\r\n b\r\n\r\n", "malformed-request"),
            ("NUL in header", GET + b"X: a\x00b\r\n\r\n", "malformed-request"),
            (
                "upgrade",
                GET + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
                "malformed-request",
            ),
            (
                "CONNECT",
                b"CONNECT evil:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "malformed-request",
            ),
        ],
    )
    async def test_is_refused_and_closed(
        self, port: int, name: str, request_bytes: bytes, code: str
    ) -> None:
        talked = await talk(port, request_bytes)
        assert (talked.status, talked.code) == (400, code), name
        assert b"connection: close" in talked.answer

    async def test_is_answered_without_a_server_header(self, port: int) -> None:
        talked = await talk(port, GET + b"Connection: close\r\n\r\n")
        assert talked.status == 200
        assert b"\r\nserver:" not in talked.answer.lower()
        assert b"uvicorn" not in talked.answer.lower()


class TestGoodRequests:
    async def test_are_answered_one_after_another_on_one_connection(self, port: int) -> None:
        body = b'{"a":1}'
        request = post(b"Content-Length: %d" % len(body), body=body)
        talked = await talk(port, request * 20)
        assert talked.answer.count(b"HTTP/1.1 200") == 20

    async def test_may_be_as_large_as_their_route_takes(self) -> None:
        body = b'{"a":"' + b"x" * 2_000_000 + b'"}'
        head = post(b"Content-Length: %d" % len(body), b"Connection: close")
        with Serving(Arrival()) as port:
            talked = await talk(port, head, body)
        assert talked.status == 200

    async def test_in_flight_end_before_the_server_does(self) -> None:
        serving = Serving(Arrival(), grace_s=2)
        with serving as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(post(b"Content-Length: 7"))
            await asyncio.sleep(0.1)
            serving.running.should_exit = True
            await asyncio.sleep(0.3)
            writer.write(b'{"a":1}')
            answer = await _read_all(reader)
            writer.close()
        assert answer.startswith(b"HTTP/1.1 200")

    async def test_find_a_taken_port_before_anything_starts(self, port: int) -> None:
        with pytest.raises(OSError, match="in use"):
            server.bind("127.0.0.1", port)
