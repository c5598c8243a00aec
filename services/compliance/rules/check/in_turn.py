"""Tells an example again for each of several cases that it lists, one at a time."""

from typing import Any

_MERE_CASES = frozenset(
    {"case", "alternative", "situation", "scenario", "variant", "example", "fact", "condition",
     "circumstance", "version"}
)  # fmt: skip
"""Names of lists whose entries are the example itself, each time with something else in it."""
_TOLD = frozenset({"statement", "saying"})
"""Names of lists whose entries are things that happened."""


_PRESUMED = ("violation", "compliance")


def cases(given: dict[str, Any], count: int) -> list[dict[str, Any]] | None:
    """Return what is given, once for each entry of the one list of that length.

    None where no list has it, or where several do: then nothing says which is meant.
    """
    lists = [
        key
        for key, value in given.items()
        if isinstance(value, list) and len(value) == count and count > 1
    ]
    if len(lists) != 1:
        return None
    (key,) = lists
    rest = {name: value for name, value in given.items() if name != key}
    return [{**rest, **_alone(key, entry)} for entry in given[key]]


def _alone(key: str, entry: Any) -> dict[str, Any]:
    """Return how an example tells of one entry of a list and of no other."""
    one = singular(key)
    if key == "timeline":
        return {"timeline": [entry]}
    if not isinstance(entry, dict):
        return {one: entry}
    if one in _MERE_CASES:
        return entry
    if one in _TOLD and "ev" not in entry:
        return {"timeline": [{"ev": f"{entry.get('medium', 'consumer')}_received", **entry}]}
    return {one: entry}


def singular(key: str) -> str:
    """Return what one thing of a list is called, by the name of the list."""
    before, _, last = key.rpartition("_")
    if last.endswith("ies"):
        last = f"{last[:-3]}y"
    elif last.endswith(("sses", "xes", "ches")):
        last = last[:-2]
    elif last.endswith("s") and not last.endswith("ss"):
        last = last[:-1]
    return f"{before}_{last}" if before else last


def is_of_many(expected: Any) -> bool:
    """Tell whether an answer is a yes or no, a number or a presumption for each of several."""
    return (
        isinstance(expected, list)
        and len(expected) > 1
        and all(isinstance(each, int) or each in _PRESUMED for each in expected)
    )
