"""What reading an example came to: facts told, requests made, answers found.

Kept only while somebody listens: `unread` compares the traces of an example and of variants of it.
"""

from collections.abc import Callable
from contextvars import ContextVar

_HEARD: ContextVar[list[str] | None] = ContextVar("heard", default=None)


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
