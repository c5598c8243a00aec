"""A running service: an ASGI app, subscriptions and a job runner, started and stopped together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from shared.eventstore.pruning import Pruner
from shared.eventstore.store import StoreUnavailable
from shared.http.app import Wiring, create_app
from shared.http.auth import authorize
from shared.http.routing import Router
from shared.kernel.clock import RandomIds
from shared.messaging.jobs import Handle, JobRunner
from shared.messaging.kafka.dead_letters import DeadLetters
from shared.messaging.kafka.reader import BrokersUnavailable
from shared.messaging.notices import Announcer
from shared.messaging.resumption import Resumption
from shared.messaging.subscription import Subscription
from shared.service.foundation import Bells, Connections, Foundation, open_foundation
from shared.service.sampling import Measure, Sampler, Standing
from shared.service.tasks import Run, Tasks
from shared.telemetry import metrics
from shared.telemetry.tracing import acting_as

VERSION = "1.0.0"


def nothing_else(foundation: Foundation) -> Mapping[str, Any]:
    """Have none."""
    return {}


def nothing_more(foundation: Foundation) -> Mapping[str, Measure]:
    """Have none."""
    return {}


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What is a service's own: its API, and what runs beside it once the foundation is open."""

    routers: Sequence[Router]
    subscriptions: Callable[[Foundation], Sequence[Subscription]]
    jobs: Callable[[Foundation], Mapping[str, Handle]] = nothing_else
    background: Callable[[Foundation], Mapping[str, Run]] = nothing_else
    measures: Callable[[Foundation], Mapping[str, Measure]] = nothing_more


class Service:
    """One of the four, as the command serves it.

    Routes find the foundation under `request.app.state.foundation`.
    """

    def __init__(
        self, parts: Parts, *, connections: Connections, host: str, port: int, bells: Bells
    ) -> None:
        self.name = connections.name
        self.host = host
        self.port = port
        self.app = create_app(
            self.name,
            VERSION,
            parts.routers,
            ids=RandomIds(),
            wiring=Wiring(
                authorize=authorize,
                health_checks={"database": self._database},
                degrading_checks={
                    "tasks": self._running,
                    "subscriptions": self._reading,
                    "brokers": self._brokers,
                },
                unavailable=(StoreUnavailable,),
            ),
        )
        self._connections = connections
        self._parts = parts
        self._bells = bells
        self._foundation: Foundation | None = None
        self._tasks = Tasks()
        self.subscriptions: Sequence[Subscription] = ()
        """What it reads, from when it was started."""
        self.sampler: Sampler | None = None
        """What looks metrics up; None where nobody collects them."""

    @property
    def parts(self) -> Parts:
        """Return what it was composed of."""
        return self._parts

    async def start(self) -> None:
        """Open the foundation, then begin to read feeds and to do jobs.

        Raises:
            UnsafeRole: see `open_foundation`.
        """
        foundation = await open_foundation(self._connections, self._bells)
        self._foundation = foundation
        self.app.api.state.foundation = foundation
        handlers = self._parts.jobs(foundation)
        runner = JobRunner(
            foundation.jobs_pool,
            handlers,
            foundation.ids.new("req"),
            self._bells.of(self.name),
        )
        self.subscriptions = self._parts.subscriptions(foundation)
        for subscription in self.subscriptions:
            self._begin(subscription.name, subscription.run)
        self._begin("parked-events", Resumption(foundation.parked, self.subscriptions).run)
        self._begin("jobs", runner.run)
        self._begin("pruning", Pruner(foundation.jobs_pool).run)
        if foundation.brokers:  # its relay is another process
            bell = self._bells.of(self.name)
            self._begin("notices", Announcer(foundation.jobs_pool, bell).run)
            letters = DeadLetters(foundation.brokers, foundation.parked)
            self._begin("dead-letters", letters.run)
        for name, run in self._parts.background(foundation).items():
            self._begin(name, run)
        if metrics.is_on():
            standing = Standing(foundation, self.subscriptions, tuple(handlers))
            self.sampler = Sampler({**standing.measures(), **self._parts.measures(foundation)})
            for name, run in self.sampler.runs().items():
                self._begin(name, run)
        self.app.health.is_started = True

    async def stop(self) -> None:
        """Let go of feeds and jobs, then close the foundation."""
        self.app.health.is_draining = True
        await self._tasks.stop()
        if self._foundation:
            await self._foundation.close()

    def _begin(self, name: str, run: Run) -> None:
        with acting_as(self.name):  # the task keeps it
            self._tasks.begin(name, run)

    async def _database(self) -> str | None:
        if self._foundation is None:
            return "not-open"
        try:
            await self._foundation.pool.fetchval("SELECT 1")
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return "unreachable"
        return None

    async def _running(self) -> str | None:
        failing = self._tasks.failing
        return f"failing: {', '.join(sorted(failing))}" if failing else None

    async def _reading(self) -> str | None:
        interrupted = [each.name for each in self.subscriptions if each.interruption]
        return f"interrupted: {', '.join(interrupted)}" if interrupted else None

    async def _brokers(self) -> str | None:
        interruptions = [each.interruption for each in self.subscriptions]
        is_away = any(isinstance(each, BrokersUnavailable) for each in interruptions)
        return "unreachable" if is_away else None
