"""The words that the reading of worked examples knows, and those that only explain.

Gathered from the tables of the modules that read, so that a word is known once it is read anywhere.
"""

from functools import cache
from types import ModuleType
from typing import Any

from services.compliance.rules.check import (
    acting,
    acts,
    answers,
    attorneys,
    consents,
    contents,
    creditor_notices,
    itemizations,
    labels,
    messages,
    notices,
    other_acts,
    other_facts,
    outright,
    overlays,
    people,
    phrases,
    provenance,
    questions,
    reach,
    rebuttal,
    requests,
    specimens,
    statements,
    timeline,
    told_validation,
    validating,
    vocabulary,
    writing,
)

_READERS: tuple[ModuleType, ...] = (
    acting, acts, answers, attorneys, consents, contents, creditor_notices, itemizations, labels,
    messages, notices, other_acts, other_facts, outright, overlays, people, phrases, provenance,
    questions, reach, rebuttal, requests, specimens, statements, timeline, told_validation,
    validating, vocabulary, writing,
)  # fmt: skip
_NAMED = frozenset(
    {"role", "kind", "type", "form", "doc", "scope", "portion", "by", "under", "told", "local",
     "year", "unsolicited", "rang", "collector", "monitored", "private", "live", "agent", "primary",
     "debtor", "records", "undeliverable", "single", "cumulative", "salutation", "same",
     "substance", "substantially", "similar", "attached", "reaffirmed", "furnished", "viewed",
     "opened", "vetoed", "placed", "shown", "caller", "contacts", "viewable", "storage", "method",
     "electronic", "scanned", "computer", "program", "paper", "originals", "microfiche", "held",
     "reproduces", "reproduced", "accurately", "accurate", "access", "accessible", "contractual",
     "any", "anyone", "via", "through", "intended", "intends", "format",
     "nobody", "everyone", "others", "another", "translation", "translator",
     "truncated", "digits", "age", "source", "recognizable", "recognisable", "medical", "card",
     "loan", "mortgage", "auto", "prompts", "formatted", "appeared", "charged", "off",
     "checkbox", "bullets", "employees", "since", "revival",
     "support", "supports"}
)  # fmt: skip
"""Words read by name where no table holds them, and such as only describe."""
_FREE = frozenset(
    {"attached", "attachment", "attachments", "enclosed", "debt", "debts", "itemization", "name",
     "business_name", "platform", "issuer",
     "legal_name", "true_name", "trade_name"}
)  # fmt: skip
"""Keys whose values name something that any word may name."""
_PERSONS_AND_DEBTS = ("P", "S", "T", "D", "M", "N")


@cache
def words() -> frozenset[str]:
    """Return every word that stands in a table of a module that reads examples."""
    found: set[str] = set(_NAMED)
    for module in _READERS:
        for name, value in vars(module).items():
            if name.isupper() or name.lstrip("_").isupper():
                found.update(_within(value))
    return frozenset(found)


def is_free(key: object) -> bool:
    """Tell whether a key takes any value: it names something, and nothing hangs on the name."""
    return str(key) in _FREE


def is_known(said: object) -> bool:
    """Tell whether any word of a key or value is known; dates, numbers, labels and names are."""
    if isinstance(said, list):
        return any(map(is_known, said))
    text = str(said)
    if text.istitle() or "@" in text or text.isupper():  # a name or an address
        return True
    if len(text) == 2 and text[0] in _PERSONS_AND_DEBTS:  # a label
        return True
    named = vocabulary.words(text)
    return any(each in words() or each.isdigit() for each in named)


def _within(value: Any) -> set[str]:
    match value:
        case str():
            return set(vocabulary.words(value))
        case dict():
            return {word for pair in value.items() for each in pair for word in _within(each)}
        case tuple() | list() | set() | frozenset():
            return {word for each in value for word in _within(each)}
        case _:
            return set()
