"""The key vault's port: one key per data subject, one per tenant.

An erased subject stays erased: its key is never made again, and asking for it answers `Erased`.
"""

from collections.abc import Sequence
from typing import Protocol

from shared.kernel.errors import DomainError, InvariantViolated
from shared.kernel.records import record

KEY_BYTES = 32


@record
class Erased:
    """Stands where a personal value was, once its subject's key is gone."""


class KeyVault(Protocol):
    """Where keys live. Keys are 32 bytes, unwrapped, and never leave the process."""

    async def subject_keys(
        self, tenant: str, subjects: Sequence[str], *, create: bool
    ) -> dict[str, bytes | Erased]:
        """Return the keys of subjects; unknown ones are made if `create`, else left out."""
        ...

    async def tenant_key(self, tenant: str) -> bytes:
        """Return the tenant's key, making it on first use."""
        ...

    async def erase(self, tenant: str, subject: str) -> None:
        """Delete a subject's key for ever; doing it again changes nothing."""
        ...


class SubjectErased(DomainError):
    """Something personal was to be recorded of a person who has been erased."""

    kind = "conflict"
    code = "subject-erased"


class UnsealableText(DomainError):
    """The text cannot be written as UTF-8, so it holds a lone surrogate."""

    kind = "invalid"
    code = "text-not-unicode"


class SealBroken(InvariantViolated):
    """A sealed value was altered, moved from elsewhere, or its key was never in this vault."""


class KeyCorrupt(InvariantViolated):
    """A wrapped key does not open: altered, moved, or wrapped by a master key we do not have."""


def require_tenant(tenant: str) -> None:
    """Refuse to work for no tenant.

    Raises:
        ValueError: the tenant is empty.
    """
    if not tenant:
        raise ValueError("no tenant is set")
