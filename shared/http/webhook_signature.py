"""Standard Webhooks 1.0: signs and verifies `id.timestamp.body` over the raw bytes.

The key's type fixes the scheme it is used for (`v1` HMAC-SHA256, `v1a` Ed25519), whatever the
header claims. Every key is tried against every listed signature, in constant time, so several
live secrets make a rotation without a gap.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"

TOLERANCE = timedelta(seconds=300)
SIGNATURES_MAX = 10
SECRET_BYTES_MIN = 24  # Standard Webhooks 1.0, "Signature scheme": 24 to 64 bytes
SECRET_BYTES_MAX = 64
ED25519_KEY_BYTES = 32

# A dot in the id would shift the border between id and timestamp in what is signed.
_ID = re.compile(r"[!-\-/-~]{1,256}")
# Ten digits reach the year 2286; thirteen are milliseconds sent by mistake.
_TIMESTAMP = re.compile(r"0|[1-9][0-9]{0,9}")

Code = Literal[
    "missing-header",
    "malformed-id",
    "malformed-timestamp",
    "stale",
    "future",
    "too-many-signatures",
    "no-match",
]
_DETAILS: Mapping[Code, str] = {
    "missing-header": "webhook-id, webhook-timestamp and webhook-signature are all required",
    "malformed-id": "webhook-id must be 1 to 256 visible ASCII characters without a dot",
    "malformed-timestamp": "webhook-timestamp must be whole seconds since 1970 in ASCII digits",
    "stale": "webhook-timestamp is too far in the past",
    "future": "webhook-timestamp is too far in the future",
    "too-many-signatures": f"webhook-signature may list at most {SIGNATURES_MAX} signatures",
    "no-match": "no listed signature matches",
}


class SignatureRefused(Exception):
    """A webhook that must not be acted upon; `code` says why, the text holds nothing of it."""

    def __init__(self, code: Code) -> None:
        super().__init__(_DETAILS[code])
        self.code: Code = code


class MalformedKey(ValueError):
    """A webhook key that is not what its prefix promises."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a valid signature vouches for, besides the body."""

    message_id: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class SharedSecret:
    """A `whsec_` secret: signs and verifies `v1`."""

    secret: bytes = field(repr=False)
    scheme = "v1"

    @classmethod
    def parse(cls, text: str) -> "SharedSecret":
        """Read a secret, with or without its prefix.

        Raises:
            MalformedKey: not 24 to 64 bytes in standard base64.
        """
        secret = _strict_base64(text.removeprefix("whsec_"))
        if secret is None or not SECRET_BYTES_MIN <= len(secret) <= SECRET_BYTES_MAX:
            raise MalformedKey("expected whsec_ and 24 to 64 bytes in standard base64")
        return cls(secret)

    def sign(self, signed: bytes) -> bytes:
        """Return the signature of the signed bytes."""
        return hmac.digest(self.secret, signed, sha256)

    def matcher(self, signed: bytes) -> Callable[[bytes], bool]:
        """Return a test for signatures of the signed bytes."""
        expected = self.sign(signed)
        return lambda signature: hmac.compare_digest(expected, signature)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A `whpk_` key: verifies `v1a`."""

    key: Ed25519PublicKey
    scheme = "v1a"

    @classmethod
    def parse(cls, text: str) -> "PublicKey":
        """Read a public key.

        Raises:
            MalformedKey: not `whpk_` and 32 bytes in standard base64.
        """
        return cls(Ed25519PublicKey.from_public_bytes(_ed25519_bytes("whpk_", text)))

    def __str__(self) -> str:
        raw = self.key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return "whpk_" + base64.b64encode(raw).decode()

    def matcher(self, signed: bytes) -> Callable[[bytes], bool]:
        """Return a test for signatures of the signed bytes."""

        def matches(signature: bytes) -> bool:
            try:
                self.key.verify(signature, signed)
            except InvalidSignature:
                return False
            return True

        return matches


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A `whsk_` key: signs `v1a`."""

    key: Ed25519PrivateKey = field(repr=False)
    scheme = "v1a"

    @classmethod
    def parse(cls, text: str) -> "PrivateKey":
        """Read a private key.

        Raises:
            MalformedKey: not `whsk_` and 32 bytes in standard base64.
        """
        return cls(Ed25519PrivateKey.from_private_bytes(_ed25519_bytes("whsk_", text)))

    @property
    def public(self) -> PublicKey:
        """The key that verifies what this one signs."""
        return PublicKey(self.key.public_key())

    def sign(self, signed: bytes) -> bytes:
        """Return the signature of the signed bytes."""
        return self.key.sign(signed)


def verify(
    headers: Mapping[str, str],
    body: bytes,
    keys: Sequence[SharedSecret | PublicKey],
    *,
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> Delivery:
    """Accept a webhook signed with any of the keys; header names are looked up in lower case.

    Raises:
        SignatureRefused: whatever is wrong with it; nothing else is raised for any input.
    """
    message_id = headers.get(ID_HEADER)
    timestamp = headers.get(TIMESTAMP_HEADER)
    listed = headers.get(SIGNATURE_HEADER)
    if message_id is None or timestamp is None or listed is None:
        raise SignatureRefused("missing-header")
    if not _ID.fullmatch(message_id):
        raise SignatureRefused("malformed-id")
    sent_at = _sent_at(timestamp)
    if now - sent_at > tolerance:
        raise SignatureRefused("stale")
    if sent_at - now > tolerance:
        raise SignatureRefused("future")
    signatures = _signatures(listed)
    signed = _signed_bytes(message_id, timestamp, body)
    is_match = False
    # No early exit: how long this takes says nothing about which signature or key was right.
    for key in keys:
        matches = key.matcher(signed)
        for scheme, signature in signatures:
            if scheme == key.scheme:
                is_match |= matches(signature)
    if not is_match:
        raise SignatureRefused("no-match")
    return Delivery(message_id, sent_at)


def sign(
    keys: Sequence[SharedSecret | PrivateKey], *, message_id: str, sent_at: datetime, body: bytes
) -> dict[str, str]:
    """Return the three headers that a receiver verifies, one signature for each key.

    Raises:
        ValueError: the id could not be verified, or there is not one to ten keys.
    """
    if not _ID.fullmatch(message_id):
        raise ValueError(_DETAILS["malformed-id"])
    if not 1 <= len(keys) <= SIGNATURES_MAX:
        raise ValueError(f"expected 1 to {SIGNATURES_MAX} keys")
    timestamp = str(int(sent_at.timestamp()))
    signed = _signed_bytes(message_id, timestamp, body)
    signatures = [f"{key.scheme},{base64.b64encode(key.sign(signed)).decode()}" for key in keys]
    return {
        ID_HEADER: message_id,
        TIMESTAMP_HEADER: timestamp,
        SIGNATURE_HEADER: " ".join(signatures),
    }


def _signed_bytes(message_id: str, timestamp: str, body: bytes) -> bytes:
    return f"{message_id}.{timestamp}.".encode() + body


def _sent_at(timestamp: str) -> datetime:
    if not _TIMESTAMP.fullmatch(timestamp):
        raise SignatureRefused("malformed-timestamp")
    return datetime.fromtimestamp(int(timestamp), UTC)


def _signatures(listed: str) -> list[tuple[str, bytes]]:
    """Read the list; an entry that is not well formed can match nothing and is left out."""
    if listed.count(" ") >= SIGNATURES_MAX:
        raise SignatureRefused("too-many-signatures")
    readable = []
    for entry in listed.split(" "):
        scheme, _, encoded = entry.partition(",")
        signature = _strict_base64(encoded)
        if signature is not None:
            readable.append((scheme, signature))
    return readable


def _strict_base64(text: str) -> bytes | None:
    """Decode standard base64 in its one canonical form, else nothing."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if base64.b64encode(decoded).decode() == text else None


def _ed25519_bytes(prefix: str, text: str) -> bytes:
    raw = _strict_base64(text.removeprefix(prefix)) if text.startswith(prefix) else None
    if raw is None or len(raw) != ED25519_KEY_BYTES:
        raise MalformedKey(f"expected {prefix} and 32 bytes in standard base64")
    return raw
