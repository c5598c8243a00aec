"""Whether something came in writing: on paper, or electronically through what is accepted."""

from typing import Any

from services.compliance.rules.check import vocabulary

SPOKEN = frozenset(
    {"oral", "orally", "telephone", "phone", "call", "spoken", "verbal", "voice", "voicemail",
     "person"}
)  # fmt: skip
_PAPER = frozenset(
    {"mail", "mailed", "letter", "paper", "form", "hand", "courier", "fax", "postal", "delivery"}
)


def is_written(given: dict[str, Any], medium: Any) -> bool:
    """Tell whether something came in writing: electronically, through what is accepted."""
    words = set(vocabulary.words(medium))
    if words & SPOKEN or (words & {"accepted", "accepts"} and words & {"not", "un", "never"}):
        return False
    accepting = [
        (set(vocabulary.words(key)), value)
        for key, value in flat(given)
        if any(word.startswith("accept") for word in vocabulary.words(key))
    ]
    if any(value is False for _, value in accepting):
        return False
    media = [each for _, value in accepting if not isinstance(value, bool)
             for each in (value if isinstance(value, list) else [value])]  # fmt: skip
    if not media or (words & _PAPER and "email" not in words):
        return True
    return any(set(vocabulary.words(each)) & words for each in media)


def flat(said: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return the keys and values of a mapping and of the mappings in it."""
    nested = [each for each in said.values() if isinstance(each, dict)]
    return [*said.items(), *(item for each in nested for item in each.items())]
