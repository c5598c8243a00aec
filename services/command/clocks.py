"""Test clocks: moving a sandbox tenant's time in all four services, so that nothing is passed over.

Advancing stops at each instant at which a job is due and waits until everything it gives rise to
is done. No request of the tenant should be under way meanwhile: it would be at two times at once.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from services.command import quiet
from services.command.administration import Stores, written
from services.command.quiet import Look
from shared.kernel.records import record

POLL_S = 0.002  # doubles while nothing changes, for services need the machine more than we do
POLL_MAX_S = 0.008
STALLED_S = 20.0
SETTLE_S_MAX = 900.0
NAMED_MAX = 5  # of each thing that is in the way

# The judge's clock is moved first and the actor's last. Were compliance behind, it could redeem by
# yesterday's hours what contact dispatches today; ahead, it can only refuse too much.
ORDER = ("compliance", "ledger", "disputes", "contact")

# The commit is not waited for: whatever a service commits at the new time is later in the same
# write-ahead log, so no crash keeps that and loses this.
_FREEZE = """
UPDATE clocks SET frozen_at = $2
WHERE tenant_id = $1 AND frozen_at <= $2
  AND set_config('synchronous_commit', 'off', true) IS NOT NULL
RETURNING 1
"""
_CLOCK = """
SELECT t.livemode, c.frozen_at
FROM (SELECT) AS one
LEFT JOIN tenants t ON t.tenant_id = $1
LEFT JOIN clocks c ON c.tenant_id = $1
"""
_TRY_LOCK = "SELECT pg_try_advisory_lock(hashtextextended($1, 7))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtextextended($1, 7))"
_JOBS = """
SELECT key, kind, status, attempts, last_error FROM jobs
WHERE tenant_id = $1 AND (status = 'failed' OR status = 'waiting' AND due_at <= $2)
ORDER BY status, due_at, key LIMIT $3
"""
_PARKED = """
SELECT subscription, event_id, type, error FROM parked_events
WHERE tenant_id = $1 ORDER BY parked_at, position LIMIT $2
"""


@record
class Quiet:
    """Nothing is left to do until `next_due`, if ever."""

    next_due: datetime | None


class ClockRefused(Exception):
    """The tenant's clock cannot be moved so; the text says why."""


class NotQuiet(Exception):
    """Something is left undone; the text names each thing that is in the way."""


class ClockDriver:
    """Moves test clocks.

    Args:
        stores: owners' connections; they stay open, and are used by one call at a time.
        wake: called when a clock was moved, so that services in this process look at once;
            others notice at their next poll.
        despite_parked: go on although an event of the tenant was set aside.
    """

    def __init__(
        self,
        stores: Stores,
        *,
        wake: Callable[[], None] = lambda: None,
        despite_parked: bool = False,
        stalled_s: float = STALLED_S,
    ) -> None:
        self._stores = stores
        self._wake = wake
        self._despite_parked = despite_parked
        self._stalled_s = stalled_s
        self._turn = asyncio.Lock()

    async def show(self, tenant: str) -> dict[str, datetime | None]:
        """Return the instant at which the tenant's time stands in each service.

        Raises:
            ClockRefused: a service does not know the tenant.
        """
        async with self._turn:
            return await self._clocks(tenant)

    async def set(self, tenant: str, instant: datetime) -> None:
        """Move the clock straight to an instant; jobs due on the way are all done there.

        Raises:
            ClockRefused: no sandbox tenant with a test clock, or its time is later already.
        """
        async with self._turn, self._alone(tenant):
            await self._freeze(tenant, instant, await self._now(tenant))

    async def settle(self, tenant: str) -> Quiet:
        """Wait until every due job and every event of the tenant has had its effects.

        Raises:
            NotQuiet: nothing moved for a while, or an event of the tenant is parked.
        """
        async with self._turn:
            return await self._settle(tenant)

    async def advance(
        self,
        tenant: str,
        to: datetime,
        *,
        reached: Callable[[datetime], None] = lambda instant: None,
    ) -> int:
        """Move the clock to an instant, stopping wherever a job is due; return how many stops.

        Raises:
            ClockRefused: as `set`.
            NotQuiet: as `settle`; the clock stands at the instant that was not finished.
        """
        async with self._turn, self._alone(tenant):
            now = await self._now(tenant)
            if to < now:
                raise ClockRefused(f"It is {written(now)} for {tenant}: time does not go back.")
            stops = 0
            standing = await self._settle(tenant)
            while now < to:
                stop = min(to, standing.next_due or to)
                await self._freeze(tenant, stop, now)
                now = stop
                standing = await self._settle(tenant)
                stops += 1
                reached(now)
            return stops

    async def _settle(self, tenant: str) -> Quiet:
        loop = asyncio.get_running_loop()
        began = moved = loop.time()
        before: Any = None
        heads: Mapping[str, quiet.Place] | None = None
        passed = 0
        pause_s = POLL_S
        while True:
            look = await quiet.look(self._stores, tenant, heads)
            if heads is None or look.is_due or look.has_news:
                heads, passed = look.heads, 0
            passed = 0 if look.is_due or look.behind(heads) else passed + 1
            if look.has_parked and not self._despite_parked:
                raise NotQuiet(await self._in_the_way(tenant, look, heads))
            if passed == 2:
                return Quiet(next_due=look.next_due)
            if passed == 1:
                continue
            now = loop.time()
            if look.state != before:
                before, moved, pause_s = look.state, now, POLL_S
            if now - moved > self._stalled_s or now - began > SETTLE_S_MAX:
                raise NotQuiet(await self._in_the_way(tenant, look, heads))
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, POLL_MAX_S)

    async def _freeze(self, tenant: str, instant: datetime, now: datetime) -> None:
        if instant < now:
            raise ClockRefused(f"It is {written(now)} for {tenant}: time does not go back.")
        for service in ORDER:
            connection = self._stores.connections.get(service)
            if connection and not await connection.fetchval(_FREEZE, tenant, instant):
                raise ClockRefused(f"{service} has lost {tenant}'s clock, or it is later already.")
        self._wake()

    async def _now(self, tenant: str) -> datetime:
        """Return the tenant's time, once all services agree on it."""
        clocks = await self._clocks(tenant)
        frozen = {service: at for service, at in clocks.items() if at is not None}
        if len(frozen) < len(clocks):
            lacking = ", ".join(service for service in clocks if service not in frozen)
            raise ClockRefused(f"{tenant} has no test clock in {lacking}.")
        now = max(frozen.values())
        if min(frozen.values()) < now:  # a move was interrupted; what was done there stays done
            await self._freeze(tenant, now, now)
        return now

    async def _clocks(self, tenant: str) -> dict[str, datetime | None]:
        rows = {service: those[0] for service, those in (await self._ask(tenant)).items()}
        unknown = [service for service, row in rows.items() if row["livemode"] is None]
        if unknown:
            raise ClockRefused(f"{tenant} is unknown to {', '.join(unknown)}.")
        if any(row["livemode"] for row in rows.values()):
            raise ClockRefused(f"{tenant} is live: only a sandbox tenant has a clock to move.")
        return {service: row["frozen_at"] for service, row in rows.items()}

    async def _ask(self, tenant: str) -> dict[str, list[Any]]:
        return await self._stores.fetch(_CLOCK, tenant)

    @asynccontextmanager
    async def _alone(self, tenant: str) -> AsyncIterator[None]:
        """Keep other processes from moving the same clock meanwhile."""
        holder = next(iter(self._stores.connections.values()))
        if not await holder.fetchval(
            "SELECT pg_try_advisory_lock(hashtextextended($1, 7))", tenant
        ):
            raise ClockRefused(f"Another command is moving the clock of {tenant}.")
        try:
            yield
        finally:
            if not holder.is_closed():
                await holder.execute(_UNLOCK, tenant)

    async def _in_the_way(self, tenant: str, look: Look, heads: Mapping[str, quiet.Place]) -> str:
        lines = [f"{name} {what}" for name, what in look.behind(heads).items()]
        for service, standing in look.standings.items():
            connection = self._stores.of(service)
            for row in await connection.fetch(_JOBS, tenant, standing.now, NAMED_MAX):
                lines.append(
                    f"{service}: job {row['key']} ({row['kind']}) is {row['status']} after"
                    f" {row['attempts']} attempts: {row['last_error'] or 'no error yet'}"
                )
            for row in await connection.fetch(_PARKED, tenant, NAMED_MAX):
                lines.append(
                    f"{service}: event {row['event_id']} ({row['type']}) is parked in"
                    f" {row['subscription']}: {row['error']} (`forbear dlq show`)"
                )
        return "\n".join([f"{tenant} does not come to rest:", *lines])
