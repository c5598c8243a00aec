"""Event classes as JSON Schema (2020-12): what a reader of the type has to accept.

Objects are open, because an optional field may be added without a new version. A field with a
default is not required: events that were written before it came are without it.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import inspect

from shared.kernel.money import AMOUNT_LIMIT
from shared.kernel.sealed import Sealed
from tests.schemas.event_types import EventType
from tests.schemas.examples import example_of
from tests.schemas.fields import Field, field_of, says

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID_BASE = "https://forbear.example/schemas/"
PERSONAL = "x-personal-data"

Schema = dict[str, Any]

_INSTANT = {
    "description": "An instant in UTC, to the microsecond.",
    "type": "string",
    "format": "date-time",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?Z$",
}
_SIMPLE: Mapping[type, Schema] = {
    inspect.IntType: {
        "type": "integer",
        "minimum": 1 - AMOUNT_LIMIT,
        "maximum": AMOUNT_LIMIT - 1,
    },
    inspect.BoolType: {"type": "boolean"},
    inspect.NoneType: {"type": "null"},
    inspect.DateType: {"type": "string", "format": "date"},
}
_BASE64 = {"contentEncoding": "base64", "pattern": "^[A-Za-z0-9+/]*={0,2}$"}


class NoSchema(Exception):
    """A field has a type that events do not have."""


def schema_of(event: EventType) -> Schema:
    """Return the schema of one version of an event type, with an example."""
    shape = shape_of(event.cls)
    return {
        "$schema": DIALECT,
        "$id": f"{ID_BASE}{event.path.as_posix()}",
        "title": event.name,
        "description": shape["description"],
        PERSONAL: classes_of_personal_data(shape),
        **{key: shape[key] for key in shape if key not in ("title", "description")},
        "examples": [example_of(event.cls)],
    }


def shape_of(cls: type) -> Schema:
    """Return what data must be like to be read as a class.

    Raises:
        NoSchema: the class has a field that no event may have.
    """
    definitions: dict[str, Schema] = {}
    body = _Writer(definitions).record(inspect.type_info(cls))
    return {**body, **({"$defs": dict(sorted(definitions.items()))} if definitions else {})}


def classes_of_personal_data(schema: Any) -> list[str]:
    """Return how personal the fields within a schema are."""
    if isinstance(schema, list):
        return sorted({each for part in schema for each in classes_of_personal_data(part)})
    if not isinstance(schema, dict):
        return []
    own = [schema[PERSONAL]] if isinstance(schema.get(PERSONAL), str) else []
    return sorted({*own, *classes_of_personal_data(list(schema.values()))})


class _Writer:
    """Writes types down; records that are not events go into the definitions."""

    def __init__(self, definitions: dict[str, Schema]) -> None:
        self._definitions = definitions
        self._classes: dict[str, type] = {}

    def record(self, info: Any) -> Schema:
        """Return the schema of a record."""
        owner = info.cls.__name__
        schema: Schema = {"title": owner, "description": _prose(info.cls), "type": "object"}
        if info.cls is Sealed:
            schema[PERSONAL] = "sealed"
        properties = {each.encode_name: self._property(owner, each) for each in info.fields}
        required = [each.encode_name for each in info.fields if each.required]
        if info.tag_field:
            properties = {info.tag_field: {"const": info.tag}, **properties}
            required = [info.tag_field, *required]
        return {
            **schema,
            "properties": properties,
            **({"required": required} if required else {}),
            "additionalProperties": True,
        }

    def _property(self, owner: str, field: inspect.Field) -> Schema:
        name = field.encode_name
        schema = self._type(owner, name, field.type)
        if meaning := says(owner, name):
            schema = {"description": meaning, **schema}
        if field.default is not msgspec.NODEFAULT:
            schema["default"] = msgspec.to_builtins(field.default)
        elif field.default_factory is not msgspec.NODEFAULT:
            schema["default"] = msgspec.to_builtins(field.default_factory())
        return schema

    def _type(self, owner: str, name: str, kind: Any) -> Schema:
        match kind:
            case inspect.StrType():
                return _text(owner, field_of(owner, name))
            case inspect.DateTimeType():
                return self._defined("Instant", _INSTANT)
            case inspect.LiteralType():
                return {"type": "string", "enum": sorted(kind.values)}
            case inspect.VarTupleType():
                return {"type": "array", "items": self._type(owner, name, kind.item_type)}
            case inspect.DictType():
                return self._mapping(owner, name, kind)
            case inspect.UnionType():
                return {"anyOf": [self._type(owner, name, each) for each in kind.types]}
            case inspect.StructType():
                return self._reference(kind)
            case _ if type(kind) in _SIMPLE:
                return dict(_SIMPLE[type(kind)])
            case _:
                raise NoSchema(f"{owner}.{name} is a {type(kind).__name__}")

    def _mapping(self, owner: str, name: str, kind: inspect.DictType) -> Schema:
        keys = _text(owner, field_of(owner, f"{name}{{}}"))
        return {
            "type": "object",
            "propertyNames": {each: keys[each] for each in keys if each == "pattern"},
            "additionalProperties": self._type(owner, name, kind.value_type),
        }

    def _reference(self, kind: inspect.StructType) -> Schema:
        name = kind.cls.__name__
        if self._classes.setdefault(name, kind.cls) is not kind.cls:
            raise NoSchema(f"two records of one event are both called {name}")
        if name not in self._definitions:
            self._definitions[name] = {}
            self._definitions[name] = self.record(kind)
        return {"$ref": f"#/$defs/{name}"}

    def _defined(self, name: str, schema: Mapping[str, Any]) -> Schema:
        self._definitions[name] = dict(schema)
        return {"$ref": f"#/$defs/{name}"}


def _text(owner: str, field: Field | None) -> Schema:
    schema: Schema = {"type": "string"}
    if owner == "Sealed":
        return schema if field and "/" in field.sample[-2:] else {**schema, **_BASE64}
    if field and field.pattern:
        schema["pattern"] = f"^{field.pattern}$"
    if field and field.personal:
        schema[PERSONAL] = field.personal
    return schema


def _prose(cls: type) -> str:
    paragraphs = (cls.__doc__ or "").strip().split("\n\n")
    return "\n\n".join(" ".join(each.split()) for each in paragraphs)
