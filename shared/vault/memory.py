"""A key vault in memory, for tests and simulations; its keys die with the process."""

from collections.abc import Sequence

from shared.vault.entropy import Entropy, system_entropy
from shared.vault.keys import KEY_BYTES, Erased, require_tenant


class MemoryVault:
    """Keeps keys in dictionaries; a fixed `entropy` makes a simulation repeatable."""

    def __init__(self, entropy: Entropy = system_entropy) -> None:
        self._entropy = entropy
        self._tenants: dict[str, bytes] = {}
        self._subjects: dict[tuple[str, str], bytes | Erased] = {}

    async def subject_keys(
        self, tenant: str, subjects: Sequence[str], *, create: bool
    ) -> dict[str, bytes | Erased]:
        """Return the keys of subjects; unknown ones are made if `create`, else left out."""
        require_tenant(tenant)
        if create:
            for subject in subjects:
                if (tenant, subject) not in self._subjects:
                    self._subjects[tenant, subject] = self._entropy(KEY_BYTES)
        return {
            subject: self._subjects[tenant, subject]
            for subject in subjects
            if (tenant, subject) in self._subjects
        }

    async def tenant_key(self, tenant: str) -> bytes:
        """Return the tenant's key, making it on first use."""
        require_tenant(tenant)
        if tenant not in self._tenants:
            self._tenants[tenant] = self._entropy(KEY_BYTES)
        return self._tenants[tenant]

    async def erase(self, tenant: str, subject: str) -> None:
        """Delete a subject's key for ever; doing it again changes nothing."""
        require_tenant(tenant)
        self._subjects[tenant, subject] = Erased()
