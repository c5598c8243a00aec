"""The installation's keys and passwords: drawn once, kept in a file that only its owner reads."""

import base64
import json
import os
import secrets
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.command.databases import ROLES
from services.command.installation import SERVICES
from shared.kernel.records import record

_KEY_BYTES = 32
_SIGNERS = (*SERVICES, "audit")  # audit signs the checkpoints of the audit log


@record
class Keys:
    """Everything secret that an installation needs. Losing it loses every sealed value.

    Bytes are base64 text; a signing key is the 32-byte seed of Ed25519.
    """

    superuser_password: str
    role_passwords: dict[str, str]
    master_key: str
    cursor_key: str
    signing_keys: dict[str, str]

    @property
    def public_keys(self) -> dict[str, str]:
        """Return the public half of every signing key."""
        return {
            signer: _text(
                Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed))
                .public_key()
                .public_bytes_raw()
            )
            for signer, seed in self.signing_keys.items()
        }


def load_or_create(file: Path) -> Keys:
    """Read the file, or draw new keys and write it."""
    if file.exists():
        return load(file)
    keys = draw()
    write_private(file, json.dumps(msgspec.to_builtins(keys), indent=2))
    return keys


def draw() -> Keys:
    """Draw the keys and passwords of a new installation."""
    return Keys(
        superuser_password=secrets.token_hex(_KEY_BYTES),
        role_passwords={role: secrets.token_hex(_KEY_BYTES) for role in ROLES},
        master_key=_text(secrets.token_bytes(_KEY_BYTES)),
        cursor_key=_text(secrets.token_bytes(_KEY_BYTES)),
        signing_keys={signer: _text(secrets.token_bytes(_KEY_BYTES)) for signer in _SIGNERS},
    )


def load(file: Path) -> Keys:
    """Read the file.

    Raises:
        OSError: it is not there.
        msgspec.ValidationError: it is not what was written.
    """
    return msgspec.json.decode(file.read_bytes(), type=Keys)


def write_private(file: Path, text: str) -> None:
    """Write a whole file that only its owner can read, or leave none."""
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    unfinished.rename(file)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
