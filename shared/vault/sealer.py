"""Seals personal values at the edge and opens them at dispatch, rendering and export.

Tenant, subject and field are authenticated with each value, so one that was moved does not open.
"""

import base64
import binascii
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.kernel.sealed import Sealed
from shared.vault import derivation
from shared.vault.entropy import Entropy, system_entropy
from shared.vault.keys import Erased, KeyVault, SealBroken, SubjectErased, UnsealableText
from shared.vault.wrapping import NONCE_BYTES, length_prefixed

_SCHEME = "1"  # AES-256-GCM, associated data as in `_place`; part of every key id


class Sealer:
    """Turns personal text into `Sealed` values and back, many in one call to the vault."""

    def __init__(self, vault: KeyVault, *, entropy: Entropy = system_entropy) -> None:
        self._vault = vault
        self._entropy = entropy

    async def seal(self, tenant: str, subject: str, field: str, text: str) -> Sealed:
        """Seal one text.

        Raises:
            SubjectErased, UnsealableText: as `seal_many`.
        """
        (sealed,) = await self.seal_many(tenant, [(subject, field, text)])
        return sealed

    async def seal_many(self, tenant: str, values: Sequence[tuple[str, str, str]]) -> list[Sealed]:
        """Seal texts given as (subject, field, text), in order.

        Raises:
            SubjectErased: one of the subjects has been erased.
            UnsealableText: one of the texts holds a lone surrogate.
        """
        subjects = [subject for subject, _, _ in values]
        keys = await self._vault.subject_keys(tenant, subjects, create=True) if subjects else {}
        ciphers = {
            subject: AESGCM(key) for subject, key in keys.items() if not isinstance(key, Erased)
        }
        return [self._seal(ciphers, tenant, *value) for value in values]

    async def open(self, tenant: str, subject: str, field: str, sealed: Sealed) -> str | Erased:
        """Open one value.

        Raises:
            SealBroken: as `open_many`.
        """
        (text,) = await self.open_many(tenant, [(subject, field, sealed)])
        return text

    async def open_many(
        self, tenant: str, values: Sequence[tuple[str, str, Sealed]]
    ) -> list[str | Erased]:
        """Open values given as (subject, field, sealed), in order.

        Raises:
            SealBroken: a value was altered, or belongs to another tenant, subject or field.
        """
        subjects = [subject for subject, _, _ in values]
        keys = await self._vault.subject_keys(tenant, subjects, create=False) if subjects else {}
        return [
            _open(keys.get(subject), tenant, subject, field, sealed)
            for subject, field, sealed in values
        ]

    async def erase(self, tenant: str, subject: str) -> None:
        """Erase a person: nothing sealed for the subject opens again."""
        await self._vault.erase(tenant, subject)

    async def lookup_digest(self, tenant: str, kind: str, normalized_text: str) -> str:
        """Return the tenant's keyed digest of a text, to find equal ones of that kind."""
        (digest,) = await self.lookup_digests(tenant, [(kind, normalized_text)])
        return digest

    async def lookup_digests(self, tenant: str, texts: Sequence[tuple[str, str]]) -> list[str]:
        """Return the tenant's keyed digests of texts given as (kind, normalized text).

        Raises:
            UnsealableText: one of the texts holds a lone surrogate.
        """
        key = derivation.lookup_key(await self._vault.tenant_key(tenant))
        try:
            return [derivation.lookup_digest(key, kind, text) for kind, text in texts]
        except UnicodeEncodeError:
            raise UnsealableText("the text is not valid Unicode") from None

    async def derive(self, tenant: str, label: str) -> bytes:
        """Return the tenant's 32-byte secret for a purpose."""
        return derivation.derive(await self._vault.tenant_key(tenant), label)

    async def webhook_secret(self, tenant: str, creditor_id: str, number: int) -> str:
        """Return a creditor's inbound webhook secret; the next number is the next rotation."""
        return derivation.webhook_secret(await self._vault.tenant_key(tenant), creditor_id, number)

    def _seal(
        self, ciphers: dict[str, AESGCM], tenant: str, subject: str, field: str, text: str
    ) -> Sealed:
        cipher = ciphers.get(subject)
        if cipher is None:
            raise SubjectErased("the person has been erased; nothing more is recorded of them")
        try:
            clear = text.encode()
        except UnicodeEncodeError:
            raise UnsealableText("the text is not valid Unicode") from None
        nonce = self._entropy(NONCE_BYTES)
        ciphertext = cipher.encrypt(nonce, clear, _place(tenant, subject, field))
        return Sealed(
            key_id=f"{subject}/{_SCHEME}",
            nonce=base64.b64encode(nonce).decode(),
            ciphertext=base64.b64encode(ciphertext).decode(),
        )


def subject_of(sealed: Sealed) -> str:
    """Name the data subject of a sealed value, for readers that hold nothing but the value."""
    return sealed.key_id.rpartition("/")[0]


def _open(
    key: bytes | Erased | None, tenant: str, subject: str, field: str, sealed: Sealed
) -> str | Erased:
    if sealed.key_id != f"{subject}/{_SCHEME}":
        raise SealBroken(f"the value of {field} is sealed for another subject")
    if key is None:
        raise SealBroken(f"the key of the subject of {field} was never in this vault")
    if isinstance(key, Erased):
        return key
    try:
        nonce = base64.b64decode(sealed.nonce, validate=True)
        ciphertext = base64.b64decode(sealed.ciphertext, validate=True)
        return AESGCM(key).decrypt(nonce, ciphertext, _place(tenant, subject, field)).decode()
    except (InvalidTag, binascii.Error, ValueError):
        raise SealBroken(f"the value of {field} was altered or moved") from None


def _place(tenant: str, subject: str, field: str) -> bytes:
    return length_prefixed("forbear/sealed/" + _SCHEME, tenant, subject, field)
