"""Events at random, made from the types of their fields."""

from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from shared.kernel.money import AMOUNT_LIMIT
from tests.schemas.fields import field_of

_INSTANTS = st.datetimes(
    datetime(1970, 1, 1),  # noqa: DTZ001 - hypothesis wants the bounds without a zone
    datetime(2999, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
_SIMPLE: dict[type, st.SearchStrategy[Any]] = {
    inspect.IntType: st.integers(1 - AMOUNT_LIMIT, AMOUNT_LIMIT - 1),
    inspect.BoolType: st.booleans(),
    inspect.NoneType: st.none(),
    inspect.DateTimeType: _INSTANTS,
    inspect.DateType: st.dates(date(1900, 1, 1)),
}


@cache
def events(cls: type) -> st.SearchStrategy[Any]:
    """Draw events of a class."""
    return _drawn("", "", inspect.type_info(cls)).map(lambda value: msgspec.convert(value, cls))


def anything() -> st.SearchStrategy[Any]:
    """Draw JSON values that stand where something else is expected."""
    return st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**60), 2**60),
        st.just(1.5),
        st.text(max_size=3),
        st.sampled_from(["2026-03-02", "2026-03-02T15:04:05", "2026-03-02T15:04:05Z", "1.5"]),
        st.just([]),
        st.just({}),
        st.just([{}]),
    )


def _drawn(owner: str, name: str, kind: Any) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.StrType():
            return _text(owner, name)
        case inspect.LiteralType():
            return st.sampled_from(list(kind.values))
        case inspect.VarTupleType():
            return st.lists(_drawn(owner, name, kind.item_type), max_size=2)
        case inspect.DictType():
            values = _drawn(owner, name, kind.value_type)
            return st.dictionaries(_text(owner, f"{name}{{}}"), values, max_size=2)
        case inspect.UnionType():
            return st.one_of([_drawn(owner, name, each) for each in kind.types])
        case inspect.StructType():
            return _record(kind)
        case _:
            return _SIMPLE[type(kind)]


def _record(kind: inspect.StructType) -> st.SearchStrategy[Any]:
    own = kind.cls.__name__
    required, optional = (
        {
            each.encode_name: _drawn(own, each.encode_name, each.type)
            for each in kind.fields
            if each.required is wanted
        }
        for wanted in (True, False)
    )
    if kind.tag_field:
        required[kind.tag_field] = st.just(kind.tag)
    return st.fixed_dictionaries(required, optional=optional)


def _text(owner: str, name: str) -> st.SearchStrategy[str]:
    field = field_of(owner, name)
    if field and field.pattern:
        return st.from_regex(field.pattern, fullmatch=True)
    if owner == "Sealed":
        return st.binary(max_size=9).map(lambda value: msgspec.json.encode(value).decode()[1:-1])
    return st.text(max_size=9)
