"""Who an API key belongs to. Looked up by digest before any tenant is known."""

import time
from collections.abc import Callable
from typing import Any

import asyncpg
from cachetools import TTLCache

from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach
from shared.kernel.records import record

LIFETIME_S = 4.0  # a revoked key is refused within five seconds
KEYS_MAX = 10_000

_FIND = """
SELECT tenant_id, key_id, actor, scopes, livemode FROM api_keys
WHERE digest = $1 AND revoked_at IS NULL
"""


@record
class KeyHolder:
    """What a valid key vouches for."""

    tenant: str
    key_id: str
    actor: str
    scopes: tuple[str, ...]
    livemode: bool


class ApiKeyRegistry:
    """Finds keys in the service's own database and remembers them for a moment."""

    def __init__(
        self, pool: "asyncpg.Pool[Any]", *, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._pool = pool
        self._kept: TTLCache[str, KeyHolder] = TTLCache(KEYS_MAX, LIFETIME_S, timer)

    async def find(self, digest: str) -> KeyHolder | None:
        """Return whose key has that digest; none if it is unknown or revoked.

        Raises:
            StoreUnavailable: no answer from the database.
        """
        kept = self._kept.get(digest)
        if kept:
            return kept

        async def call() -> Any:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                return await connection.fetchrow(_FIND, digest)

        row = await reach(call)
        if row is None:
            return None
        holder = KeyHolder(
            tenant=row["tenant_id"],
            key_id=row["key_id"],
            actor=row["actor"],
            scopes=tuple(row["scopes"]),
            livemode=row["livemode"],
        )
        self._kept[digest] = holder
        return holder
