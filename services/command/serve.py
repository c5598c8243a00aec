"""Serving: any number of services in one process and one event loop, with a clean stop."""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack

import uvicorn

from services.command.http_protocol import BoundedHttpProtocol
from services.command.service import Service

GRACE_S = 5
KEEP_ALIVE_S = 30
CONNECTIONS_MAX = 2000
BACKLOG = 1024
GC_THRESHOLDS = (50_000, 20, 100)


async def serve(
    services: Sequence[Service], protocol: type[BoundedHttpProtocol] = BoundedHttpProtocol
) -> None:
    """Serve until SIGTERM or SIGINT; then answer what has arrived, and stop the services.

    They stop listening in the order given: name those that others call last.

    Raises:
        OSError: a port is taken.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stopping.set)
    async with AsyncExitStack() as stack:
        listeners = [stack.enter_context(_listener(each)) for each in services]
        for service in services:
            await service.start()
            stack.push_async_callback(service.stop)
        _settle_memory()
        servers = [_Server(_config(service, protocol)) for service in services]
        running = [
            asyncio.create_task(server.serve(sockets=[listener]))
            for server, listener in zip(servers, listeners, strict=True)
        ]
        signalled = asyncio.create_task(stopping.wait())
        await asyncio.wait([*running, signalled], return_when=asyncio.FIRST_COMPLETED)
        signalled.cancel()
        for server, task in zip(servers, running, strict=True):  # in order: callers before called
            server.should_exit = True
            await task


class _Server(uvicorn.Server):
    """One of several servers in a process: signals are handled once, above."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(service: Service, protocol: type[BoundedHttpProtocol]) -> uvicorn.Config:
    return uvicorn.Config(
        service.app,
        http=protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        backlog=BACKLOG,
    )


def _listener(service: Service) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((service.host, service.port))
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def _settle_memory() -> None:
    # What is loaded by now lives for ever; scanning it again caused most of the slowest answers.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
