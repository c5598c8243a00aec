"""What examples call an address or number: by its own name, or by how it came into use."""

import re
from typing import Any

from services.compliance.rules.check import vocabulary

_GIVEN_TO = frozenset({"collector", "creditor"})
"""Whoever is told something, which is no address."""


def label_of(item: Any) -> Any:
    """Return the address or number that an event or an entry of a list names, None for none."""
    if not isinstance(item, dict):
        return item
    for key in ("address", "email_address", "number", "email", "to"):
        if isinstance(item.get(key), str) and not _GIVEN_TO & set(vocabulary.words(item[key])):
            return item[key]
    return next((each for each in item.values() if isinstance(each, str) and "@" in each), None)


def label_by_way(said: dict[str, Any]) -> str | None:
    """Return what to call the address of an act that says how it came into use.

    One address that came into use in several ways is as many addresses, each with its own.
    """
    way = next(
        (f"{key} {value}" for key, value in said.items() if is_paragraph(value) or _is_way(key)),
        None,
    )
    is_named = label_of(said) is not None and not any(map(_is_way, said))
    return None if way is None or is_named else f"address by {way}"


def _is_way(key: str) -> bool:
    """Tell whether a key is of the way by which the very address of an act came into use."""
    return bool(_WAYS & set(vocabulary.words(key)))


_WAYS = frozenset({"path", "procedure", "obtained", "basis", "ground", "route"})
_PARAGRAPH = re.compile(r"\bd\W*4\W*(iii|ii|i)(?:\b|_)|6d4(iii|ii|i)(?![a-z])", re.IGNORECASE)


def is_paragraph(value: object) -> bool:
    """Tell whether a value names a procedure by its paragraph, as "6(d)(4)(iii)" does."""
    return paragraph_of(value) is not None


def paragraph_of(value: object) -> str | None:
    """Return the paragraph of 1006.6(d)(4) that a value names: "i", "ii" or "iii"."""
    found = _PARAGRAPH.search(value) if isinstance(value, str) else None
    return None if found is None else (found.group(1) or found.group(2)).lower()
