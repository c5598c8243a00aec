"""What each rule does and goes by, and how two packs differ: for people who read the law.

The words are those of the code, the terms those of the packs: nothing is written down twice.
"""

import inspect
from collections.abc import Iterator
from typing import Any, Literal

from services.compliance.rules import content_rules
from services.compliance.rules.act_rules import ACT_RULES
from services.compliance.rules.book import ActRule, Book, ContentRule, Rule
from services.compliance.rules.contact.permitted_hours import clock
from services.compliance.rules.pack import Parameters, RulePack, Terms, document
from services.compliance.rules.rulebook import KNOWN, RULES, slug
from shared.kernel.records import record, replace

EVERY: dict[str, Rule | ActRule | ContentRule] = {
    **{slug(each): each for each in RULES},
    **{slug(each): each for each in ACT_RULES},
    **{content_rules.slug(each): each for each in content_rules.RULES},
}
"""The rules on contacts, on other acts and on what is said, in the order they are asked in."""


@record
class Given:
    """The terms that one pack gives a rule."""

    pack: str
    jurisdiction: str
    terms: Terms


@record
class Described:
    """A rule: what it does in one sentence and at more length, and where it has terms."""

    rule: str
    summary: str
    about: str
    parameters: Parameters
    given: tuple[Given, ...]


@record
class Difference:
    """One thing that a pack says and another does not; `fields` are what changed, old and new."""

    kind: Literal["added", "removed", "changed"]
    rule: str
    law: str
    fields: dict[str, tuple[str, str]]


def described(book: Book) -> tuple[Described, ...]:
    """Return every rule in the order in which they are asked, with its terms in a book."""
    return tuple(_describe(name, rule, book) for name, rule in EVERY.items())


def find(book: Book, name: str) -> tuple[Described, ...]:
    """Return the rule of that name, or every rule that a law of that id gives terms to."""
    every = described(book)
    named = tuple(each for each in every if each.rule == name.lower().replace("_", "-"))
    if named:
        return named
    by_law = (
        replace(each, given=tuple(one for one in each.given if one.terms.law == name.upper()))
        for each in every
    )
    return tuple(each for each in by_law if each.given)


def parameters_of(terms: Terms) -> Iterator[str]:
    """Yield a rule's parameters as people read them."""
    for name, number in terms.numbers.items():
        time = f" ({clock(number)})" if name.endswith("_minute") else ""
        yield f"{name}: {number}{time}"
    for name, names in terms.names.items():
        yield f"{name}: {', '.join(names)}"
    for name, day in terms.dates.items():
        yield f"{name}: {day}"


def dates_of(terms: Terms) -> str:
    """Write from which date on terms apply, and until which, as a phrase."""
    since = f"from {terms.effective_from}"
    return since if terms.effective_until is None else f"{since} until {terms.effective_until}"


def verification_of(terms: Terms) -> str:
    """Write what of the terms has been read in the law itself."""
    if not terms.is_verified:
        return "no: for counsel"
    return f"but for {', '.join(terms.unverified)}" if terms.unverified else "yes"


def differences(old: RulePack, new: RulePack) -> tuple[Difference, ...]:
    """Return what became of each of the terms, those of one rule and law held together."""
    before, after = (list(document(each)["rules"]) for each in (old, new))
    gone = [each for each in before if each not in after]
    come = [each for each in after if each not in before]
    found = []
    for row in gone:
        heir = next((each for each in come if _subject(each) == _subject(row)), None)
        if heir is not None:
            come.remove(heir)
        found.append(_difference("removed" if heir is None else "changed", row, heir))
    return (*found, *(_difference("added", {}, each) for each in come))


def _describe(name: str, rule: Rule | ActRule | ContentRule, book: Book) -> Described:
    module = inspect.getmodule(rule)
    return Described(
        rule=name,
        summary=" ".join((inspect.getdoc(rule) or "").split("\n\n")[0].split()),
        about=inspect.cleandoc((module.__doc__ if module else None) or ""),
        parameters=KNOWN[name],
        given=tuple(
            Given(pack=pack.label, jurisdiction=pack.jurisdiction, terms=terms)
            for pack in sorted(book.packs, key=lambda each: (each.jurisdiction != "US", each.label))
            for terms in pack.terms
            if terms.rule == name
        ),
    )


def _subject(row: dict[str, Any]) -> tuple[str, str]:
    return row["rule"], row["law"]


def _difference(
    kind: Literal["added", "removed", "changed"],
    old: dict[str, Any],
    new: dict[str, Any] | None,
) -> Difference:
    before, after = _flat(old), _flat(new or {})
    names = dict.fromkeys((*before, *after))
    row = new or old
    return Difference(
        kind=kind,
        rule=row["rule"],
        law=row["law"],
        fields={
            name: (before.get(name, ""), after.get(name, ""))
            for name in names
            if before.get(name) != after.get(name)
        },
    )


def _flat(row: dict[str, Any]) -> dict[str, str]:
    """Write a row's fields as texts, its parameters among them."""
    fields = {name: value for name, value in row.items() if name not in ("rule", "law")}
    fields |= fields.pop("parameters", {})
    return {name: _text(value) for name, value in fields.items()}


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
