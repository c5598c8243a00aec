"""One example of each event type: made from the class alone, so that it never goes out of date."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import inspect

from shared.eventstore import codec
from tests.schemas.fields import field_of, number

INSTANT = "2026-03-02T15:04:05.678900Z"
_SIMPLE: Mapping[type, Any] = {
    inspect.BoolType: True,
    inspect.DateTimeType: INSTANT,
    inspect.DateType: "2026-03-02",
}


class NoSample(Exception):
    """Nobody has said what a text field looks like."""


def example_of(cls: type) -> Any:
    """Return an event as it is stored, with every field filled in.

    Raises:
        NoSample: see `tests/schemas/fields.py`.
    """
    made = msgspec.json.encode(_value("", "", inspect.type_info(cls)))
    return msgspec.json.decode(codec.encode(codec.decode(cls, made)))


def _value(owner: str, name: str, kind: Any) -> Any:
    match kind:
        case inspect.StrType():
            return _text(owner, name)
        case inspect.IntType():
            return number(name)
        case inspect.LiteralType():
            return min(map(str, kind.values))
        case inspect.VarTupleType():
            return [_value(owner, name, kind.item_type)]
        case inspect.DictType():
            return {_text(owner, f"{name}{{}}"): _value(owner, name, kind.value_type)}
        case inspect.UnionType():
            filled = [each for each in kind.types if not isinstance(each, inspect.NoneType)]
            return _value(owner, name, filled[0])
        case inspect.StructType():
            return _record(kind)
        case _:
            return _SIMPLE[type(kind)]


def _record(kind: inspect.StructType) -> dict[str, Any]:
    own = kind.cls.__name__
    fields = {each.encode_name: _value(own, each.encode_name, each.type) for each in kind.fields}
    return {kind.tag_field: kind.tag, **fields} if kind.tag_field else fields


def _text(owner: str, name: str) -> str:
    field = field_of(owner, name)
    if field is None:
        raise NoSample(f"list {owner}.{name} in tests/schemas/fields.py, with a sample")
    return field.sample
