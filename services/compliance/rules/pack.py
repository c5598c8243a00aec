"""A rule pack: the dated, cited parameters of one jurisdiction, checked and frozen.

Rules are code, their numbers and citations are data: a stricter limit is a change of data, and a
jurisdiction that was not there before is another file.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Literal

from services.compliance.rules import wording
from services.compliance.rules.findings import Finding, Flag, Objection, Passage
from shared.kernel.records import record

FEDERAL = "US"
"""The jurisdiction that everybody is in."""

DAY_MINUTES = 24 * 60
NUMBER_MAX = 10_000
"""The largest number of terms, days included: twenty-seven years."""

YEAR_MIN, YEAR_MAX = 1900, 2200
"""Dates of laws lie between; others leave no room to reckon with them."""

_MOST = {"_minute": DAY_MINUTES, "years": 100}
"""What numbers whose names end like this may be at most."""

_NAME = re.compile(r"(?=.{1,40}\Z)[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
_VERSION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){0,3}\Z")
_PLACE = re.compile(r"[A-Z][A-Z0-9-]{1,15}\Z")
_PACK_FIELDS = ("pack", "version", "jurisdiction", "rules")
_ROW_FIELDS = (
    "rule",
    "law",
    "citation",
    "effective_from",
    "effective_until",
    "verified",
    "unverified",
    "parameters",
)


class MalformedPack(ValueError):
    """The pack's document does not say what the rules need.

    `place` is the JSON Pointer of what is at fault within the document, `fix` says what belongs
    there without a word of what was given.
    """

    def __init__(self, message: str, *, place: str = "", fix: str = "") -> None:
        super().__init__(message)
        self.place = place
        self.fix = fix or "give a pack's document"


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
    if not isinstance(document, Mapping):
        raise MalformedPack("the pack is no mapping", fix="give a mapping: pack, version, …")
    _refuse_others(document, _PACK_FIELDS, "")
    rows = _required(document, "rules", "")
    if not isinstance(rows, list) or not rows:
        raise MalformedPack("rules is no list", place="/rules", fix="list one rule or more")
    pack = RulePack(
        pack=_matching(document, "pack", _NAME, "give a name such as new-york-city"),
        version=_matching(document, "version", _VERSION, 'give a version in quotes: "2026.1"'),
        jurisdiction=_matching(document, "jurisdiction", _PLACE, "give US, a state, or a city"),
        terms=tuple(_terms(row, f"/rules/{number}") for number, row in enumerate(rows)),
    )
    for number, terms in enumerate(pack.terms):
        place = f"/rules/{number}"
        parameters = known.get(terms.rule)
        if parameters is None:
            raise MalformedPack(
                f"no such rule: {terms.rule}",
                place=f"{place}/rule",
                fix="name a rule that there is",
            )
        _check(terms, parameters, f"{place}/parameters")
    _check_repeats(pack)
    return pack


def document(pack: RulePack) -> dict[str, Any]:
    """Return what `read` reads the pack from: what is said in it and no more, dates as text."""
    return {
        "pack": pack.pack,
        "version": pack.version,
        "jurisdiction": pack.jurisdiction,
        "rules": [row_of(each) for each in pack.terms],
    }


def order_of(version: str) -> tuple[int, ...]:
    """Return what tells a newer version from an older one."""
    return tuple(int(part) for part in version.split("."))


def check_whole(packs: Iterable[RulePack], rules: Iterable[str]) -> None:
    """See that packs together have terms for every one of those rules.

    Raises:
        MalformedPack: one of them is missing, and would judge nothing.
    """
    given = tuple(packs)
    for rule in sorted(set(rules) - {terms.rule for each in given for terms in each.terms}):
        labels = " and ".join(each.label for each in given) or "no pack at all"
        raise MalformedPack(
            f"{labels}: no federal terms for the rule {rule}",
            place="/rules",
            fix=f"give terms for the rule {rule}",
        )


def _check(terms: Terms, parameters: Parameters, place: str) -> None:
    said = terms.numbers.keys() | terms.names.keys() | terms.dates.keys()
    takes = ", ".join(sorted({*parameters.needed, *parameters.optional})) or "none"
    if absent := set(parameters.needed) - said:
        names = ", ".join(sorted(absent))
        raise MalformedPack(f"{terms.rule} lacks {names}", place=place, fix=f"give {names}")
    if unknown := said - {*parameters.needed, *parameters.optional}:
        raise MalformedPack(
            f"{terms.rule} has no parameter {', '.join(sorted(unknown))}",
            place=place,
            fix=f"this rule's parameters are: {takes}",
        )
    for name, allowed in parameters.names_of.items():
        if strange := set(terms.names.get(name, ())) - allowed:
            choices = f"{name} may name {', '.join(sorted(allowed))}"
            raise MalformedPack(
                f"{terms.rule}: {choices}, not {', '.join(sorted(strange))}",
                place=f"{place}/{name}",
                fix=choices,
            )
    for name, number in terms.numbers.items():
        _check_number(terms.rule, name, number, f"{place}/{name}")
    if terms.numbers.get("opens_minute", 0) >= terms.numbers.get("closes_minute", DAY_MINUTES):
        raise MalformedPack(
            f"{terms.rule}: the hours end before they begin",
            place=f"{place}/closes_minute",
            fix="give a minute of the day after opens_minute",
        )
    for name in parameters.phrases:
        try:
            for phrase in terms.names.get(name, ()):
                wording.check_phrase(phrase)
        except ValueError as error:
            raise MalformedPack(f"{terms.rule}: {name}: {error}") from error


def _check_number(rule: str, name: str, number: int, place: str) -> None:
    """See that a number is one that time can be reckoned with."""
    least = 1 if name in ("calls_max", "contacts_max") else 0  # none would bar for ever
    most = next((most for end, most in _MOST.items() if name.endswith(end)), NUMBER_MAX)
    if not least <= number <= most:
        raise MalformedPack(
            f"{rule}: {name} is {number}", place=place, fix=f"give {least} to {most}"
        )


def _check_repeats(pack: RulePack) -> None:
    if len(set(map(repr, pack.terms))) != len(pack.terms):
        raise MalformedPack(
            f"the pack {pack.label} says the same twice", place="/rules", fix="say each thing once"
        )


def _terms(row: Any, place: str) -> Terms:
    if not isinstance(row, Mapping):
        raise MalformedPack("a rule is no mapping", place=place, fix="give rule, law, citation, …")
    _refuse_others(row, _ROW_FIELDS, place)
    rule = _text(row, "rule", place)
    numbers, names, dates = _parameters(row.get("parameters") or {}, rule, f"{place}/parameters")
    is_verified = row.get("verified", True)
    if not isinstance(is_verified, bool):
        raise MalformedPack(
            f"{rule}: verified is true or false", place=f"{place}/verified", fix="true or false"
        )
    return Terms(
        rule=rule,
        law=_text(row, "law", place),
        citation=_text(row, "citation", place),
        effective_from=_date(_required(row, "effective_from", place), rule, place),
        effective_until=(
            None
            if row.get("effective_until") is None
            else _date(row["effective_until"], rule, place)
        ),
        is_verified=is_verified,
        unverified=_words(row.get("unverified") or [], rule, f"{place}/unverified"),
        numbers=numbers,
        names=names,
        dates=dates,
    )


def _parameters(
    given: Any, rule: str, place: str
) -> tuple[dict[str, int], dict[str, tuple[str, ...]], dict[str, date]]:
    numbers: dict[str, int] = {}
    names: dict[str, tuple[str, ...]] = {}
    dates: dict[str, date] = {}
    for name, value in given.items() if isinstance(given, Mapping) else [("parameters", None)]:
        if isinstance(value, int) and not isinstance(value, bool):
            numbers[name] = value
        elif isinstance(value, list) and all(isinstance(each, str) for each in value):
            names[name] = tuple(value)
        elif type(value) is date or isinstance(value, str):
            dates[name] = _date(value, rule, f"{place}/{name}")
        else:
            fix = "each is a whole number, a list of names, or a date"
            raise MalformedPack(
                f"{rule}: {name} is no whole number, list of names or date",
                place=place,
                fix=fix,
            )
    return numbers, names, dates


def _words(given: Any, rule: str, place: str) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise MalformedPack(
            f"{rule}: unverified is a list of fields", place=place, fix="list names of fields"
        )
    return tuple(given)


def _text(given: Mapping[str, Any], name: str, place: str) -> str:
    value = _required(given, name, place)
    if not isinstance(value, str):
        raise MalformedPack(f"{name} is no text", place=f"{place}/{name}", fix="give a text")
    return value


def _date(given: Any, rule: str, place: str) -> date:
    """Read a date; JSON has them as text."""
    try:
        day = given if type(given) is date else date.fromisoformat(given)
    except (TypeError, ValueError):
        raise MalformedPack(
            f"{rule}: a date is given as one", place=place, fix="give dates as 2026-06-10"
        ) from None
    if not YEAR_MIN <= day.year <= YEAR_MAX:
        fix = f"give a date from {YEAR_MIN} to {YEAR_MAX}"
        raise MalformedPack(f"{rule}: {day} is out of range", place=place, fix=fix)
    return day


def _required(given: Mapping[str, Any], name: str, place: str) -> Any:
    if given.get(name) in (None, ""):
        raise MalformedPack(
            f"the pack lacks {name}", place=f"{place}/{name}", fix=f"give {name} here"
        )
    return given[name]


def _refuse_others(given: Mapping[str, Any], fields: tuple[str, ...], place: str) -> None:
    if others := [str(each) for each in given if each not in fields]:
        fix = f"the fields here are: {', '.join(fields)}"
        raise MalformedPack(
            f"{place or 'a pack'} has no field {', '.join(others)}", place=place, fix=fix
        )


def _matching(given: Mapping[str, Any], name: str, form: re.Pattern[str], fix: str) -> str:
    value = _required(given, name, "")
    if not isinstance(value, str) or not form.match(value):
        raise MalformedPack(f"{name} has another form: {fix}", place=f"/{name}", fix=fix)
    return value


def row_of(terms: Terms) -> dict[str, Any]:
    """Return what a document says of one rule."""
    row: dict[str, Any] = {
        "rule": terms.rule,
        "law": terms.law,
        "citation": terms.citation,
        "effective_from": terms.effective_from.isoformat(),
    }
    if terms.effective_until is not None:
        row["effective_until"] = terms.effective_until.isoformat()
    if not terms.is_verified:
        row["verified"] = False
    if terms.unverified:
        row["unverified"] = list(terms.unverified)
    if terms.numbers or terms.names or terms.dates:
        row["parameters"] = {
            **terms.numbers,
            **{name: list(each) for name, each in terms.names.items()},
            **{name: each.isoformat() for name, each in terms.dates.items()},
        }
    return row
