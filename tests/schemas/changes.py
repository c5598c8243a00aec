"""What changed between two JSON Schemas: what the new one refuses, and what it newly allows.

A change that *narrows* refuses a value that was valid: who reads with the new schema cannot take
what was written under the old one. A change that *widens* allows a value that was not: who reads
with the old schema cannot take what is written under the new one. An optional property that is
added does neither, since readers pass over what they do not know.

It understands what our generators write, and takes any other difference for both.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from shared.kernel.records import record

Schema = Mapping[str, Any]

_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_EXACT = ("pattern", "format", "multipleOf", "uniqueItems", "contentEncoding", "propertyNames")
_COMPARED = frozenset(
    {
        *_LOWER,
        *_UPPER,
        *_EXACT,
        *("type", "enum", "const", "properties", "required", "items", "additionalProperties"),
        *("$ref", "anyOf", "oneOf"),
    }
)
_ANNOTATIONS = frozenset(
    {
        *("$schema", "$id", "$defs", "title", "description", "default", "examples", "example"),
        *("deprecated", "discriminator", "x-personal-data"),
    }
)


@record
class Change:
    """One difference, and where; `is_growth` is a value or a variant more in a list of them."""

    where: str
    what: str
    narrows: bool
    widens: bool
    is_growth: bool = False

    def __str__(self) -> str:
        return f"{self.where or 'the whole'}: {self.what}"


class UnknownKeyword(Exception):
    """A schema uses a keyword that is not compared; teach `tests/schemas/changes.py` about it."""


def changes(
    old: Schema, new: Schema, *, old_root: Any = None, new_root: Any = None
) -> list[Change]:
    """Return what changed.

    Args:
        old_root: the document that references in `old` lead into; `old` itself unless given.
        new_root: the same for `new`.

    Raises:
        UnknownKeyword: one of them cannot be compared.
    """
    roots = (old_root if old_root is not None else old, new_root if new_root is not None else new)
    return list(dict.fromkeys(_Comparison(*roots).between(old, new, "")))


class _Comparison:
    def __init__(self, old_root: Any, new_root: Any) -> None:
        self._old_root = old_root
        self._new_root = new_root
        self._within: list[tuple[Any, Any]] = []

    def between(self, old: Any, new: Any, where: str) -> Iterator[Change]:
        pair = (old.get("$ref"), new.get("$ref"))
        if pair in self._within:
            return  # a schema that holds itself
        named = any(pair)
        if named:
            self._within.append(pair)
        yield from self._between(old, new, where)
        if named:
            self._within.pop()

    def _between(self, old: Any, new: Any, where: str) -> Iterator[Change]:
        before = _alternatives(old, self._old_root)
        after = _alternatives(new, self._new_root)
        is_list = len(before) > 1 or len(after) > 1
        for key in before.keys() - after.keys():
            if not _is_part(key, after):
                yield Change(where=where, what=f"{key} is refused", narrows=True, widens=False)
        for key in after.keys() - before.keys():
            if not _is_part(key, before):
                yield Change(
                    where=where,
                    what=f"{key} is allowed",
                    narrows=False,
                    widens=True,
                    is_growth=is_list and key != "null" and "anything" not in (*before, *after),
                )
        yield from _number(before, after, where)
        for key in before.keys() & after.keys():
            yield from self._alternative(before[key], after[key], where)

    def _alternative(self, old: Schema, new: Schema, where: str) -> Iterator[Change]:
        yield from _values(old, new, where)
        yield from _bounds(old, new, where)
        for key in _EXACT:
            if old.get(key) != new.get(key) and not _all_match(old, new):
                yield Change(
                    where=where,
                    what=f"{key} was {old.get(key)!r} and is {new.get(key)!r}",
                    narrows=key in new,
                    widens=key in old,
                )
        if "items" in old or "items" in new:
            yield from self.between(old.get("items", {}), new.get("items", {}), f"{where}[]")
        if "properties" in old or "properties" in new:
            yield from self._properties(old, new, where)
        yield from self._others(old, new, where)

    def _properties(self, old: Schema, new: Schema, where: str) -> Iterator[Change]:
        before, after = old.get("properties", {}), new.get("properties", {})
        was, now = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(before.keys() | after.keys()):
            place = f"{where}.{name}" if where else name
            if name not in after:
                yield Change(where=place, what="is removed", narrows=True, widens=True)
            elif name not in before:
                if name in now:
                    yield Change(
                        where=place, what="is new and required", narrows=True, widens=False
                    )
            else:
                if name in now - was:
                    yield Change(where=place, what="became required", narrows=True, widens=False)
                if name in was - now:
                    yield Change(where=place, what="became optional", narrows=False, widens=True)
                yield from self.between(before[name], after[name], place)

    def _others(self, old: Schema, new: Schema, where: str) -> Iterator[Change]:
        was, now = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if isinstance(was, bool) and isinstance(now, bool):
            if was != now:
                what = "other properties are " + ("allowed" if now else "refused")
                yield Change(where=where, what=what, narrows=was, widens=now)
        else:
            yield from self.between(_schema(was), _schema(now), f"{where}.*")


def _schema(value: Any) -> Schema:
    if value is True:
        return {}
    return {"enum": []} if value is False else value


def _alternatives(schema: Any, root: Any) -> dict[str, Schema]:
    """Return the alternatives of a schema by what tells them apart: type, variant, or place."""
    found: dict[str, Schema] = {}
    for each in _flat(schema, root):
        key = _key(each, root)
        place = 1
        while key in found:
            place += 1
            key = f"{_key(each, root)} ({place})"
        found[key] = each
    return found


def _flat(schema: Any, root: Any) -> Iterator[Schema]:
    schema = _resolved(schema, root)
    unknown = schema.keys() - _COMPARED - _ANNOTATIONS
    if unknown := {each for each in unknown if not each.startswith("x-")}:
        raise UnknownKeyword(", ".join(sorted(unknown)))
    options = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if options:
        for each in options:
            yield from _flat(each, root)
    elif isinstance(schema.get("type"), list):
        for each in schema["type"]:
            yield {**schema, "type": each}
    else:
        yield schema


def _resolved(schema: Any, root: Any) -> Schema:
    while "$ref" in schema:
        found = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = {**found, **{key: schema[key] for key in schema.keys() - {"$ref"}}}
    resolved: Schema = schema
    return resolved


def _key(schema: Schema, root: Any) -> str:
    if schema.get("type") == "object":
        for name, each in sorted(schema.get("properties", {}).items()):
            tag = _resolved(each, root).get("const")
            if tag is not None:
                return f"{name} {tag!r}"
        return "object"
    if "type" in schema:
        return str(schema["type"])
    if "const" in schema or "enum" in schema:
        return "string"
    return "anything"


def _is_part(key: str, others: Mapping[str, Schema]) -> bool:
    """Tell whether a key is spoken of elsewhere: anything is all, and integers are numbers."""
    return (
        "anything" in others
        or (key == "integer" and "number" in others)
        or (key == "number" and "integer" in others)
    )


def _number(
    before: Mapping[str, Schema], after: Mapping[str, Schema], where: str
) -> Iterator[Change]:
    if "number" in after and "integer" in before and "number" not in before:
        yield Change(where=where, what="fractions are allowed", narrows=False, widens=True)
    if "number" in before and "integer" in after and "number" not in after:
        yield Change(where=where, what="fractions are refused", narrows=True, widens=False)


def _values(old: Schema, new: Schema, where: str) -> Iterator[Change]:
    was, now = _listed(old), _listed(new)
    if was is None and now is not None:
        yield Change(where=where, what="only listed values are allowed", narrows=True, widens=False)
    elif was is not None and now is None:
        yield Change(where=where, what="any value is allowed", narrows=False, widens=True)
    elif was is not None and now is not None:
        for each in sorted(was - now):
            yield Change(where=where, what=f"{each} is refused", narrows=True, widens=False)
        for each in sorted(now - was):
            yield Change(
                where=where, what=f"{each} is allowed", narrows=False, widens=True, is_growth=True
            )


def _listed(schema: Schema) -> set[str] | None:
    if "const" in schema:
        return {repr(schema["const"])}
    return {repr(each) for each in schema["enum"]} if "enum" in schema else None


def _all_match(old: Schema, new: Schema) -> bool:
    """Tell whether one schema lists values that all have the form that the other asks for."""
    values = old.get("enum") or new.get("enum")
    pattern = old.get("pattern") or new.get("pattern")
    return bool(values and pattern) and all(re.search(str(pattern), each) for each in values or ())


def _bounds(old: Schema, new: Schema, where: str) -> Iterator[Change]:
    for key in (*_LOWER, *_UPPER):
        was, now = old.get(key), new.get(key)
        if was == now:
            continue
        is_lower = key in _LOWER
        tighter = was is None or (now is not None and (now > was if is_lower else now < was))
        yield Change(
            where=where,
            what=f"{key} was {was} and is {now}",
            narrows=tighter,
            widens=not tighter,
        )
