"""Metrics that have to be looked up: tasks read them every few seconds, so no request pays.

Each look is one short statement by an index. What cannot be read is not shown: an old value would
look like a present one.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from importlib import resources
from typing import Any

from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach
from shared.eventstore.store import StoreUnavailable
from shared.kernel.clock import SystemClock
from shared.messaging.feed import BEHIND_MAX
from shared.messaging.subscription import Subscription
from shared.service.foundation import Foundation
from shared.service.tasks import Run
from shared.telemetry import metrics
from shared.telemetry.instruments import Gauge, Reading

EVERY_S = 5.0
LAG_TIME_S_MAX = 86_400  # of a partition that was never read

Measure = Callable[[], Awaitable[None]]

_FOLDER = resources.files("shared.service") / "sql"
_JOBS = (_FOLDER / "jobs.sql").read_text()
_OUTBOX = (_FOLDER / "outbox.sql").read_text()
_FAILED_JOBS = "SELECT kind, count(*) AS failed FROM jobs WHERE status = 'failed' GROUP BY kind"
_PARKED = """
SELECT subscription, count(DISTINCT (tenant_id, event_id)) AS events,
       count(DISTINCT (tenant_id, key)) AS keys,
       extract(epoch FROM now() - min(parked_at))::double precision AS oldest_age_s
FROM parked_events WHERE subscription = ANY ($1) GROUP BY subscription
"""
_LAG_TIMES = f"""
SELECT subscription,
       least(extract(epoch FROM clock_timestamp() - min(fresh_as_of)), {LAG_TIME_S_MAX})
         ::double precision AS lag_s
FROM watermarks WHERE subscription = ANY ($1) GROUP BY subscription
"""


class Sampler:
    """Takes measures again and again, each by itself: one that fails or waits holds up no other."""

    def __init__(self, measures: Mapping[str, Measure], *, every_s: float = EVERY_S) -> None:
        self._measures = measures
        self._every_s = every_s

    def runs(self) -> Mapping[str, Run]:
        """Return the tasks that take them, until cancelled, by name."""
        return {
            f"sampling-{name}": partial(self._keep_taking, each)
            for name, each in self._measures.items()
        }

    async def step(self) -> None:
        """Take each measure once."""
        await asyncio.gather(*(_take(each) for each in self._measures.values()))

    async def _keep_taking(self, measure: Measure) -> None:
        while True:
            await _take(measure)
            await asyncio.sleep(self._every_s)


async def _take(measure: Measure) -> None:
    """Take a measure; one whose store is away is left out."""
    with contextlib.suppress(StoreUnavailable):
        await measure()


class Standing:
    """Where a service's subscriptions, jobs and outbox stand."""

    def __init__(
        self, foundation: Foundation, subscriptions: Sequence[Subscription], kinds: Sequence[str]
    ) -> None:
        self._foundation = foundation
        self._subscriptions = subscriptions
        self._names = [each.name for each in subscriptions]
        self._kinds = kinds

    def measures(self) -> dict[str, Measure]:
        """Return what there is to be measured, by name."""
        always: dict[str, Measure] = {
            "lags": self.lags,
            "lag-times": self.lag_times,
            "parked-events": self.parked,
            "jobs": self.jobs,
            "failed-jobs": self.failed_jobs,
            "statements-untold": _zero,
            "connections": self.connections,
        }
        return always | ({"outbox": self.outbox} if self._foundation.brokers else {})

    async def lags(self) -> None:
        """Count what each subscription has still to read."""
        found = await asyncio.gather(
            *(each.behind() for each in self._subscriptions), return_exceptions=True
        )
        metrics.SUBSCRIPTION_LAG.show(
            (count, _labels(each))
            for each, count in zip(self._subscriptions, found, strict=True)
            if not isinstance(count, BaseException)
        )
        for each in found:
            # Of a source that is away we know nothing.
            if isinstance(each, BaseException) and not isinstance(each, StoreUnavailable):
                raise each

    async def lag_times(self) -> None:
        """Read how old each subscription's watermark is, and how far the two clocks are apart."""
        before = SystemClock().now()
        rows = await _fetch(
            self._foundation.pool,
            f"SELECT clock_timestamp() AS now, l.* FROM (SELECT) one LEFT JOIN ({_LAG_TIMES}) l"
            " ON true",
            self._names,
        )
        after = SystemClock().now()
        skew = max(rows[0]["now"] - after, before - rows[0]["now"])
        metrics.CLOCK_SKEW.show([(max(0.0, skew.total_seconds()), {})])
        ages = {row["subscription"]: row["lag_s"] for row in rows}
        metrics.SUBSCRIPTION_LAG_TIME.show(
            (ages.get(each.name, LAG_TIME_S_MAX), _labels(each)) for each in self._subscriptions
        )

    async def parked(self) -> None:
        """Count what was set aside."""
        rows = {
            row["subscription"]: row
            for row in await _fetch(self._foundation.jobs_pool, _PARKED, self._names)
        }
        shown: tuple[tuple[Gauge, str], ...] = (
            (metrics.DLQ_DEPTH, "events"),
            (metrics.DLQ_PARKED_KEYS, "keys"),
            (metrics.DLQ_OLDEST_AGE, "oldest_age_s"),
        )
        for gauge, column in shown:
            gauge.show(
                (rows[name][column] if name in rows else 0, {"forbear.subscription": name})
                for name in self._names
            )

    async def jobs(self) -> None:
        """Count what is due, and how long the first of it has been."""
        rows = await _fetch(self._foundation.jobs_pool, _JOBS, BEHIND_MAX)
        metrics.JOBS_DUE.show(self._by_kind(rows, "due"))
        metrics.JOBS_OLDEST_DUE_AGE.show(self._by_kind(rows, "oldest_due_age_s"))

    async def failed_jobs(self) -> None:
        """Count what was given up."""
        rows = await _fetch(self._foundation.jobs_pool, _FAILED_JOBS)
        metrics.JOBS_FAILED.show(self._by_kind(rows, "failed"))

    async def outbox(self) -> None:
        """Count what the relay's shards have still to publish; whether a relay runs or not."""
        shards = await _fetch(
            self._foundation.pool,
            "SELECT partition, transaction_id::text AS transaction_id, position FROM checkpoints"
            " WHERE subscription = 'relay'",
        )
        rows = await _fetch(
            self._foundation.feed_pools[self._foundation.name],
            _OUTBOX,
            [each["partition"] for each in shards] or ["none"],
            [each["transaction_id"] for each in shards] or ["0"],
            [each["position"] for each in shards] or [0],
            BEHIND_MAX,
        )
        metrics.OUTBOX_BACKLOG.show((row["events"], _shard(row)) for row in rows)
        metrics.OUTBOX_OLDEST_AGE.show((row["oldest_age_s"], _shard(row)) for row in rows)

    async def connections(self) -> None:
        """Count the connections of each pool."""
        foundation = self._foundation
        pools = {"own": foundation.pool, "jobs": foundation.jobs_pool} | {
            f"feed-{source}": pool for source, pool in foundation.feed_pools.items()
        }
        readings: list[Reading] = []
        for name, pool in pools.items():
            idle = pool.get_idle_size()
            for state, count in (("idle", idle), ("used", pool.get_size() - idle)):
                labels = {
                    "db.client.connection.pool.name": name,
                    "db.client.connection.state": state,
                }
                readings.append((count, labels))
        metrics.DATABASE_CONNECTIONS.show(readings)

    def _by_kind(self, rows: Sequence[Any], column: str) -> list[Reading]:
        found = dict.fromkeys(self._kinds, 0.0)
        found |= {row["kind"]: row[column] or 0 for row in rows}
        return [(value, {"forbear.job_kind": kind}) for kind, value in found.items()]


async def _zero() -> None:
    """Show what has not happened yet, so that the first time is an increase."""
    metrics.STATEMENTS_UNTOLD.add(0, {})


def _labels(subscription: Subscription) -> Mapping[str, str]:
    return {"forbear.subscription": subscription.name, "forbear.source": subscription.feed.source}


def _shard(row: Any) -> Mapping[str, str]:
    return {"forbear.shard": row["shard"]}


async def _fetch(pool: Any, statement: str, *arguments: Any) -> list[Any]:
    async def call() -> list[Any]:
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            rows: list[Any] = await connection.fetch(statement, *arguments)
            return rows

    return await reach(call)
