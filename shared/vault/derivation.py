"""Secrets that follow from a tenant's key: derived when needed, stored nowhere.

HKDF-SHA256 (RFC 5869) with a label per purpose, so no two purposes ever share a key.
"""

import base64
import hmac
from hashlib import sha256

from cachetools import TTLCache, cached
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.vault.keys import KEY_BYTES
from shared.vault.wrapping import length_prefixed

WEBHOOK_SECRET_PREFIX = "whsec_"
REMEMBERED_MAX = 1_000
REMEMBERED_S = 60.0
"""As long as the tenant's key itself may be."""


# Asked for by every request that carries an idempotency key.
@cached(TTLCache(REMEMBERED_MAX, REMEMBERED_S))
def derive(tenant_key: bytes, label: str) -> bytes:
    """Return the tenant's 32-byte secret for a purpose."""
    purpose = length_prefixed("forbear/derived/1", label)
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(tenant_key)


def wrapping_key(tenant_key: bytes) -> bytes:
    """Return the key that wraps the tenant's subject keys."""
    return _own(tenant_key, "wrapping")


def lookup_key(tenant_key: bytes) -> bytes:
    """Return the key of the tenant's look-up digests."""
    return _own(tenant_key, "lookup")


def lookup_digest(key: bytes, kind: str, normalized_text: str) -> str:
    """Return a keyed digest under which equal texts of one kind can be found."""
    return hmac.digest(key, length_prefixed(kind, normalized_text), sha256).hex()


def webhook_secret(tenant_key: bytes, creditor_id: str, number: int) -> str:
    """Return a creditor's inbound webhook secret; the next number is the next rotation."""
    secret = derive(tenant_key, f"inbound-webhook:{creditor_id}:{number}")
    return WEBHOOK_SECRET_PREFIX + base64.b64encode(secret).decode()


def _own(tenant_key: bytes, purpose: str) -> bytes:
    # Another first part than `derive` has, so that no caller's label can reach these keys.
    info = length_prefixed("forbear/vault/1", purpose)
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(tenant_key)
