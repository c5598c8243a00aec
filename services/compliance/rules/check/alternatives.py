"""Acts that are judged each by itself: they tell facts of their own, or are things said."""

from typing import Any

from services.compliance.rules.check import acts, vocabulary

_OWN = frozenset(
    {"consent", "consents", "consented", "court", "attorney", "attorneys", "lawyer", "counsel",
     "represented", "opted", "verification", "known", "knows"}
)  # fmt: skip
_GIVEN_TO = frozenset({"given", "to"})
_OF_EMPLOYERS = frozenset({"prohibits", "prohibited", "forbids", "allows", "permits"})
_NO_FACTS = frozenset({"act", "at", "send_at", "person", "to", "with", "debts", "purpose", "says"})
_SPOKEN = frozenset({"state", "say", "tell", "mention", "speak"})


_OF_REQUEST = ("act", "person", "to", "with", "purpose", "medium", "channel", "number", "address",
               "email_address")  # fmt: skip


def with_shared_act(vector: dict[str, Any]) -> dict[str, Any]:
    """Return an example whose acts each name what they are, where it is said once for all of them.

    What an entry says of itself goes before what is said of all.
    """
    given, when = vector["given"], vector["when"]
    said = when.get("acts")
    if not is_act_shared(vector) or not isinstance(said, list):
        return vector
    shared = {
        key: part[key] for part in (given, when) for key in _OF_REQUEST if _is_named(part.get(key))
    }
    return {**vector, "when": {**when, "acts": [{**shared, **each} for each in said]}}


def is_act_shared(vector: dict[str, Any]) -> bool:
    """Tell whether no entry of the acts asked about names an act, and one is named for them all."""
    said = vector["when"].get("acts")
    is_named = any(_is_named(vector[part].get("act")) for part in ("given", "when"))
    return (
        is_named
        and isinstance(said, list)
        and all(isinstance(each, dict) and "act" not in each for each in said)
    )


def _is_named(said: object) -> bool:
    return isinstance(said, str)


def each_alone(given: dict[str, Any], when: dict[str, Any]) -> list[tuple[dict[str, Any], Any]]:
    """Return what is given and asked for each act by itself; none where they follow on each other.

    What an act tells of consent, courts, attorneys or employers holds for that act and no other, so
    such acts are alternatives. So are several things to say: they are said in one conversation.
    """
    said = acts.said_acts(when)
    if len(said) < 2 or not any(_own(each) or _is_spoken(each) for each in said):
        return []
    return [
        (
            {**given, **_own(each)},
            {**when, "acts": [{key: each[key] for key in each if key not in _own(each)}]},
        )
        for each in said
    ]


def _own(said: dict[str, Any]) -> dict[str, Any]:
    """Return the facts that an act tells."""
    found: dict[str, Any] = {}
    for key, value in said.items():
        words = set(vocabulary.words(key))
        if key in _NO_FACTS:
            continue
        if words & _OWN or ("employer" in words and words & _OF_EMPLOYERS) or _GIVEN_TO <= words:
            found[key] = value
    return as_given(found)


def as_given(told: dict[str, Any]) -> dict[str, Any]:
    """Return facts that an act tells as an example would: to whom is said of a consent."""
    found: dict[str, Any] = {}
    for key, value in told.items():
        if _GIVEN_TO <= set(vocabulary.words(key)):
            found["consent"] = {key: value}
        else:
            found[key] = value
    return found


def _is_spoken(said: dict[str, Any]) -> bool:
    return vocabulary.words(said.get("act", ""))[:1] in [[each] for each in _SPOKEN]
