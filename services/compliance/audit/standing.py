"""Whether each audit log leads from its last entry to its root, and to what was signed last.

A cheap look at the ends of the logs, again and again. `forbear audit verify` goes through every
entry and event.
"""

from typing import Any

from services.compliance.audit.merkle import Frontier
from services.compliance.audit.trail import hashes_of
from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach
from shared.telemetry import metrics
from shared.telemetry.logging import get_logger

_ENDS = """
SELECT l.tenant_id, l.size, l.frontier, last.root_after, c.size AS signed_size,
       c.root AS signed_root, signed.root_after AS root_when_signed
FROM audit_logs l
LEFT JOIN audit_entries last ON last.tenant_id = l.tenant_id AND last.leaf_index = l.size - 1
LEFT JOIN LATERAL (
  SELECT size, root FROM audit_checkpoints c WHERE c.tenant_id = l.tenant_id
  ORDER BY size DESC LIMIT 1
) c ON true
LEFT JOIN audit_entries signed
  ON signed.tenant_id = l.tenant_id AND signed.leaf_index = c.size - 1
"""

log = get_logger(__name__)


class LogStanding:
    """Looks at every tenant's log.

    Args:
        logs: connections of a role that sees all of them.
    """

    def __init__(self, logs: Any) -> None:
        self._logs = logs

    async def measure(self) -> None:
        """Count the logs that do not fit themselves, and name them in the process's log.

        Raises:
            StoreUnavailable: no answer.
        """

        async def call() -> list[Any]:
            async with self._logs.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                rows: list[Any] = await connection.fetch(_ENDS)
                return rows

        broken = [row["tenant_id"] for row in await reach(call) if not _is_whole(row)]
        for tenant in broken:
            log.error("audit-log-broken", tenant=tenant)
        metrics.AUDIT_BROKEN.show([(len(broken), {})])


def _is_whole(row: Any) -> bool:
    hashes = hashes_of(row["frontier"])
    if row["size"].bit_count() != len(hashes):
        return False
    if row["size"] and Frontier(size=row["size"], hashes=hashes).root != row["root_after"]:
        return False
    if row["signed_size"] is None:
        return True
    is_long_enough = row["signed_size"] <= row["size"]
    return bool(is_long_enough and row["signed_root"] == row["root_when_signed"])
