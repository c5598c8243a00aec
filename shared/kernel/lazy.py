"""Attributes worked out when they are first asked for."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T_co = TypeVar("T_co", covariant=True)


class lazy(Generic[T_co]):
    """A `cached_property` without its lock, which before Python 3.12 costs more than most values.

    For objects that live within one decision, and so within one task.
    """

    def __init__(self, compute: Callable[[Any], T_co]) -> None:
        self._compute = compute
        self._name = compute.__name__
        self.__doc__ = compute.__doc__

    @overload
    def __get__(self, owner: None, kind: type) -> "lazy[T_co]": ...

    @overload
    def __get__(self, owner: object, kind: type) -> T_co: ...

    def __get__(self, owner: object | None, kind: type) -> "lazy[T_co] | T_co":
        """Return the value; from now on it is a plain attribute."""
        if owner is None:
            return self
        value = owner.__dict__[self._name] = self._compute(owner)
        return value
