"""Finds what an example says and nobody reads, so that no verdict rests on the rest of it.

Part by part the example is told again without it, and then with the contrary: a part whose absence
and whose contrary both come to the very same facts, requests and answers was not read.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from services.compliance.rules.check import known, moments, timeline, trace

Path = tuple[str | int, ...]

_AS_THEY_ARE = frozenset({"default_tz", "rule", "question", "act", "acts", "timeline", "at", "ev"})
"""Keys without which there is nothing to tell apart."""

_QUESTION = re.compile(r"(what|when|where|who|how|why|which|is|are|can|could|does|do|did)\b")
_MISSED = (
    ArithmeticError, AttributeError, LookupError, RuntimeError, StopIteration, TypeError,
    ValueError,
)  # fmt: skip
_UNHEARD_OF = "zzz"
_LATER = timedelta(days=400)


def parts(vector: dict[str, Any], run: Callable[[dict[str, Any]], object]) -> list[str]:
    """Return the parts of `given` and `when` that nothing reads, by their paths.

    A part that only repeats what would be so anyway is told apart by its words: it is understood if
    the reading of examples knows any of them.
    """
    whole = trace.of(lambda: run(vector))
    return [
        _name(path)
        for path in _paths(vector)
        if not _is_understood(path, _at(vector, path))
        and not any(_differs(whole, variant, run) for variant in _variants(vector, path))
    ]


def _is_understood(path: Path, value: Any) -> bool:
    if isinstance(value, dict):
        return known.is_known(value.get("ev", ""))
    if path[1] == "timeline" and path[-1] in timeline.SAYINGS:
        # Of what somebody said a known word is not enough; a mere question leaves all as it was.
        return bool(_QUESTION.match(str(value).lower()))
    is_bare = isinstance(value, bool | int | float) or value in (None, "none")
    return known.is_free(path[-1]) or (
        known.is_known(path[-1]) and (is_bare or known.is_known(value))
    )


def _differs(
    whole: list[str], variant: dict[str, Any], run: Callable[[dict[str, Any]], object]
) -> bool:
    try:
        return trace.of(lambda: run(variant)) != whole
    except _MISSED:
        return True  # whoever fails for want of it has looked for it


def _paths(vector: dict[str, Any]) -> Iterator[Path]:
    for part in ("given", "when"):
        yield from _within(vector[part], (part,))


def _within(said: Any, path: Path) -> Iterator[Path]:
    """Return the paths of the parts of a mapping; a list of mappings is told item by item."""
    for key, value in said.items():
        here = (*path, key)
        if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
            for number, item in enumerate(value):
                if path == ("given",) and key == "timeline":
                    yield (*here, number)
                yield from _within(item, (*here, number))
        elif isinstance(value, dict) and value:
            yield from _within(value, here)
        elif key not in _AS_THEY_ARE:
            yield here


def _variants(vector: dict[str, Any], path: Path) -> Iterator[dict[str, Any]]:
    yield _changed(vector, path, ())
    if isinstance(path[-1], str):
        for contrary in _contraries(_at(vector, path)):
            yield _changed(vector, path, (contrary,))


def _at(vector: dict[str, Any], path: Path) -> Any:
    value: Any = vector
    for step in path:
        value = value[step]
    return value


def _contraries(value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield value + 1
        yield value + 1000
        yield 0
    elif dates := moments.dates_of(value):
        yield (dates[-1] + _LATER).isoformat()
    elif isinstance(value, list):
        yield []
        yield [_UNHEARD_OF]
    elif isinstance(value, str) and _is_instant(value):
        yield (datetime.fromisoformat(value) + _LATER).isoformat()
    else:
        yield _UNHEARD_OF
        yield True
        yield False


def _is_instant(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _changed(said: Any, path: Path, into: tuple[Any, ...]) -> Any:
    """Return a copy with another value at a path, or with nothing there."""
    step, *rest = path
    copy: Any = dict(said) if isinstance(said, dict) else list(said)
    if rest:
        copy[step] = _changed(copy[step], tuple(rest), into)
    elif into:
        copy[step] = into[0]
    else:
        del copy[step]
    return copy


def _name(path: Path) -> str:
    return ".".join(map(str, path[1:]))
