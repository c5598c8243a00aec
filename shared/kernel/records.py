"""Frozen records and named events.

`@record` turns a class of annotations into an immutable, keyword-only value that compares by
content. `@event` does the same and binds the name under which it is stored for ever; `@variant`
makes one member of a union that is told apart by its `kind`.
"""

from collections.abc import Callable
from typing import Any, TypeVar, dataclass_transform

import msgspec

T = TypeVar("T", bound=object)

_EVENT_NAMES: dict[type, str] = {}


def _build(cls: type[Any], **options: Any) -> Any:
    hidden = {"__dict__", "__weakref__", "__annotations__"}
    namespace = {name: value for name, value in vars(cls).items() if name not in hidden}
    fields: list[Any] = [
        (name, kind, namespace.pop(name)) if name in namespace else (name, kind)
        for name, kind in cls.__dict__.get("__annotations__", {}).items()
    ]
    built = msgspec.defstruct(
        cls.__name__,
        fields,
        namespace=namespace,
        module=cls.__module__,
        frozen=True,
        kw_only=True,
        **options,
    )
    built.__qualname__ = cls.__qualname__
    return built


@dataclass_transform(kw_only_default=True, frozen_default=True)
def record(cls: type[T]) -> type[T]:
    """Make a class of annotations an immutable, keyword-only value."""
    built: type[T] = _build(cls)
    return built


@dataclass_transform(kw_only_default=True, frozen_default=True)
def variant(kind: str) -> Callable[[type[T]], type[T]]:
    """Make a record that is one member of a union; `kind` tells it apart when stored."""

    def decorate(cls: type[T]) -> type[T]:
        built: type[T] = _build(cls, tag=kind, tag_field="kind")
        return built

    return decorate


@dataclass_transform(kw_only_default=True, frozen_default=True)
def event(name: str) -> Callable[[type[T]], type[T]]:
    """Make a record that is stored under `name` (`forbear.<service>.<event>.v<n>`)."""

    def decorate(cls: type[T]) -> type[T]:
        built: type[T] = _build(cls)
        _EVENT_NAMES[built] = name
        return built

    return decorate


def event_name(cls: type) -> str:
    """Return the stored name of an event class.

    Raises:
        LookupError: the class was not made by `@event`.
    """
    try:
        return _EVENT_NAMES[cls]
    except KeyError:
        raise LookupError(f"{cls.__qualname__} is not an event") from None


def replace(value: T, **changes: Any) -> T:
    """Return a copy of a record with some fields changed."""
    changed: T = msgspec.structs.replace(value, **changes)  # type: ignore[type-var]
    return changed
