"""What can be wrong with a body, made from a right one and its schema, field by field.

Every value that is put in is a canary, so that an answer that echoes anything is caught. What is
expected is what a caller needs: the code, and a pointer to the field where there is one.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.hostile.canaries import NUMBER, TEXT, WORD

Place = tuple[str | int, ...]
Schema = dict[str, Any]

_RAW = "raw-json:"
_RAW_VALUE = re.compile(rf'"{_RAW}((?:[^"\\]|\\.)*)"')
_TWICE = "sent-twice:"
_PARSED = object()


@dataclass(frozen=True)
class BadBody:
    """A body, and how it must be refused."""

    name: str
    content: bytes
    status: int
    code: str | None = None
    pointer: str | None = None


def of(document: Schema, schema: Schema, body: dict[str, Any]) -> list[BadBody]:
    """Return every bad body made out of a right one."""
    return [*_whole(body), *_Walk(document, body).of(schema, body, ())]


def _whole(body: dict[str, Any]) -> Iterator[BadBody]:
    text = json.dumps(body).encode()
    canary = json.dumps(TEXT).encode()
    yield BadBody("nothing", b"", 400, "malformed-json")
    yield BadBody("white space", b" \n", 400, "malformed-json")
    yield BadBody("garbage after it", text + b" " + canary, 400, "malformed-json")
    yield BadBody("cut off", text[:-1], 400, "malformed-json")
    yield BadBody("a comment", b"/* " + canary + b" */" + text, 400, "malformed-json")
    yield BadBody("not UTF-8", text.replace(b'"', b'"\xff\xfe', 1), 400, "encoding")
    yield BadBody("a byte order mark", b"\xef\xbb\xbf" + text, 400, "encoding")
    yield BadBody("UTF-16", text.decode().encode("utf-16"), 400, "encoding")
    yield BadBody("an array", b"[" + text + b"]", 422)
    yield BadBody("a text", canary, 422)
    yield BadBody("a number", str(NUMBER).encode(), 422)
    yield BadBody("null", b"null", 422)
    yield BadBody("a hundred thousand brackets", b"[" * 100_000, 400, "too-deep")
    yield BadBody("many items", b"[" + b"1," * 250_000 + b"1]", 422, "too-many-items")
    yield BadBody("five megabytes", json.dumps({"x": TEXT * 180_000}).encode(), 413)


class _Walk:
    """Goes through a body along its schema and spoils one place at a time."""

    def __init__(self, document: Schema, body: dict[str, Any]) -> None:
        self._document = document
        self._body = body

    def of(self, schema: Schema, value: Any, place: Place) -> Iterator[BadBody]:
        schema = self._resolved(schema, value)
        yield from self._of_any(place)
        match value:
            case dict():
                yield from self._of_object(schema, value, place)
            case list():
                yield from self._wrong(place, "an object for a list", {"ssn": TEXT})
                for index, each in enumerate(value):
                    yield from self.of(schema.get("items", {}), each, (*place, index))
            case bool():
                yield from self._wrong(place, "text for a truth value", "true")
                yield from self._wrong(place, "a number for a truth value", 1)
            case int():
                yield from self._of_integer(place)
            case str():
                yield from self._of_text(schema, place)

    def _of_any(self, place: Place) -> Iterator[BadBody]:
        if not place:
            return
        raw = self._raw
        yield raw(place, "NaN", "NaN", 400, "malformed-json", None)
        yield raw(place, "minus infinity", "-Infinity", 400, "malformed-json", None)
        yield raw(place, "a float", f"{NUMBER}.5", 422, "type")
        yield raw(place, "an exponent", "1e400", 422, "number-range")
        yield raw(place, "forty digits", str(NUMBER) * 4, 400, "number-too-long")
        yield raw(place, "beyond 2^53", "9" * 17, 422, "number-range")
        yield raw(place, "a lone surrogate", '"' + WORD + '\\ud800"', 422, "invalid-unicode")
        yield raw(place, "NUL", '"' + WORD + '\\u0000"', 422, "control-character")
        yield raw(place, "twenty deep", "[" * 20 + "]" * 20, 400, "too-deep", None)

    def _of_object(self, schema: Schema, value: dict[str, Any], place: Place) -> Iterator[BadBody]:
        first = next(iter(value))
        twice = {_TWICE + first: value[first], **value}
        yield self._bad("a key twice", place, twice, 400, "duplicate-key", (*place, first))
        if place:
            yield from self._wrong(place, "text for an object", TEXT)
        if schema.get("additionalProperties", True) is not False:
            return  # whatever is in there is read later, and not by this schema
        for name in ("tenant_id", "__proto__", "status"):
            if name not in schema["properties"]:
                more = {**value, name: TEXT}
                yield self._bad(name, place, more, 422, "unknown-field", (*place, name))
        strange = {**value, TEXT: NUMBER}
        yield self._bad("a strange key", place, strange, 422, "unknown-field", (*place, "*"))
        for name in schema.get("required", ()):
            less = {key: each for key, each in value.items() if key != name}
            yield self._bad(f"no {name}", place, less, 422, "missing", (*place, name))
            null = {**value, name: None}
            yield self._bad(f"null for {name}", place, null, 422, None, (*place, name))
        for name, each in value.items():
            yield from self.of(schema["properties"][name], each, (*place, name))

    def _of_integer(self, place: Place) -> Iterator[BadBody]:
        yield from self._wrong(place, "text for a number", TEXT)
        yield from self._wrong(place, "digits as text", "12")
        yield from self._wrong(place, "true for a number", True)
        yield from self._wrong(place, "a list for a number", [NUMBER])
        yield from self._wrong(place, "minus a lot", -NUMBER)

    def _of_text(self, schema: Schema, place: Place) -> Iterator[BadBody]:
        yield from self._wrong(place, "a number for text", NUMBER)
        yield from self._wrong(place, "an object for text", {"ssn": TEXT, "more": [TEXT]})
        yield from self._wrong(place, "a list for text", [TEXT])
        yield from self._wrong(place, "no text", "")
        yield from self._wrong(place, "far too much text", (TEXT + " ") * 3000)
        if {"pattern", "format", "enum", "const"} & set(schema):
            for name, text in (("other text", TEXT), ("a word", WORD)):
                if not re.match(schema.get("pattern", "$"), text):
                    yield from self._wrong(place, name, text)

    def _wrong(self, place: Place, name: str, value: Any) -> Iterator[BadBody]:
        yield self._bad(name, place, value, 422, None, place)

    def _raw(
        self, place: Place, name: str, text: str, status: int, code: str, pointer: Any = _PARSED
    ) -> BadBody:
        at = place if pointer is _PARSED else None
        return self._bad(name, place, _RAW + text, status, code, at)

    def _bad(
        self,
        name: str,
        place: Place,
        value: Any,
        status: int,
        code: str | None,
        pointer: Place | None,
    ) -> BadBody:
        shown = "/".join(map(str, place))
        at = None if pointer is None else "".join(f"/{part}" for part in pointer)
        content = _encoded(_put(self._body, place, value))
        return BadBody(f"{name} at /{shown}", content, status, code, at)

    def _resolved(self, schema: Schema, value: Any) -> Schema:
        if "$ref" in schema:
            found: Any = self._document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            return self._resolved(found, value)
        if "discriminator" in schema:
            told = schema["discriminator"]
            return self._resolved({"$ref": told["mapping"][value[told["propertyName"]]]}, value)
        if "anyOf" in schema:
            return self._resolved(schema["anyOf"][0], value)
        return schema


def _put(here: Any, place: Place, value: Any) -> Any:
    if not place:
        return value
    first, rest = place[0], place[1:]
    if isinstance(here, list):
        return [_put(each, rest, value) if at == first else each for at, each in enumerate(here)]
    return {key: _put(each, rest, value) if key == first else each for key, each in here.items()}


def _encoded(body: Any) -> bytes:
    text = json.dumps(body).replace(f'"{_TWICE}', '"')
    return _RAW_VALUE.sub(lambda found: str(json.loads(f'"{found[1]}"')), text).encode()
