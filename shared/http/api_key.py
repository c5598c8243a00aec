"""API keys: `sk_test_` or `sk_live_`, 32 random characters, six of checksum.

The checksum lets scanners and typing errors be recognized without asking a database. Keys have
190 bits of randomness, so a plain SHA-256 digest is what is stored and looked up.
"""

import re
import zlib
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from typing import Literal

from shared.vault.entropy import Entropy, system_entropy

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
RANDOM_CHARACTERS = 32
CHECKSUM_CHARACTERS = 6
_ENTROPY_BYTES = 40  # 129 bits more than needed, so that the remainder below is even

_KEY = re.compile(r"sk_(test|live)_[0-9A-Za-z]{38}")

Mode = Literal["test", "live"]
Code = Literal["malformed-key", "wrong-checksum"]


class ApiKeyRefused(Exception):
    """The text cannot be a key of ours; `code` says why, the text never holds the key."""

    def __init__(self, code: Code) -> None:
        super().__init__(
            "not in the form of an API key"
            if code == "malformed-key"
            else "mistyped: the checksum of the API key does not fit"
        )
        self.code: Code = code


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as its holder has it. `text` is the secret."""

    mode: Mode
    text: str = field(repr=False)

    @property
    def digest(self) -> str:
        """What is stored and looked up in its place."""
        return digest(self.text)

    @property
    def hint(self) -> str:
        """Its beginning, to tell keys apart in a list."""
        return self.text[: len("sk_test_") + 4]


def mint(mode: Mode, entropy: Entropy = system_entropy) -> ApiKey:
    """Make a new key."""
    number = int.from_bytes(entropy(_ENTROPY_BYTES), "big")
    body = f"sk_{mode}_{_base62(number, RANDOM_CHARACTERS)}"
    return ApiKey(mode, body + _checksum(body))


def parse(text: str) -> ApiKey:
    """Read a key.

    Raises:
        ApiKeyRefused: it is malformed or mistyped.
    """
    match = _KEY.fullmatch(text)
    if match is None:
        raise ApiKeyRefused("malformed-key")
    body, checksum = text[:-CHECKSUM_CHARACTERS], text[-CHECKSUM_CHARACTERS:]
    if not compare_digest(_checksum(body), checksum):
        raise ApiKeyRefused("wrong-checksum")
    return ApiKey("live" if match[1] == "live" else "test", text)


def digest(text: str) -> str:
    """Return the digest under which a key is stored."""
    return sha256(text.encode()).hexdigest()


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), CHECKSUM_CHARACTERS)


def _base62(number: int, length: int) -> str:
    characters = []
    for _ in range(length):
        number, remainder = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[remainder])
    return "".join(reversed(characters))
