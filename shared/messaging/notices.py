"""Waking readers in other processes by PostgreSQL's NOTIFY, one for all appends of a few ms.

It is never part of an append, where it would take a lock on the whole database at every commit.
Nothing depends on it: who misses a notice polls a little later.
"""

import asyncio
from typing import Any

import asyncpg

from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach
from shared.messaging.feed import Bell

CHANNEL = "forbear_events"
GATHER_S = 0.005
CHECK_S = 5.0


class Announcer:
    """Tells other processes that this one has appended events."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", bell: Bell) -> None:
        self._pool = pool
        self._listener = bell.listener()

    async def run(self) -> None:
        """Announce until cancelled; one notice stands for all appends of `GATHER_S`.

        Raises:
            StoreUnavailable: no answer.
        """
        while True:
            await self._listener.wait()
            self._listener.clear()
            await reach(self._announce)
            await asyncio.sleep(GATHER_S)

    async def _announce(self) -> None:
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            await connection.execute(f"NOTIFY {CHANNEL}")


class Ear:
    """Rings a bell of this process whenever another one announces.

    Args:
        check_s: how often to make sure that the connection is still there.
    """

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", bell: Bell, *, check_s: float = CHECK_S
    ) -> None:
        self._pool = pool
        self._bell = bell
        self._check_s = check_s

    async def run(self) -> None:
        """Listen on one connection of the pool until cancelled.

        Raises:
            StoreUnavailable: the connection was lost, or there is none.
        """
        await reach(self._listen)

    async def _listen(self) -> None:
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            await connection.add_listener(CHANNEL, self._ring)
            try:
                self._bell.ring()  # what was appended before we listened
                while True:
                    await asyncio.sleep(self._check_s)
                    await connection.execute("SELECT 1")  # notices a connection that is gone
            finally:
                if not connection.is_closed():
                    await connection.remove_listener(CHANNEL, self._ring)

    def _ring(self, *_: Any) -> None:
        self._bell.ring()
