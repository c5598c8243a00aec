"""Signs a checkpoint of every log that has grown, about once a second."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.compliance.audit.checkpoint import Checkpoint, sign
from services.compliance.audit.merkle import Frontier
from services.compliance.audit.trail import hashes_of
from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach
from shared.eventstore.store import StoreUnavailable

EVERY_S = 1.0
# A log is told to have grown while its transaction is still open, which may take two seconds.
LOOKS = 4

_READ = "SELECT size, frontier, clock_timestamp() AS at FROM audit_logs WHERE tenant_id = $1"
_KEEP = """
INSERT INTO audit_checkpoints (tenant_id, size, root, note, signed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, size) DO NOTHING
"""
_UNSIGNED = """
SELECT l.tenant_id FROM audit_logs l
WHERE l.size > coalesce(
  (SELECT max(c.size) FROM audit_checkpoints c WHERE c.tenant_id = l.tenant_id), 0)
"""


class Signer:
    """Knows which logs may have grown since their last checkpoint.

    Args:
        pool: connections of the app role.
        logs: connections of a role that sees all tenants' logs, for those that grew unsigned
            before this process began.
    """

    def __init__(self, pool: Any, key: Ed25519PrivateKey, logs: Any) -> None:
        self._pool = pool
        self._key = key
        self._logs = logs
        self._looks: dict[str, int] = {}
        self._has_surveyed = False

    def grown(self, tenant: str) -> None:
        """Note that a log has grown; its transaction may still be open."""
        self._looks[tenant] = LOOKS

    async def run(self) -> None:
        """Sign until cancelled; what is left unsigned then is the next start's work."""
        while True:
            await self.step()
            await asyncio.sleep(EVERY_S)

    async def step(self) -> None:
        """Sign a checkpoint of each log that has grown."""
        try:
            if not self._has_surveyed:
                await reach(self._survey)
            for tenant in sorted(self._looks):
                await reach(lambda tenant=tenant: self._sign(tenant))  # type: ignore[misc]
                self._looks[tenant] -= 1
        except StoreUnavailable:
            return
        self._looks = {tenant: looks for tenant, looks in self._looks.items() if looks > 0}

    async def _survey(self) -> None:
        async with self._logs.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            for row in await connection.fetch(_UNSIGNED):
                self.grown(row["tenant_id"])
        self._has_surveyed = True

    async def _sign(self, tenant: str) -> None:
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            async with connection.transaction():
                await connection.execute("SELECT set_config('forbear.tenant', $1, true)", tenant)
                row = await connection.fetchrow(_READ, tenant)
                if row is None or row["size"] == 0:
                    return
                root = Frontier(size=row["size"], hashes=hashes_of(row["frontier"])).root
                at: datetime = row["at"].astimezone(UTC)
                note = sign(
                    Checkpoint(tenant=tenant, size=row["size"], root=root, at=at), self._key
                )
                await connection.execute(_KEEP, tenant, row["size"], root, note, at)
