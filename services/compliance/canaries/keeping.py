"""Keeps trying the canaries of every agency, in turns; the processes share the agencies out.

Whoever has a hand free takes the agency that has waited longest. An agency's lease keeps others
from trying it meanwhile, and is politeness: two that both try it only try it more often.
"""

import asyncio
from collections.abc import Sequence

from services.compliance.canaries import views
from services.compliance.canaries.domain import Canary
from services.compliance.canaries.trying import Trials
from services.compliance.permits.asking import Basis
from shared.eventstore.store import StoreUnavailable
from shared.kernel.errors import ConcurrencyConflict
from shared.messaging.lease import Lease
from shared.service.foundation import Foundation, Pool
from shared.telemetry import metrics
from shared.telemetry.logging import get_logger

LOOK_S = 1.0
BATCH_MAX = 10
"""Agencies looked up at once: few enough to be tried while a lease lasts, so none comes twice."""

log = get_logger(__name__)


class Keeper:
    """Tries every agency's canaries once in `every_s`, or as often as all have had their turn.

    Args:
        every_tenant: connections of a role that sees all tenants.
    """

    def __init__(
        self,
        foundation: Foundation,
        basis: Basis,
        flock: Sequence[Canary],
        *,
        every_tenant: Pool,
        every_s: float,
    ) -> None:
        self._trials = Trials(foundation, basis, flock)
        self._flock = flock
        self._pool = foundation.pool
        self._owner = foundation.ids.new("req")
        self._every_tenant = every_tenant
        self._every_s = every_s
        self._again_at: dict[str, float] = {}

    async def run(self) -> None:
        """Try until cancelled; a store that is away is waited for."""
        while True:
            try:
                while await self._step() == BATCH_MAX:
                    pass
            except (StoreUnavailable, ConcurrencyConflict):
                log.warning("canaries-not-tried")
            await asyncio.sleep(min(LOOK_S, self._every_s))

    async def measure(self) -> None:
        """Show how long each canary has gone without an answer, and that none has alarmed yet.

        Raises:
            StoreUnavailable: no answer.
        """
        found = await views.silence(self._every_tenant, [each.name for each in self._flock])
        metrics.CANARY_SILENCE.show(
            (seconds, {"forbear.canary": name}) for name, seconds in found.items()
        )
        for each in self._flock:
            for answer in ("granted", "missed"):
                metrics.CANARY_ALARMS.add(
                    0,
                    {
                        "forbear.canary": each.name,
                        "forbear.rule": each.expects,
                        "forbear.answer": answer,
                    },
                )

    async def _step(self) -> int:
        """Try the agencies that have waited longest, and return how many were waiting.

        One that cannot be tried waits for its next turn, so that it keeps nobody from theirs.

        Raises:
            StoreUnavailable: no answer.
            ConcurrencyConflict: other writers were first each time.
        """
        loop = asyncio.get_running_loop()
        self._again_at = {tenant: at for tenant, at in self._again_at.items() if at > loop.time()}
        waiting = await views.waiting(
            self._every_tenant,
            [each.name for each in self._flock],
            self._again_at,
            every_s=self._every_s,
            limit=BATCH_MAX,
        )
        for tenant in waiting:
            self._again_at[tenant] = loop.time() + self._every_s
            if await Lease(self._pool, f"canaries-{tenant}", self._owner).hold():
                await self._trials.round(tenant)
        return len(waiting)
