"""Deadlines that hold although aiokafka swallows cancellations, and invents some.

`asyncio.timeout` cancels what it waits for and then waits on: a call that swallows the cancellation
keeps its caller for ever. And a call that waits for a task which aiokafka itself has cancelled ends
as if its caller had been, who would then stop without a word. Here the call is a task of its own,
and who waits no longer leaves it behind.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from shared.messaging.kafka.connection import CLOSE_S
from shared.telemetry.logging import get_logger

T = TypeVar("T")

_LEFT_BEHIND: set["asyncio.Task[Any]"] = set()

log = get_logger(__name__)


async def within(seconds: float, call: Coroutine[Any, Any, T]) -> T:
    """Return what the call returns, if it does so in time.

    Raises:
        TimeoutError: it did not; it was cancelled, and may go on all the same.
        ConnectionAbortedError: it was cancelled, and not by us.
    """
    task = asyncio.create_task(call)
    try:
        await asyncio.wait([task], timeout=seconds)
    finally:
        if not task.done():
            task.cancel()
            _leave(task)
    if not task.done():
        raise TimeoutError
    if task.cancelled():
        raise ConnectionAbortedError("the client gave up by itself")
    return task.result()


async def let_go(stop: Coroutine[Any, Any, None], client: str) -> None:
    """Wait a while for a client to stop, and let it go on stopping by itself.

    Cutting it short would leave its connections open, and the tasks that use them running.
    """
    closing = asyncio.create_task(stop, name=f"closing-{client}")
    _leave(closing)
    await asyncio.wait([closing], timeout=CLOSE_S)
    if not closing.done():
        log.info("client-abandoned", client=client)


def _leave(task: "asyncio.Task[Any]") -> None:
    """Keep a task until it ends; what it fails with concerns nobody but who reads the log."""
    _LEFT_BEHIND.add(task)
    task.add_done_callback(_forget)


def _forget(task: "asyncio.Task[Any]") -> None:
    _LEFT_BEHIND.discard(task)
    if not task.cancelled() and (error := task.exception()):
        log.info("left-behind-failed", task=task.get_name(), error=error)
