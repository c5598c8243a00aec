"""Serving: any number of services in one process and one event loop, with a clean stop."""

import asyncio
import gc
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack

from services.command.service import Service
from shared.http import server
from shared.http.server import Arrival

GRACE_S = 5
GC_THRESHOLDS = (50_000, 20, 100)


async def serve(services: Sequence[Service], arrival: Arrival | None = None) -> None:
    """Serve until SIGTERM or SIGINT; then answer what has arrived, and stop the services.

    They stop listening in the order given: name those that others call last.

    Raises:
        OSError: a port is taken.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with AsyncExitStack() as stack:
        listeners = [stack.enter_context(server.bind(each.host, each.port)) for each in services]
        for service in services:
            await service.start()
            stack.push_async_callback(service.stop)
        settle_memory()
        servers = [
            server.build(service.app, arrival=arrival, grace_s=GRACE_S) for service in services
        ]
        running = [
            asyncio.create_task(each.serve(sockets=[listener]))
            for each, listener in zip(servers, listeners, strict=True)
        ]
        signalled = asyncio.create_task(stopping.wait())
        await asyncio.wait([*running, signalled], return_when=asyncio.FIRST_COMPLETED)
        signalled.cancel()
        for each, task in zip(servers, running, strict=True):  # in order: callers before called
            each.should_exit = True
            await task


def settle_memory() -> None:
    """Have the collector pass over what there is by now."""
    # What is loaded by now lives for ever; scanning it again caused most of the slowest answers.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
