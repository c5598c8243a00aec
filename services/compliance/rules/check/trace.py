"""What reading an example came to: facts told, requests made, answers found.

Kept only while somebody listens: `unread` compares the traces of an example and of variants of it.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

_HEARD: ContextVar[list[str] | None] = ContextVar("heard", default=None)
_R = TypeVar("_R")
_ANSWERED: ContextVar[dict[str, Any] | None] = ContextVar("answered", default=None)


def note(*what: object) -> None:
    """Keep what came of a part of an example, if anybody listens."""
    heard = _HEARD.get()
    if heard is not None:
        heard.append(repr(what))


def of(run: Callable[[], object]) -> list[str]:
    """Run something and return what was noted meanwhile."""
    heard: list[str] = []
    token = _HEARD.set(heard)
    try:
        run()
    finally:
        _HEARD.reset(token)
    return heard


def answer(key: str, found: Any) -> None:
    """Keep what a question was answered, if anybody listens."""
    note(key, found)
    answered = _ANSWERED.get()
    if answered is not None and found is not None:
        answered[key] = found


def answers(run: Callable[[], _R]) -> tuple[dict[str, Any], _R]:
    """Run something and return what its questions were answered, and what came of it."""
    answered: dict[str, Any] = {}
    token = _ANSWERED.set(answered)
    try:
        result = run()
    finally:
        _ANSWERED.reset(token)
    return answered, result
