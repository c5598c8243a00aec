"""Forgets what is too old to be asked for, such as recorded answers that no repeat comes for.

How old that is, the database decides (`sql/09_prune_answers.sql`); by its own clock, never by a
tenant's, for a key is as old for a test clock as for any other.
"""

import asyncio

import asyncpg

from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach
from shared.eventstore.store import StoreUnavailable

ROWS_MAX = 500  # of one transaction: while it runs, no feed can pass it
PAUSE_S = 0.2  # between two of them
EVERY_S = 3600.0

ANSWERS = "SELECT prune_answers($1)"


class Pruner:
    """Prunes one table of a service, of every tenant, in small transactions.

    Args:
        pool: connections of the jobs role, which may call the function and not touch the table.
        call: what forgets up to so many rows (its first parameter) and returns their number.
        given: what the function is told besides.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        call: str = ANSWERS,
        *given: int,
        rows_max: int = ROWS_MAX,
        pause_s: float = PAUSE_S,
        every_s: float = EVERY_S,
    ) -> None:
        self._pool = pool
        self._call = call
        self._given = given
        self._rows_max = rows_max
        self._pause_s = pause_s
        self._every_s = every_s

    async def run(self) -> None:
        """Work until cancelled; what a store that is away keeps from us is done the next time."""
        while True:
            try:
                pruned = await self.step()
            except StoreUnavailable:
                pruned = 0
            await asyncio.sleep(self._pause_s if pruned == self._rows_max else self._every_s)

    async def step(self) -> int:
        """Forget one batch, the oldest first, and return how many rows that were.

        Raises:
            StoreUnavailable: no answer.
        """

        async def call() -> int:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                pruned: int = await connection.fetchval(self._call, self._rows_max, *self._given)
                return pruned

        return await reach(call)
