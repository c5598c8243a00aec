"""What an example says, by the words of its keys: `a.b: c` is said under the words of a and b."""

from collections.abc import Iterator
from typing import Any

from services.compliance.rules.check import vocabulary
from shared.kernel.records import record

_NEGATIVE = frozenset({"not", "no", "without", "un", "fails", "never", "lacks", "omits", "missing"})


@record
class Entry:
    """One value with all the words that lead to it."""

    words: tuple[str, ...]
    value: Any


class Said:
    """The keys and values of an example, nested ones included."""

    def __init__(self, *parts: dict[str, Any]) -> None:
        self.entries = tuple(each for part in parts for each in _flat(part, ()))

    def find(self, *needed: str, without: tuple[str, ...] = ()) -> Any:
        """Return the first value whose key has all these word beginnings, or None."""
        return next(
            (each.value for each in self.entries if _leads(each, needed, without)),
            None,
        )

    def has(self, *needed: str) -> bool:
        """Tell whether a key has all these word beginnings."""
        return any(_leads(each, needed, ()) for each in self.entries)

    def tells(self, *needed: str) -> bool | None:
        """Return whether something is said to be so; None where nothing is said of it.

        "Not monitored: true" says that it is not so.
        """
        for each in self.entries:
            if _leads(each, needed, ()):
                is_so = str(each.value).lower() not in ("false", "none", "no", "", "0", "[]")
                is_so = is_so and vocabulary.words(each.value)[:1] not in (["not"], ["no"])
                return is_so != bool(_NEGATIVE & set(each.words))
        return None

    def mentions(self, *beginnings: str) -> bool:
        """Tell whether one of these word beginnings is anywhere, in a key that holds or a value."""
        return any(
            word.startswith(beginnings)
            for each in self.entries
            if str(each.value).lower() not in ("false", "none", "no", "never")
            for word in (*each.words, *vocabulary.words(each.value))
        )

    def mentions_together(self, *beginnings: str) -> bool:
        """Tell whether one value holds words that begin with all of these."""
        return any(
            all(any(w.startswith(b) for w in vocabulary.words(each.value)) for b in beginnings)
            for each in self.entries
            if isinstance(each.value, str)
        )


def _leads(entry: Entry, needed: tuple[str, ...], without: tuple[str, ...]) -> bool:
    return all(any(word.startswith(each) for word in entry.words) for each in needed) and not any(
        word.startswith(each) for each in without for word in entry.words
    )


def _flat(part: Any, above: tuple[str, ...]) -> Iterator[Entry]:
    if isinstance(part, dict):
        for key, value in part.items():
            yield from _flat(value, (*above, *vocabulary.words(key)))
    else:
        yield Entry(words=above, value=part)
        for each in part if isinstance(part, list) else []:
            if isinstance(each, dict):
                yield from _flat(each, above)
