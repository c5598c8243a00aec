"""The only reader of request bodies: JSON in which every value means one thing to everyone.

The framework's reader takes the last of two equal keys, turns `NaN` and lone surrogates into
answers of 500, rounds numbers, and reads UTF-16. Here the cheap tests run on every body; the exact
search for what is wrong, with pointers, runs only when one of them has raised suspicion.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

import msgspec

from shared.http.problem import ERRORS_MAX, FieldError, Problem, pointer
from shared.kernel.records import record

INTEGER_LIMIT = 2**53  # RFC 8785 section 3.2.2.3: what every JSON reader reads exactly
DIGITS_MAX = 20


Place = tuple[str | int, ...]


@record
class Limits:
    """How much one body may hold."""

    bytes_max: int = 1024 * 1024
    depth_max: int = 16
    items_max: int = 50_000


DEFAULT_LIMITS = Limits()

_STRINGS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_ONE_BRACKET = bytes.maketrans(b"[]", b"{}")
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_OPEN = ord("{")
_LONG_NUMBER = re.compile(rb"[0-9]{16}")
# Line end and tab are text; every other control character is either an accident or an attack.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_CONTROL_NON_ASCII = re.compile("[\x80-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DOUBTFUL_ESCAPE = re.compile(
    r"\\(?:[bf]|u(?:00[01][0-9a-f]|007f|00[89][0-9a-f]|d[89a-f][0-9a-f]{2}))",
    re.IGNORECASE,
)


def read(raw: bytes, limits: Limits = DEFAULT_LIMITS) -> Any:
    """Read one JSON value from the bytes of a body.

    Raises:
        Problem: what is wrong, with a pointer where there is one; never with a value.
    """
    if len(raw) > limits.bytes_max:
        raise too_large(limits.bytes_max)
    text = _decode(raw)
    _check_shape(raw, limits)
    try:
        value = _parse(text, has_long_numbers=_LONG_NUMBER.search(raw) is not None)
    except _Suspect:
        _refuse(text)
    except json.JSONDecodeError as error:
        raise Problem(
            "malformed-json", f"The body is not JSON from character {error.pos} on."
        ) from None
    if _is_doubtful(text):
        _refuse_if_defective(text)
    return value


def canonical(value: Any) -> bytes:
    """Write a value that was read here in one way only: sorted keys, no white space."""
    return msgspec.json.encode(value, order="sorted")


def too_large(bytes_max: int) -> Problem:
    """Return the problem of a body beyond its limit, which is named."""
    return Problem(
        "body-too-large",
        f"Send a body of at most {bytes_max} bytes.",
        headers={"Connection": "close"},
    )


class _Suspect(Exception):
    """Something is wrong somewhere; where, the exact search tells."""


def _decode(raw: bytes) -> str:
    if raw[:3] == b"\xef\xbb\xbf" or raw[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in raw[:4]:
        raise Problem("encoding")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem("encoding") from None


def _check_shape(raw: bytes, limits: Limits) -> None:
    opened = raw.count(b"[") + raw.count(b"{")
    if opened <= limits.depth_max and raw.count(b",") + opened <= limits.items_max:
        return
    bare = _STRINGS.sub(b"", raw)
    items = bare.count(b",") + bare.count(b"[") + bare.count(b"{")
    brackets = bare.translate(_ONE_BRACKET, _ALL_BUT_BRACKETS)
    if items > limits.items_max:
        # A hundred thousand brackets are often both too many and too deep: depth is told first.
        _check_depth(brackets[: limits.items_max], limits.depth_max)
        raise Problem("too-many-items", f"Send at most {limits.items_max} items.")
    if not _is_shallow(brackets, limits.depth_max):
        _check_depth(brackets, limits.depth_max)


def _is_shallow(brackets: bytes, depth_max: int) -> bool:
    # Each round takes away the innermost level, at the speed of a byte replacement.
    for _ in range(depth_max):
        brackets = brackets.replace(b"{}", b"")
    return not brackets


def _check_depth(brackets: bytes, depth_max: int) -> None:
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket == _OPEN else -1
        if depth > depth_max:
            raise Problem("too-deep", f"Nest objects and arrays at most {depth_max} deep.")


def _is_doubtful(text: str) -> bool:
    if "\\" in text and _DOUBTFUL_ESCAPE.search(text):
        return True
    return "\x7f" in text or (not text.isascii() and _CONTROL_NON_ASCII.search(text) is not None)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    built = dict(pairs)
    if len(built) != len(pairs):
        raise _Suspect
    return built


def _suspect(text: str) -> NoReturn:
    raise _Suspect


def _not_json(text: str) -> NoReturn:
    raise Problem("malformed-json", "NaN and Infinity are not JSON.")


def _exact_integer(text: str) -> int:
    if len(text) > DIGITS_MAX or not -INTEGER_LIMIT < (number := int(text)) < INTEGER_LIMIT:
        raise _Suspect
    return number


_STRICT = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_suspect, parse_constant=_not_json
)
_STRICT_LONG = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_float=_suspect,
    parse_constant=_not_json,
    parse_int=_exact_integer,
)


def _parse(text: str, *, has_long_numbers: bool) -> Any:
    return (_STRICT_LONG if has_long_numbers else _STRICT).decode(text)


class _Pairs(list[tuple[str, Any]]):
    """An object as it was written, equal keys included."""


class _Number(str):
    """A number as it was written."""


_LENIENT = json.JSONDecoder(
    object_pairs_hook=_Pairs, parse_float=_Number, parse_int=_Number, parse_constant=_not_json
)


def _refuse(text: str) -> NoReturn:
    _refuse_if_defective(text)
    raise Problem("malformed-json")  # unreachable unless the two readers disagree


def _refuse_if_defective(text: str) -> None:
    try:
        tree = _LENIENT.decode(text)
    except json.JSONDecodeError as error:
        raise Problem(
            "malformed-json", f"The body is not JSON from character {error.pos} on."
        ) from None
    found: list[FieldError] = []
    for code, place in _defects(tree, ()):
        found.append(FieldError(code=code, pointer=pointer(place)))
        if len(found) > ERRORS_MAX:
            break
    if found:
        raise Problem(found[0].code, errors=found)


def _defects(value: Any, place: Place) -> Iterator[tuple[str, Place]]:
    match value:
        case _Pairs():
            yield from _object_defects(value, place)
        case list():
            for index, child in enumerate(value):
                yield from _defects(child, (*place, index))
        case _Number():
            if defect := _number_defect(value):
                yield defect, place
        case str():
            if defect := _text_defect(value):
                yield defect, place


def _object_defects(pairs: _Pairs, place: Place) -> Iterator[tuple[str, Place]]:
    seen: set[str] = set()
    for key, child in pairs:
        if key in seen:
            yield "duplicate-key", (*place, key)
        seen.add(key)
        if defect := _text_defect(key):
            yield defect, (*place, key)
        yield from _defects(child, (*place, key))


def _text_defect(text: str) -> str | None:
    if _SURROGATE.search(text):
        return "invalid-unicode"
    return "control-character" if _CONTROL.search(text) else None


def _number_defect(text: str) -> str | None:
    if not text.lstrip("-").isdigit():
        return "number-range" if float(text) in (float("inf"), float("-inf")) else "type"
    if len(text) > DIGITS_MAX:
        return "number-too-long"
    return None if -INTEGER_LIMIT < int(text) < INTEGER_LIMIT else "number-range"
