"""The key vault in a PostgreSQL database of its own; keys are stored wrapped only.

Tenant keys are remembered for at most a minute, so that keys of any number of subjects, new ones
included, take one round trip.
"""

import time
from collections.abc import Callable, Iterator, Sequence

import asyncpg
from cachetools import TLRUCache

from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach
from shared.kernel.errors import InvariantViolated
from shared.vault import derivation, wrapping
from shared.vault.cached import LIFETIME_S_MAX, Kept, kept_until
from shared.vault.entropy import Entropy, system_entropy
from shared.vault.keys import KEY_BYTES, Erased, require_tenant

SUBJECTS_PER_STATEMENT_MAX = 2_000
TENANTS_KEPT_MAX = 1_000

_TENANT_KEY = "SELECT tenant_key($1, $2) AS wrapped"
_SUBJECT_KEYS = "SELECT subject, wrapped FROM subject_keys($1, $2::text[], $3::bytea[])"
_ERASE = "SELECT erase_subject($1, $2)"


class PostgresVault:
    """Vault on a pool of the app role. The first master key wraps, all of them unwrap.

    Raises:
        ValueError: no master key is given, or one is not 32 bytes long.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        master_keys: Sequence[bytes],
        *,
        entropy: Entropy = system_entropy,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        if not master_keys or any(len(key) != KEY_BYTES for key in master_keys):
            raise ValueError("master keys are 32 bytes each, and there is at least one")
        self._pool = pool
        self._master_keys = tuple(master_keys)
        self._entropy = entropy
        self._timer = timer
        self._tenant_keys: TLRUCache[str, Kept[bytes], float] = TLRUCache(
            TENANTS_KEPT_MAX, kept_until, timer
        )

    async def subject_keys(
        self, tenant: str, subjects: Sequence[str], *, create: bool
    ) -> dict[str, bytes | Erased]:
        """Return the keys of subjects; unknown ones are made if `create`, else left out.

        Raises:
            StoreUnavailable: the database did not answer.
            KeyCorrupt: a stored key does not open.
        """
        wrapping_key = derivation.wrapping_key(await self.tenant_key(tenant))
        found: dict[str, bytes | Erased] = {}
        for names in _chunks(sorted(set(subjects))):
            candidates = [self._candidate(wrapping_key, tenant, each) for each in names]
            rows = await self._fetch(_SUBJECT_KEYS, tenant, names, candidates if create else None)
            for row in rows:
                subject, wrapped = row["subject"], row["wrapped"]
                found[subject] = (
                    Erased()
                    if wrapped is None
                    else wrapping.unwrap((wrapping_key,), wrapped, "subject", tenant, subject)
                )
        return found

    async def tenant_key(self, tenant: str) -> bytes:
        """Return the tenant's key, making it on first use.

        Raises:
            StoreUnavailable: the database did not answer.
            KeyCorrupt: the stored key does not open with any master key.
        """
        require_tenant(tenant)
        kept = self._tenant_keys.get(tenant)
        if kept is not None:
            return kept.value
        until = self._timer() + LIFETIME_S_MAX
        candidate = wrapping.wrap(
            self._master_keys[0], self._entropy(KEY_BYTES), self._entropy, "tenant", tenant
        )
        rows = await self._fetch(_TENANT_KEY, tenant, candidate)
        if rows[0]["wrapped"] is None:
            raise InvariantViolated("a tenant's key was neither found nor made")
        key = wrapping.unwrap(self._master_keys, rows[0]["wrapped"], "tenant", tenant)
        self._tenant_keys[tenant] = Kept(key, until)
        return key

    async def erase(self, tenant: str, subject: str) -> None:
        """Delete a subject's key for ever; doing it again changes nothing.

        Raises:
            StoreUnavailable: no answer; whether the key is gone is unknown, so ask again.
        """
        require_tenant(tenant)
        await self._fetch(_ERASE, tenant, subject)

    def _candidate(self, wrapping_key: bytes, tenant: str, subject: str) -> bytes:
        key = self._entropy(KEY_BYTES)
        return wrapping.wrap(wrapping_key, key, self._entropy, "subject", tenant, subject)

    async def _fetch(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        async def call() -> list[asyncpg.Record]:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                rows: list[asyncpg.Record] = await connection.fetch(statement, *arguments)
                return rows

        return await reach(call)


def _chunks(subjects: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(subjects), SUBJECTS_PER_STATEMENT_MAX):
        yield list(subjects[start : start + SUBJECTS_PER_STATEMENT_MAX])
