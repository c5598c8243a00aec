"""TypeIDs: a prefix that says what it is, and a UUIDv7 that sorts by time (TypeID spec 0.3).

Ids are random. They are never derived from anything a caller sends.
"""

import re
from typing import Protocol

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
_PAIRS_AT = range(120, -1, -10)  # bits below each of the thirteen pairs of letters
_SUFFIX = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}\Z")
CANARY = "_0000canary"
"""What is in every id of a canary, and in no other."""
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}

PREFIXES = {
    "agy": "agency (tenant)",
    "crd": "creditor",
    "plc": "placement",
    "acct": "account",
    "cns": "consumer",
    "pty": "party",
    "cp": "contact point",
    "pay": "payment",
    "rev": "payment reversal",
    "plan": "payment plan",
    "hold": "hold",
    "att": "contact attempt",
    "prm": "permit",
    "dec": "decision",
    "clr": "clearance",
    "fact": "protective fact",
    "cst": "consent",
    "inb": "inbound message",
    "dsp": "dispute",
    "ent": "journal entry",
    "evt": "event",
    "key": "API key",
    "req": "request",
    "rpk": "rule pack",
    "rpl": "replay",
}


class Ids(Protocol):
    """Where new ids come from."""

    def new(self, prefix: str) -> str:
        """Return a new id with that prefix."""
        ...


class MalformedId(ValueError):
    """The text is not a TypeID of the expected prefix."""


def encode(prefix: str, value: bytes) -> str:
    """Write 16 bytes as a TypeID."""
    number = int.from_bytes(value, "big")
    return f"{prefix}_{''.join([_PAIRS[number >> bits & 1023] for bits in _PAIRS_AT])}"


def decode(text: str) -> tuple[str, bytes]:
    """Read a TypeID back as prefix and 16 bytes.

    Raises:
        MalformedId: not a TypeID.
    """
    prefix, _, suffix = text.rpartition("_")
    if not prefix or not _SUFFIX.match(suffix):
        raise MalformedId("expected an id such as acct_01h455vb4pex5vsknk084sn02q")
    number = 0
    for letter in suffix:
        number = number << 5 | _VALUES[letter]
    return prefix, number.to_bytes(16, "big")


def canary(prefix: str, number: int) -> str:
    """Return the id of a canary: of the first days of 1970 by its time, so that none is drawn."""
    return f"{prefix}{CANARY}{number:016d}"


def is_canary(name: str) -> bool:
    """Tell whether an id is a canary's, or a stream named by an id is a canary's."""
    return CANARY in name


def is_id(prefix: str, text: str) -> bool:
    """Tell whether the text is a well-formed id of that prefix."""
    return text.startswith(f"{prefix}_") and bool(_SUFFIX.match(text[len(prefix) + 1 :]))
