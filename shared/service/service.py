"""A running service: an ASGI app, subscriptions and a job runner, started and stopped together."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any

import structlog

from shared.messaging.jobs import Handle, JobRunner
from shared.messaging.subscription import Subscription
from shared.service.foundation import Bells, Connections, Foundation, open_foundation
from shared.telemetry.tracing import acting_as

log = structlog.get_logger(__name__)

RESTART_S = 1.0

App = Callable[..., Awaitable[None]]


class Service:
    """One of the four, as the command serves it.

    Args:
        app: routes; finds the foundation under `app.state.foundation`.
        subscriptions: made once the foundation is open.
        jobs: handlers by kind, made once the foundation is open.
    """

    def __init__(
        self,
        *,
        connections: Connections,
        host: str,
        port: int,
        app: Any,
        subscriptions: Callable[[Foundation], Sequence[Subscription]],
        jobs: Callable[[Foundation], Mapping[str, Handle]],
        bells: Bells,
    ) -> None:
        self.name = connections.name
        self.host = host
        self.port = port
        self.app = app
        self._connections = connections
        self._subscriptions = subscriptions
        self._jobs = jobs
        self._bells = bells
        self._foundation: Foundation | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Open the foundation, then begin to read feeds and to do jobs.

        Raises:
            UnsafeRole: see `open_foundation`.
        """
        foundation = await open_foundation(self._connections, self._bells)
        self._foundation = foundation
        self.app.state.foundation = foundation
        runner = JobRunner(
            foundation.jobs_pool,
            self._jobs(foundation),
            foundation.ids.new("req"),
            self._bells.of(self.name),
        )
        for subscription in self._subscriptions(foundation):
            self._begin(subscription.name, subscription.run)
        self._begin("jobs", runner.run)

    async def stop(self) -> None:
        """Let go of feeds and jobs, then close the foundation."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        if self._foundation:
            await self._foundation.close()

    def _begin(self, name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._tasks.append(asyncio.create_task(self._keep_running(name, run), name=name))

    async def _keep_running(self, name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        with acting_as(self.name):
            while True:
                try:
                    await run()
                except asyncio.CancelledError:
                    raise
                except Exception as error:  # noqa: BLE001 - outermost loop: said aloud, tried again
                    log.error("task-failed", task=name, error=type(error).__name__)
                    await asyncio.sleep(RESTART_S)
