"""An answer of several parts goes with what `given` lists: each part is an example of its own.

A list goes with the one list as long, a mapping with the one that has the same names.
"""

from collections.abc import Iterator
from typing import Any

from services.compliance.rules.check import vocabulary
from services.compliance.rules.check.alternatives import (
    as_given,
    is_act_shared,
    with_shared_act,
)

Path = tuple[str, ...]

_CASES = frozenset(
    {"cases", "examples", "variants", "scenarios", "alternatives", "situations", "facts",
     "conditions", "circumstances", "versions"}
)  # fmt: skip
"""Lists that say nothing of what their entries are: facts, each set of an example of its own."""

_SAID = frozenset({"statements", "sayings"})
"""Lists whose entries are things that somebody said, each at a time of its own."""

_OF_EVENTS = frozenset({"timeline", "acts"})
"""Lists whose entries follow one another, or that are read one by one as they are."""


def parts(vector: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Return an example for each entry of an answer; none where no one list goes with it."""
    expected = vector["then"][key]
    if isinstance(expected, dict):
        return _by_name(vector, key, expected)
    if key == "decisions" and any("acts" in vector[part] for part in ("given", "when")):
        return []
    if not isinstance(expected, list) or len(expected) < 2:
        return []
    listings = [
        (part, path, listed)
        for part in ("given", "when")
        for path, listed in _lists(vector[part], ())
        if len(listed) == len(expected)
    ]
    if (
        not listings
        and key != "decisions"
        and len(vector["given"].get("timeline") or []) == len(expected)
    ):
        return _by_event(vector, key, expected)
    if len(listings) > 1:
        # Of several lists as long, the one of descriptions is what is asked about.
        listings = [each for each in listings if all(isinstance(one, dict) for one in each[2])]
    if len(listings) != 1:
        return []
    (part, path, listed) = listings[0]
    if _is_choice(expected, listed):
        return []
    asked = "decision" if key == "decisions" else key
    return [
        {**vector, part: _with_one(vector[part], path, one), "then": {asked: answer},
         "variant": None}
        for one, answer in zip(listed, expected, strict=True)
    ]  # fmt: skip


def each_of_one_list(given: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what is given for each entry of the one list that there is; all of it for no list."""
    listings = list(_lists(given, ()))
    if len(listings) != 1:
        return [given]
    (path, listed) = listings[0]
    return [_with_one(given, path, one) for one in listed]


def alternatives(vector: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an example for each of several acts that have facts of their own and no time.

    Acts without a time that differ in what is so, not in what is asked, do not follow one another.
    """
    said, expected = vector["when"].get("acts"), vector["then"].get("decisions")
    if not isinstance(said, list) or not isinstance(expected, list) or len(said) != len(expected):
        return []
    if vector["then"].keys() != {"decisions"} or not all(isinstance(each, dict) for each in said):
        return []
    if any({"at", "send_at"} & each.keys() for each in said):
        return []
    facts = [as_given({key: each[key] for key in each if key not in _ASKED}) for each in said]
    if not any(facts) and not is_act_shared(vector) and not _differ_in_words(said):
        return []
    vector = with_shared_act(vector)
    said = vector["when"]["acts"]
    return [
        {**vector, "given": {**vector["given"], **own},
         "when": {**vector["when"], "acts": [act]}, "then": {"decisions": [answer]},
         "variant": None}
        for act, own, answer in zip(said, facts, expected, strict=True)
    ]  # fmt: skip


def _differ_in_words(said: list[dict[str, Any]]) -> bool:
    """Tell whether acts are alike but for what is said in them: several wordings of one act."""
    words = [str(each.get("says")) for each in said if "says" in each]
    rest = [{key: value for key, value in each.items() if key != "says"} for each in said]
    return len(set(words)) == len(said) > 1 and all(each == rest[0] for each in rest)


_ASKED = frozenset(
    {"act", "to", "person", "debt", "debts", "medium", "channel", "doc", "document", "content",
     "kind", "purpose", "portion", "number", "says", "form", "platform", "scope", "with"}
)  # fmt: skip
"""What a request says of itself; anything else in an act is a fact."""


def _by_event(vector: dict[str, Any], key: str, expected: list[Any]) -> list[dict[str, Any]]:
    """Return what was so after each event: the last of each example is the one asked about."""
    given = vector["given"]
    return [
        {**vector, "given": {**given, "timeline": given["timeline"][: number + 1]},
         "then": {key: answer}, "variant": None}
        for number, answer in enumerate(expected)
    ]  # fmt: skip


def _by_name(vector: dict[str, Any], key: str, expected: dict[str, Any]) -> list[dict[str, Any]]:
    named = [
        name
        for name, value in vector["given"].items()
        if isinstance(value, dict) and value.keys() == expected.keys()
    ]
    if len(named) != 1 or len(expected) < 2:
        return []
    listed = vector["given"][named[0]]
    return [
        {**vector, "given": _with_one(vector["given"], (named[0],), listed[label]),
         "then": {key: answer}, "variant": None}
        for label, answer in expected.items()
    ]  # fmt: skip


def _is_choice(expected: list[Any], listed: list[Any]) -> bool:
    """Tell whether an answer names entries of the list instead of saying something of each."""
    return not any(isinstance(each, bool) for each in expected) and any(
        each in listed for each in expected
    )


def _lists(said: dict[str, Any], above: Path) -> Iterator[tuple[Path, list[Any]]]:
    for key, value in said.items():
        if isinstance(value, dict):
            yield from _lists(value, (*above, key))
        elif isinstance(value, list) and key not in _OF_EVENTS:
            yield (*above, key), value


def _with_one(said: dict[str, Any], path: Path, one: Any) -> dict[str, Any]:
    """Return the same with one entry in place of the list, and named as one is."""
    key, *rest = path
    if rest:
        return {**said, key: _with_one(said[key], tuple(rest), one)}
    others = {each: value for each, value in said.items() if each != key}
    if isinstance(one, dict) and _CASES & set(vocabulary.words(key)):
        return others | one
    if isinstance(one, dict) and _SAID & set(vocabulary.words(key)) and "timeline" not in said:
        event = {"ev": f"{one.get('medium', 'consumer')}_received", **one}
        return others | {"timeline": [event]}
    name = key if isinstance(one, bool) else _singular(key)
    return {name if each == key else each: one if each == key else value
            for each, value in said.items()}  # fmt: skip


def _singular(key: str) -> str:
    return "_".join(map(_one_of, vocabulary.words(key)))


def _one_of(word: str) -> str:
    if word == "media":
        return "medium"
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
