"""Authenticated encryption with everything that locates a value bound to it.

AES-256-GCM under a random 96-bit nonce; the place (tenant, subject, field) is associated data,
each part prefixed by its length so that no two places are ever written alike.
"""

from collections.abc import Sequence
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.vault.entropy import Entropy
from shared.vault.keys import KEY_BYTES, KeyCorrupt

NONCE_BYTES = 12
_VERSION = b"\x01"
_HINT_BYTES = 4
_HEAD = len(_VERSION) + _HINT_BYTES
_TAG_BYTES = 16
_WRAPPED_BYTES = _HEAD + NONCE_BYTES + KEY_BYTES + _TAG_BYTES


def length_prefixed(*parts: str) -> bytes:
    """Join texts so that different sequences never give the same bytes."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def wrap(wrapping_key: bytes, key: bytes, entropy: Entropy, *place: str) -> bytes:
    """Encrypt a key under another one, bound to its place."""
    nonce = entropy(NONCE_BYTES)
    sealed = AESGCM(wrapping_key).encrypt(nonce, key, length_prefixed("forbear/key/1", *place))
    return _VERSION + _hint(wrapping_key) + nonce + sealed


def unwrap(wrapping_keys: Sequence[bytes], wrapped: bytes, *place: str) -> bytes:
    """Decrypt a key with whichever of the given keys wrapped it.

    Raises:
        KeyCorrupt: none of the keys opens it at this place.
    """
    if len(wrapped) != _WRAPPED_BYTES or not wrapped.startswith(_VERSION):
        raise KeyCorrupt("not a wrapped key")
    hint = wrapped[len(_VERSION) : _HEAD]
    nonce, sealed = wrapped[_HEAD : _HEAD + NONCE_BYTES], wrapped[_HEAD + NONCE_BYTES :]
    bound_to = length_prefixed("forbear/key/1", *place)
    for candidate in wrapping_keys:
        if _hint(candidate) != hint:
            continue
        try:
            return AESGCM(candidate).decrypt(nonce, sealed, bound_to)
        except InvalidTag:
            continue
    raise KeyCorrupt("no key at hand opens this wrapped key")


def _hint(wrapping_key: bytes) -> bytes:
    """Tell keys apart after a rotation; four bytes of a hash give nothing of the key away."""
    return sha256(b"forbear/key-hint/1" + wrapping_key).digest()[:_HINT_BYTES]
