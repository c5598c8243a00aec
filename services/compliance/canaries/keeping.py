"""Keeps trying the canaries of every agency, in one process at a time.

The lease is politeness: two processes that both try them only try them more often.
"""

import asyncio
import contextlib
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

log = get_logger(__name__)


class Keeper:
    """Tries every agency's canaries once in `every_s`, spread over that time.

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
        self._lease = Lease(foundation.pool, "canaries", foundation.ids.new("req"))
        self._every_tenant = every_tenant
        self._every_s = every_s
        self._due: dict[str, float] = {}

    async def run(self) -> None:
        """Try until cancelled; a store that is away is waited for."""
        try:
            while True:
                try:
                    await self._step()
                except (StoreUnavailable, ConcurrencyConflict):
                    log.warning("canaries-not-tried")
                await asyncio.sleep(min(LOOK_S, self._every_s))
        finally:
            with contextlib.suppress(StoreUnavailable):
                await self._lease.release()

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

    async def _step(self) -> None:
        """Try the agencies whose turn it is, as long as nobody else does.

        Raises:
            StoreUnavailable: no answer.
            ConcurrencyConflict: other writers were first each time.
        """
        agencies = await views.agencies(self._every_tenant)
        self._due = {each: self._due[each] for each in agencies if each in self._due}
        loop = asyncio.get_running_loop()
        for place, tenant in enumerate(agencies):
            first = loop.time() + self._every_s * place / len(agencies)
            if self._due.setdefault(tenant, first) > loop.time():
                continue
            if not await self._lease.hold():
                self._due.clear()
                return
            self._due[tenant] = loop.time() + self._every_s
            await self._trials.round(tenant)
