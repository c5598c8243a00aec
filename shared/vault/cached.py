"""Remembers subject keys for at most a minute, so that an erasure is felt everywhere within one.

The time counts from before a key was read, not from when it arrived.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from cachetools import TLRUCache

from shared.vault.keys import Erased, KeyVault

T = TypeVar("T")

LIFETIME_S_MAX = 60.0
KEYS_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """A value and the instant of the monotonic timer from which it must be read anew."""

    value: T
    until: float


def kept_until(_key: object, kept: Kept[T], _now: float) -> float:
    """Tell a cache when an entry ends."""
    return kept.until


class CachedVault:
    """A vault in front of a vault. Tenant keys are the inner vault's to remember.

    Raises:
        ValueError: the lifetime is longer than a minute.
    """

    def __init__(
        self,
        vault: KeyVault,
        *,
        keys_max: int = KEYS_MAX,
        lifetime_s: float = LIFETIME_S_MAX,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        if not 0 < lifetime_s <= LIFETIME_S_MAX:
            raise ValueError("keys are remembered for at most a minute")
        self._vault = vault
        self._lifetime_s = lifetime_s
        self._timer = timer
        self._erasures = 0
        self._keys: TLRUCache[tuple[str, str], Kept[bytes | Erased], float] = TLRUCache(
            keys_max, kept_until, timer
        )

    async def subject_keys(
        self, tenant: str, subjects: Sequence[str], *, create: bool
    ) -> dict[str, bytes | Erased]:
        """Return the keys of subjects, asking the inner vault only for those not remembered."""
        found: dict[str, bytes | Erased] = {}
        missing: list[str] = []
        for subject in dict.fromkeys(subjects):
            kept = self._keys.get((tenant, subject))
            if kept is None:
                missing.append(subject)
            else:
                found[subject] = kept.value
        if missing:
            until, erasures = self._timer() + self._lifetime_s, self._erasures
            read = await self._vault.subject_keys(tenant, missing, create=create)
            # What was read while an erasure ran may be from before it.
            if erasures == self._erasures:
                for subject, key in read.items():
                    self._keys[tenant, subject] = Kept(key, until)
            found |= read
        return found

    async def tenant_key(self, tenant: str) -> bytes:
        """Return the tenant's key, making it on first use."""
        return await self._vault.tenant_key(tenant)

    async def erase(self, tenant: str, subject: str) -> None:
        """Delete a subject's key for ever and forget it here, whatever the answer."""
        self._erasures += 1
        try:
            await self._vault.erase(tenant, subject)
        finally:
            self._erasures += 1
            self._keys.pop((tenant, subject), None)
