"""Signed checkpoints: a log's size, root and time as a C2SP tlog-checkpoint in a signed note.

    forbear/<tenant>
    <size>
    <root in base64>
    timestamp <instant>

    — forbear/<tenant> <key hash and signature in base64>

Anybody with the public key can check one with a few lines of code; witnesses add their own lines.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.compliance.audit.leaf import instant
from services.compliance.audit.merkle import HASH_BYTES
from shared.kernel.records import record

NOTE_CHARACTERS_MAX = 8_192
SIGNATURES_MAX = 16

_ED25519 = b"\x01"  # C2SP signed-note, "Signature types"
_KEY_HASH_BYTES = 4
# Visible ASCII but for "+", which separates the parts of a written key.
_TENANT = r"[!-*,-~]{1,200}"
_BODY = re.compile(
    rf"forbear/(?P<tenant>{_TENANT})\n"
    r"(?P<size>0|[1-9][0-9]{0,18})\n"
    r"(?P<root>[A-Za-z0-9+/]{43}=)\n"
    r"timestamp (?P<at>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)\n"
)
_SIGNATURE = re.compile(r"— (?P<name>[!-*,-~]{1,255}) (?P<signature>[A-Za-z0-9+/]+={0,2})")

Code = Literal["malformed", "other-log", "unsigned", "wrong-signature"]


class CheckpointRefused(Exception):
    """A text that is no checkpoint of this log; `code` says why."""

    def __init__(self, code: Code, detail: str) -> None:
        super().__init__(detail)
        self.code: Code = code


@record
class Checkpoint:
    """What a tenant's log was at one instant."""

    tenant: str
    size: int
    root: bytes
    at: datetime

    @property
    def origin(self) -> str:
        """The log's name, which is also the name of the key that signs it."""
        return f"forbear/{self.tenant}"

    @property
    def body(self) -> str:
        """The text that is signed."""
        root = base64.b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{root}\ntimestamp {instant(self.at)}\n"


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """Write a checkpoint as a signed note.

    Raises:
        ValueError: the checkpoint could not be read back.
    """
    if _BODY.fullmatch(checkpoint.body) is None:
        raise ValueError("not a checkpoint that can be written")
    name, body = checkpoint.origin, checkpoint.body
    signature = key_hash(name, key.public_key()) + key.sign(body.encode())
    return f"{body}\n— {name} {base64.b64encode(signature).decode()}\n"


def verify(note: str, tenant: str, keys: Sequence[Ed25519PublicKey]) -> Checkpoint:
    """Read a checkpoint of a tenant's log that one of the keys signed; others' lines are ignored.

    Raises:
        CheckpointRefused: malformed, of another log, or not signed by any of the keys.
    """
    if len(note) > NOTE_CHARACTERS_MAX:
        raise CheckpointRefused("malformed", "longer than any checkpoint")
    body, border, signatures = note.rpartition("\n\n")
    checkpoint = _parse(body + "\n") if border else None
    lines = signatures.removesuffix("\n").split("\n")
    if checkpoint is None or not signatures.endswith("\n") or len(lines) > SIGNATURES_MAX:
        raise CheckpointRefused("malformed", "not in the form of a signed checkpoint")
    if checkpoint.tenant != tenant:
        raise CheckpointRefused("other-log", "a checkpoint of another log")
    name = checkpoint.origin
    known = {key_hash(name, key): key for key in keys}
    is_signed = False
    for line in lines:
        signer, hint, signature = _signature(line)
        key = known.get(hint) if signer == name else None
        if key is None:
            continue
        _require_signature(key, signature, checkpoint)
        is_signed = True
    if not is_signed:
        raise CheckpointRefused("unsigned", "none of the known keys signed it")
    return checkpoint


def key_hash(name: str, key: Ed25519PublicKey) -> bytes:
    """Return the four bytes that tell a signature's key (C2SP signed-note)."""
    return sha256(name.encode() + b"\n" + _ED25519 + _raw(key)).digest()[:_KEY_HASH_BYTES]


def written_key(tenant: str, key: Ed25519PublicKey) -> str:
    """Write a verifier key as C2SP tools take it: name, key hash and key."""
    name = f"forbear/{tenant}"
    encoded = base64.b64encode(_ED25519 + _raw(key)).decode()
    return f"{name}+{key_hash(name, key).hex()}+{encoded}"


def _parse(body: str) -> Checkpoint | None:
    match = _BODY.fullmatch(body)
    if match is None:
        return None
    root = base64.b64decode(match["root"])
    if len(root) != HASH_BYTES or base64.b64encode(root).decode() != match["root"]:
        return None
    try:
        at = datetime.strptime(match["at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return Checkpoint(tenant=match["tenant"], size=int(match["size"]), root=root, at=at)


def _signature(line: str) -> tuple[str, bytes, bytes]:
    match = _SIGNATURE.fullmatch(line)
    try:
        decoded = base64.b64decode(match["signature"], validate=True) if match else b""
    except binascii.Error:
        decoded = b""
    if match is None or len(decoded) <= _KEY_HASH_BYTES:
        raise CheckpointRefused("malformed", "a signature line is malformed")
    return match["name"], decoded[:_KEY_HASH_BYTES], decoded[_KEY_HASH_BYTES:]


def _require_signature(key: Ed25519PublicKey, signature: bytes, checkpoint: Checkpoint) -> None:
    try:
        key.verify(signature, checkpoint.body.encode())
    except InvalidSignature:
        raise CheckpointRefused("wrong-signature", "the signature does not fit") from None


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
