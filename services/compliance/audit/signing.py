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

_READ = "SELECT size, frontier, clock_timestamp() AS at FROM audit_logs WHERE tenant_id = $1"
_KEEP = """
INSERT INTO audit_checkpoints (tenant_id, size, root, note, signed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, size) DO NOTHING
"""


class Signer:
    """Knows which logs have grown since their last checkpoint."""

    def __init__(self, pool: Any, key: Ed25519PrivateKey) -> None:
        self._pool = pool
        self._key = key
        self._grown: set[str] = set()

    def grown(self, tenant: str) -> None:
        """Note that a log has grown; its transaction may still be open."""
        self._grown.add(tenant)

    async def run(self) -> None:
        """Sign until cancelled; one last time on the way out is the next start's work."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.step()

    async def step(self) -> None:
        """Sign a checkpoint of each log that has grown."""
        for tenant in sorted(self._grown):
            self._grown.discard(tenant)
            try:
                await reach(lambda tenant=tenant: self._sign(tenant))  # type: ignore[misc]
            except StoreUnavailable:
                self._grown.add(tenant)

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
