"""A deadline that holds although aiokafka swallows cancellations, and invents some.

`asyncio.timeout` cancels what it waits for and then waits on: a call that swallows the cancellation
keeps its caller for ever. And a call that waits for a task which aiokafka itself has cancelled ends
as if its caller had been, who would then stop without a word. Here the call is a task of its own.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_LEFT_BEHIND: set["asyncio.Task[Any]"] = set()


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
            _leave(task)
    if not task.done():
        raise TimeoutError
    if task.cancelled():
        raise ConnectionAbortedError("the client gave up by itself")
    return task.result()


def _leave(task: "asyncio.Task[Any]") -> None:
    task.cancel()
    _LEFT_BEHIND.add(task)
    task.add_done_callback(_forget)


def _forget(task: "asyncio.Task[Any]") -> None:
    _LEFT_BEHIND.discard(task)
    if not task.cancelled():
        task.exception()  # nobody waits for it any more
