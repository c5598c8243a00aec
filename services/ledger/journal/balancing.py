"""Whether the books balance: one tenant's trial balance after another's, again and again."""

from collections import defaultdict

from services.ledger.journal import views
from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach
from shared.http.call import tenant_rows
from shared.service.foundation import Foundation
from shared.telemetry import metrics
from shared.telemetry.logging import get_logger

log = get_logger(__name__)


class Balancing:
    """Adds up the journal of one tenant at a time; what is off stays shown until its next turn."""

    def __init__(self, foundation: Foundation) -> None:
        self._foundation = foundation
        self._off: dict[str, int] = {}
        self._last = ""

    async def measure(self) -> None:
        """Take the next tenant's turn.

        Raises:
            StoreUnavailable: no answer.
        """
        tenant = await self._next()
        if tenant is not None:
            self._last = tenant
            self._off[tenant] = await self._count_off(tenant)
        metrics.JOURNAL_UNBALANCED.show([(sum(self._off.values()), {})])

    async def _next(self) -> str | None:
        pool = self._foundation.feed_pools[self._foundation.name]

        async def call() -> str | None:
            async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                found: str | None = await connection.fetchval(views.NEXT_TENANT, self._last)
                return found

        return await reach(call)

    async def _count_off(self, tenant: str) -> int:
        totals: defaultdict[str, int] = defaultdict(int)
        for row in await tenant_rows(self._foundation, tenant, views.trial_balance()):
            totals[row["currency"]] += row["amount"]
        off = [currency for currency, amount in totals.items() if amount]
        if off:
            log.error("books-unbalanced", tenant=tenant, count=len(off))
        return len(off)
