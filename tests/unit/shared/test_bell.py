"""A bell wakes who listens, and does not keep anybody who is to stop."""

import asyncio

from shared.messaging.feed import Bell, rung


async def test_a_cancellation_that_comes_with_the_bell_is_kept() -> None:
    bell = Bell()
    waiting = asyncio.create_task(rung(bell.listener(), 60))
    await asyncio.sleep(0.01)
    bell.ring()
    waiting.cancel()
    await asyncio.wait({waiting})
    assert waiting.cancelled()
