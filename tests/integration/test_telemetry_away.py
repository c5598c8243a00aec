"""A collector that takes connections and never answers: nobody who asks us notices."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.telemetry import ending, metrics, tracing
from tests.unit.shared.http import sample

pytestmark = pytest.mark.integration

ANSWERED_S_MAX = 9.0  # an exporter would wait ten for the collector
STOP_S_MAX = ending.FLUSH_S + 5
REQUESTS = (
    ("POST", "/v1/orders/ord_abcd/cancel"),
    ("POST", "/v1/orders/nobody/cancel"),
    ("GET", "/v1/orders"),
    ("GET", "/v1/unheard-of"),
)


@pytest.fixture
async def black_hole() -> AsyncIterator[str]:
    """Return the address of a server that only listens; it must have been reached."""
    reached = asyncio.Event()
    connections: list[asyncio.StreamWriter] = []

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        connections.append(writer)
        while await reader.read(65536):
            pass

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    assert reached.is_set()
    server.close()
    for each in connections:
        each.close()
        await each.wait_closed()


async def answers() -> list[tuple[int, Any]]:
    """Ask everything, and return what was answered but for the ids of requests."""
    found = []
    async with sample.client(sample.build()) as client:
        for method, path in REQUESTS:
            answer = await client.request(method, path, headers=sample.GOOD)
            body = answer.json()
            for each in ("request_id", "trace_id"):
                body.pop(each, None)
            found.append((answer.status_code, body))
    return found


async def test_answers_are_the_same_and_the_end_is_not_held_up(
    black_hole: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = await answers()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", black_hole)
    monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "50")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    metrics.configure(is_scraped=True)
    tracing.configure()
    begun = time.monotonic()
    try:
        assert await answers() == expected
        await asyncio.sleep(0.2)  # several exports are due
        assert await answers() == expected
        assert time.monotonic() - begun < ANSWERED_S_MAX
        assert b"http_server_request_duration_seconds" in (metrics.exposed("sample") or b"")
    finally:
        begun = time.monotonic()
        await asyncio.to_thread(ending.end)
    assert time.monotonic() - begun < STOP_S_MAX
