"""Waiting in tests: for what must come to pass soon, and not for a fixed time."""

import asyncio
from collections.abc import Awaitable, Callable

STEP_S = 0.005


async def until(condition: Callable[[], Awaitable[bool]], timeout_s: float = 60.0) -> None:
    """Return as soon as the condition holds; a slow machine is given all the time it may need.

    Raises:
        TimeoutError: it did not in time.
    """
    async with asyncio.timeout(timeout_s):
        while not await condition():  # noqa: ASYNC110 - whatever it is about has no event to set
            await asyncio.sleep(STEP_S)
