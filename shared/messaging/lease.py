"""Who does what only one process is to do. A lease is politeness, not a lock: see its users."""

import asyncpg

from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach

LEASE_S = 10.0
_TAKE = """
INSERT INTO leases AS held (name, owner, expires_at)
VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3))
ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at
  WHERE held.owner = excluded.owner OR held.expires_at < clock_timestamp()
RETURNING true
"""
_RELEASE = "UPDATE leases SET expires_at = clock_timestamp() WHERE name = $1 AND owner = $2"


class Lease:
    """A lease of some name for some owner, by the database's clock."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", name: str, owner: str) -> None:
        self._pool = pool
        self._name = name
        self._owner = owner

    async def hold(self) -> bool:
        """Take or renew it for `LEASE_S` and tell whether it is ours.

        Raises:
            StoreUnavailable: no answer.
        """

        async def call() -> bool:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                return bool(await connection.fetchval(_TAKE, self._name, self._owner, LEASE_S))

        return await reach(call)

    async def release(self) -> None:
        """Let another owner have it at once."""

        async def call() -> None:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                await connection.execute(_RELEASE, self._name, self._owner)

        await reach(call)
