"""A communication says that it is from a debt collector; the first says what it is for, too."""

from collections.abc import Iterator
from typing import Literal

from services.compliance.rules import definitions, wording
from services.compliance.rules.findings import Finding
from services.compliance.rules.message import Message
from services.compliance.rules.pack import Terms

Disclosure = Literal["initial", "subsequent"]
SPOKEN = frozenset({"call", "voicemail", "in_person"})

_PARTS: dict[Disclosure, tuple[str, ...]] = {
    "initial": ("attempt", "use"),
    "subsequent": ("collector",),
}
_SAYS = {
    "attempt": "that the collector is attempting to collect a debt",
    "use": "that any information obtained will be used for that purpose",
    "collector": "that it is from a debt collector",
}


def debt_collector_disclosure(terms: Terms, message: Message) -> Iterator[Finding]:
    """Object to a disclosure that is missing, or made in another language than the rest."""
    needed = required_disclosure(message)
    if needed is None or not message.is_said:
        return
    language = message.language[:2]
    if f"attempt_{language}" not in terms.names:
        yield terms.finding(
            "flag", f"Nothing here reads the disclosure in {language}: someone who does must."
        )
        return
    if needed in disclosures(terms, message, language):
        return
    for part in _PARTS[needed]:
        if not wording.has(terms.names[f"{part}_{language}"], message.text):
            elsewhere = _in_another_language(terms, message, part, language)
            yield terms.finding("require", f"The message does not say {_SAYS[part]}{elsewhere}.")


def required_disclosure(message: Message, *, is_communication: bool = True) -> Disclosure | None:
    """Return which disclosure a message needs; without knowing better, the initial one.

    An oral first communication is followed by the initial disclosure in the first written one
    (12 CFR 1006.18(e)(1)). Formal pleadings need none (e)(3), and a third party is told nothing.
    """
    if not is_communication or message.is_about_debt is False:
        return None
    if message.document in ("formal_pleading", "limited_content_message"):
        return None
    if not definitions.is_debt_collector(message.sender):
        return None
    if message.audience == "third_party":
        return None
    if message.is_initial is not False:
        return "initial"
    is_first_in_writing = message.channel not in SPOKEN and message.is_first_in_writing is not False
    if is_first_in_writing and message.was_initial_oral is not False:
        return "initial"
    return "subsequent"


def disclosures(terms: Terms, message: Message, language: str) -> frozenset[Disclosure]:
    """Return the disclosures that a message makes in a language; the initial one says both."""
    said = {
        part
        for part in ("attempt", "use", "collector")
        if wording.has(terms.names.get(f"{part}_{language}", ()), message.text)
    }
    found: set[Disclosure] = set()
    if {"attempt", "use"} <= said:
        found |= {"initial", "subsequent"}
    if "collector" in said:
        found.add("subsequent")
    return frozenset(found)


def _in_another_language(terms: Terms, message: Message, part: str, language: str) -> str:
    others = [
        name
        for name, phrases in terms.names.items()
        if name.startswith(f"{part}_") and not name.endswith(f"_{language}")
        and wording.has(phrases, message.text)
    ]  # fmt: skip
    return ", except in another language than the rest" if others else ""
