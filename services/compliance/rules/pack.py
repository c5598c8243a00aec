"""A rule pack: the dated, cited parameters of one jurisdiction, checked and frozen.

Rules are code, their numbers and citations are data: a stricter limit is a change of data, and a
jurisdiction that was not there before is another file.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from services.compliance.rules import wording
from services.compliance.rules.findings import Finding, Flag, Objection, Passage
from shared.kernel.records import record

FEDERAL = "US"
"""The jurisdiction that everybody is in."""


class MalformedPack(ValueError):
    """The pack's document does not say what the rules need."""


@record
class Terms:
    """What one rule goes by under one law: its id and citation, since when, and its parameters.

    Terms that nobody has read in the law itself are kept and marked: `is_verified` is False, and
    `unverified` names the parts of verified ones that are for counsel.
    """

    rule: str
    law: str
    citation: str
    effective_from: date
    effective_until: date | None = None
    is_verified: bool = True
    unverified: tuple[str, ...] = ()
    numbers: dict[str, int] = {}
    names: dict[str, tuple[str, ...]] = {}
    dates: dict[str, date] = {}

    def in_force(self, first: date, last: date) -> bool:
        """Tell whether they apply on any of the local dates from `first` to `last`."""
        if last < self.effective_from:
            return False
        return self.effective_until is None or first < self.effective_until

    def objection(
        self,
        verdict: Literal["defer", "review", "deny"],
        explanation: str,
        facts: dict[str, str | int] | None = None,
        earliest: datetime | None = None,
    ) -> Objection:
        """Build the rule's no, cited."""
        return Objection(
            rule=self.rule,
            law=self.law,
            citation=self.citation,
            explanation=explanation,
            facts=facts or {},
            verdict=verdict,
            earliest=earliest,
            is_verified=self.is_verified,
        )

    def finding(
        self,
        verdict: Literal["flag", "require", "deny"],
        explanation: str,
        passage: Passage | None = None,
    ) -> Finding:
        """Build what the rule says of a message, cited."""
        return Finding(
            rule=self.rule,
            law=self.law,
            citation=self.citation,
            verdict=verdict,
            explanation=explanation,
            passage=passage,
            is_verified=self.is_verified,
        )

    def flag(self, explanation: str, facts: dict[str, str | int] | None = None) -> Flag:
        """Build the rule's flag, cited."""
        return Flag(
            flag=self.rule,
            law=self.law,
            citation=self.citation,
            explanation=explanation,
            facts=facts or {},
            is_verified=self.is_verified,
        )


@record
class RulePack:
    """The terms of a jurisdiction under one version; a rule may have several."""

    pack: str
    version: str
    jurisdiction: str
    terms: tuple[Terms, ...]

    @property
    def label(self) -> str:
        """Name the pack and its version."""
        return f"{self.pack}@{self.version}"


@record
class Parameters:
    """What a pack must and may say of a rule.

    `names_of` lists what a list of names may hold; `phrases` are lists of phrases to look for.
    """

    needed: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    names_of: dict[str, frozenset[str]] = {}
    phrases: tuple[str, ...] = ()


def read(document: Mapping[str, Any], known: Mapping[str, Parameters]) -> RulePack:
    """Turn a parsed pack document into a pack; `known` says what each rule goes by.

    Raises:
        MalformedPack: a field is missing, or a rule, a parameter or a value of one is unknown.
    """
    try:
        pack = RulePack(
            pack=str(document["pack"]),
            version=str(document["version"]),
            jurisdiction=str(document["jurisdiction"]),
            terms=tuple(_terms(row) for row in document["rules"]),
        )
    except (KeyError, TypeError) as missing:
        raise MalformedPack(f"the pack lacks {missing}") from missing
    for terms in pack.terms:
        parameters = known.get(terms.rule)
        if parameters is None:
            raise MalformedPack(f"no such rule: {terms.rule}")
        _check(terms, parameters)
    _check_repeats(pack)
    return pack


def check_whole(packs: Sequence[RulePack], rules: Iterable[str]) -> None:
    """See that packs have, between them, terms for every one of those rules.

    Raises:
        MalformedPack: one of them is missing, and would judge nothing.
    """
    said = {terms.rule for each in packs for terms in each.terms}
    for rule in sorted(set(rules) - said):
        labels = ", ".join(each.label for each in packs)
        raise MalformedPack(f"no terms for the rule {rule} in {labels}")


def _check(terms: Terms, parameters: Parameters) -> None:
    said = terms.numbers.keys() | terms.names.keys() | terms.dates.keys()
    if absent := set(parameters.needed) - said:
        raise MalformedPack(f"{terms.rule} lacks {', '.join(sorted(absent))}")
    if unknown := said - {*parameters.needed, *parameters.optional}:
        raise MalformedPack(f"{terms.rule} has no parameter {', '.join(sorted(unknown))}")
    for name, allowed in parameters.names_of.items():
        if strange := set(terms.names.get(name, ())) - allowed:
            raise MalformedPack(
                f"{terms.rule}: {name} may name {', '.join(sorted(allowed))},"
                f" not {', '.join(sorted(strange))}"
            )
    for name in parameters.phrases:
        try:
            for phrase in terms.names.get(name, ()):
                wording.check_phrase(phrase)
        except ValueError as error:
            raise MalformedPack(f"{terms.rule}: {name}: {error}") from error


def _check_repeats(pack: RulePack) -> None:
    if len(set(map(repr, pack.terms))) != len(pack.terms):
        raise MalformedPack(f"the pack {pack.label} says the same twice")


def _terms(row: Mapping[str, Any]) -> Terms:
    rule = str(row["rule"])
    numbers: dict[str, int] = {}
    names: dict[str, tuple[str, ...]] = {}
    dates: dict[str, date] = {}
    for name, value in (row.get("parameters") or {}).items():
        if isinstance(value, int) and not isinstance(value, bool):
            numbers[name] = value
        elif isinstance(value, list) and all(isinstance(each, str) for each in value):
            names[name] = tuple(value)
        elif type(value) is date:
            dates[name] = value
        else:
            raise MalformedPack(f"{rule}: {name} is no whole number, list of names or date")
    since, until = row["effective_from"], row.get("effective_until")
    if type(since) is not date or (until is not None and type(until) is not date):
        raise MalformedPack(f"{rule}: effective dates are dates")
    is_verified = row.get("verified", True)
    if not isinstance(is_verified, bool):
        raise MalformedPack(f"{rule}: verified is true or false")
    return Terms(
        rule=rule,
        law=str(row["law"]),
        citation=str(row["citation"]),
        effective_from=since,
        effective_until=until,
        is_verified=is_verified,
        unverified=tuple(str(each) for each in row.get("unverified") or ()),
        numbers=numbers,
        names=names,
        dates=dates,
    )
