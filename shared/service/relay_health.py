"""The side port of a relay: whether it is alive, fit to relay, and what it has measured."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from starlette.applications import Starlette

from shared.http import server
from shared.http.edge import Bounds, Edge
from shared.http.health import Health
from shared.kernel.clock import RandomIds
from shared.messaging.kafka.relay import Relay

SILENCE_MAX_S = 30.0  # marks are sent every second, and brokers may take their time with one
GRACE_S = 2


class RelayHealth:
    """Asks the database and the shards.

    Args:
        failing: names of the tasks that ended with an error of late.
    """

    def __init__(
        self, service: str, pool: Any, relays: Sequence[Relay], failing: Collection[str]
    ) -> None:
        self._pool = pool
        self._relays = relays
        self._failing = failing
        checks = {"database": self._database, "shards": self._shards, "brokers": self._brokers}
        self.health = Health(service, checks)

    async def _database(self) -> str | None:
        try:
            await self._pool.fetchval("SELECT 1")
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return "unreachable"
        return None

    async def _shards(self) -> str | None:
        return f"failing: {', '.join(sorted(self._failing))}" if self._failing else None

    async def _brokers(self) -> str | None:
        # A shard that another relay leads owes nothing.
        longest = max(each.unanswered_s for each in self._relays)
        return "silent" if longest > SILENCE_MAX_S else None


@asynccontextmanager
async def serving(health: Health, service: str, host: str, port: int) -> AsyncIterator[None]:
    """Serve health and metrics while the block runs.

    Raises:
        OSError: the port is taken.
    """
    inside = Starlette(routes=health.routes())
    app = Edge(inside, service=service, ids=RandomIds(), bounds=Bounds())
    with server.bind(host, port) as listener:
        built = server.build(app, grace_s=GRACE_S)
        running = asyncio.create_task(built.serve(sockets=[listener]))
        health.is_started = True
        try:
            yield
        finally:
            health.is_draining = True
            built.should_exit = True
            await running
