"""Reads the names that an example has stand beside the creditor's, and what they are there."""

import re
from typing import Any

from services.compliance.rules.check import vocabulary
from services.compliance.rules.message import AssociatedName

_RELATIONS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("affinity",), "logo_on_card"),
    (("brand", "cobrand", "merchant"), "co_brand_on_card"),
    (("logo", "bear", "emblem", "crest"), "logo_on_card"),
    (("treat", "hospital", "clinic", "facility", "care"), "place_of_treatment"),
)
KINDS = {
    "merchant_brand": "co_brand_on_card",
    "affinity_brand": "logo_on_card",
    "facility_name": "place_of_treatment",
}
_SHOWN = frozenset({"shown", "shows", "beside", "displayed", "displays", "show", "included"})
_NAME = re.compile(r"[A-Z][\w&'.-]*(?: (?:of |the )?[A-Z][\w&'.-]*)*")


def names_of(told: dict[str, Any]) -> tuple[AssociatedName, ...]:
    """Return the names that are said to be shown: {name: what it is there}, or the other way."""
    inner = [
        each
        for value in told.values()
        for each in (value if isinstance(value, list) else [value])
        if isinstance(each, dict)
    ]
    described = [name for each in inner if (name := _described(each)) is not None]
    if described:
        return tuple(described)
    whole = {key: value for each in inner for key, value in each.items()} | told
    alone = _described(whole)
    if alone is not None:
        return (alone,)
    return tuple(
        _shown(str(one), str(other))
        for key, value in told.items()
        if isinstance(value, dict) and (_SHOWN | {"names"}) & set(vocabulary.words(key))
        for one, other in value.items()
    )


def _described(told: dict[str, Any]) -> AssociatedName | None:
    """Return the one name that a description says is shown, by what else is said of that name."""
    key, name = next(
        ((key, value) for key, value in told.items() if isinstance(value, str) and _is_shown(key)),
        (None, None),
    )
    if name is None:
        return None
    others = [(other, value) for other, value in told.items()
              if other != key and isinstance(value, str)]  # fmt: skip
    words = vocabulary.words(name)
    bearing = [other for other, value in others if vocabulary.words(value) == words]
    if not bearing and key in _BARE:
        bearing = [value for _, value in others]  # {name: X, relation: what X is}
    if not bearing:
        return None
    return AssociatedName(name=name, relation=_relation(vocabulary.words(" ".join(bearing))))


_BARE = ("name", "shown_name", "name_shown")


def _is_shown(key: str) -> bool:
    words = set(vocabulary.words(key))
    return bool(_SHOWN & words) or key in _BARE or {"name", "notice"} <= words


def _shown(one: str, other: str) -> AssociatedName:
    kind = KINDS.get(one)
    if kind is not None:
        return AssociatedName(name=other, relation=kind)
    return AssociatedName(name=one, relation=_relation(vocabulary.words(other)))


def names_told(told: dict[str, Any]) -> tuple[AssociatedName, ...]:
    """Return the last name that each description of a debt holds, by the word nearest before it.

    Where the description is nothing but the name, its key says what it is.
    """
    texts = [(key, each) for key, value in told.items() for each in (value if
             isinstance(value, list) else [value]) if isinstance(each, str)]  # fmt: skip
    found = []
    for key, text in texts:
        for last in list(_NAME.finditer(text))[-1:]:
            words = vocabulary.words(text[: last.start()]) or vocabulary.words(key)
            found.append(AssociatedName(name=last.group(), relation=_relation(words[::-1])))
    return tuple(found)


def _relation(words: list[str]) -> str:
    return next(
        (relation for word in words for begun, relation in _RELATIONS if word.startswith(begun)),
        "_".join(words),  # as it is told: nothing the law names
    )
