"""Events and states as bytes: sorted compact JSON, which for our values is RFC 8785.

Keys are ASCII, integers below 2^53 and there are no floats, so sorting keys is all that
canonicalization asks for (tests/unit/shared/test_codec.py holds it against an RFC 8785 library).
"""

from functools import cache
from typing import Any, TypeVar

import msgspec

from shared.kernel.errors import InvariantViolated
from shared.kernel.records import event_name

T = TypeVar("T")


class UnreadableEvent(InvariantViolated):
    """Stored bytes do not fit the event class of their type."""


def encode(value: object) -> bytes:
    """Return the canonical bytes of a record."""
    return msgspec.json.encode(value, order="sorted")


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def decode(kind: type[T], data: bytes) -> T:
    """Read bytes as a record; fields the class does not name are ignored.

    Raises:
        UnreadableEvent: the bytes do not fit.
    """
    wanted: Any = kind
    try:
        value: T = _decoder(wanted).decode(data)
    except msgspec.DecodeError as error:
        raise UnreadableEvent(f"stored bytes do not fit {kind.__qualname__}") from error
    return value


@cache
def classes_by_name(events: tuple[type, ...]) -> dict[str, type]:
    """Map stored names to the event classes of a union."""
    return {event_name(each): each for each in events}
