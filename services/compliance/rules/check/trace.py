"""What reading an example came to: facts told, requests made, answers found.

Kept only while somebody listens: `unread` compares the traces of an example and of variants of it.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

_HEARD: ContextVar[list[str] | None] = ContextVar("heard", default=None)
_ANSWERS: ContextVar[dict[object, Any] | None] = ContextVar("answers", default=None)


def note(*what: object) -> None:
    """Keep what came of a part of an example, if anybody listens; a pair is a key's answer."""
    heard = _HEARD.get()
    if heard is not None:
        heard.append(repr(what))
    answers = _ANSWERS.get()
    if answers is not None and len(what) == 2 and isinstance(what[0], str):
        answers[what[0]] = what[1]


def of(run: Callable[[], object]) -> list[str]:
    """Run something and return what was noted meanwhile."""
    heard: list[str] = []
    token = _HEARD.set(heard)
    try:
        run()
    finally:
        _HEARD.reset(token)
    return heard


def answers_of(run: Callable[[], object]) -> dict[object, Any]:
    """Run something and return the answers found meanwhile, by their keys."""
    answers: dict[object, Any] = {}
    token = _ANSWERS.set(answers)
    try:
        run()
    finally:
        _ANSWERS.reset(token)
    return answers
