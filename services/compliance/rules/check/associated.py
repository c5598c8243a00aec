"""Reads the names that an example has stand beside the creditor's, and what they are there."""

import re
from typing import Any

from services.compliance.rules.check import vocabulary
from services.compliance.rules.message import AssociatedName

_RELATIONS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("brand", "cobrand"), "co_brand_on_card"),
    (("logo", "bear", "emblem", "crest"), "logo_on_card"),
    (("treat", "hospital", "clinic", "facility", "care"), "place_of_treatment"),
)
_KINDS = {
    "merchant_brand": "co_brand_on_card",
    "affinity_brand": "logo_on_card",
    "facility_name": "place_of_treatment",
}
_SHOWN = frozenset({"shown", "shows", "beside", "displayed"})
_NAME = re.compile(r"[A-Z][\w&'.-]*(?: (?:of |the )?[A-Z][\w&'.-]*)*")


def names_of(told: dict[str, Any]) -> tuple[AssociatedName, ...]:
    """Return the names that are said to be shown: {name: what it is there}, or the other way."""
    return tuple(
        _shown(str(one), str(other))
        for key, value in told.items()
        if isinstance(value, dict) and _SHOWN & set(vocabulary.words(key))
        for one, other in value.items()
    )


def _shown(one: str, other: str) -> AssociatedName:
    kind = _KINDS.get(one)
    if kind is not None:
        return AssociatedName(name=other, relation=kind)
    return AssociatedName(name=one, relation=_relation(vocabulary.words(other)))


def names_told(told: dict[str, Any]) -> tuple[AssociatedName, ...]:
    """Return the last name that each description of a debt holds, by the word nearest before it."""
    texts = [each for value in told.values() for each in (value if isinstance(value, list)
             else [value]) if isinstance(each, str)]  # fmt: skip
    found = []
    for text in texts:
        for last in list(_NAME.finditer(text))[-1:]:
            words = vocabulary.words(text[: last.start()])
            found.append(AssociatedName(name=last.group(), relation=_relation(words[::-1])))
    return tuple(found)


def _relation(words: list[str]) -> str:
    return next(
        (relation for word in words for begun, relation in _RELATIONS if word.startswith(begun)),
        "_".join(words),  # as it is told: nothing the law names
    )
