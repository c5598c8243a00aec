"""A rule pack: the dated, cited parameters of one jurisdiction, checked and frozen.

Rules are code, their numbers and citations are data: a stricter limit is a change of data.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from shared.kernel.errors import InvariantViolated
from shared.kernel.records import record


class MalformedPack(ValueError):
    """The pack's document does not say what the rules need."""


@record
class Terms:
    """What one rule goes by: the law's id and citation, since when, and its parameters."""

    rule: str
    law: str
    citation: str
    effective_from: date
    effective_until: date | None = None
    numbers: dict[str, int] = {}
    names: dict[str, tuple[str, ...]] = {}


@record
class RulePack:
    """The terms of every rule of a jurisdiction under one version."""

    pack: str
    version: str
    terms: dict[str, Terms]

    @property
    def label(self) -> str:
        """Name the pack and its version, as decisions store them."""
        return f"{self.pack}@{self.version}"

    def of(self, rule: str) -> Terms:
        """Return the terms of a rule.

        Raises:
            InvariantViolated: the pack was not checked against the rules before use.
        """
        found = self.terms.get(rule)
        if found is None:
            raise InvariantViolated(f"the pack {self.label} has no terms for {rule}")
        return found

    def in_force(self, rule: str, day: date) -> bool:
        """Tell whether the rule applies on that date; unlisted rules do not."""
        terms = self.terms.get(rule)
        if terms is None or day < terms.effective_from:
            return False
        return terms.effective_until is None or day < terms.effective_until


def read(document: Mapping[str, Any], needed: Mapping[str, Iterable[str]]) -> RulePack:
    """Turn a parsed pack document into a pack; `needed` names each rule's parameters.

    Raises:
        MalformedPack: a rule or parameter is missing, unknown or of the wrong kind.
    """
    try:
        rows = {str(row["rule"]): row for row in document["rules"]}
        pack = RulePack(
            pack=str(document["pack"]),
            version=str(document["version"]),
            terms={rule: _terms(rule, row) for rule, row in rows.items()},
        )
    except (KeyError, TypeError) as missing:
        raise MalformedPack(f"the pack lacks {missing}") from missing
    for rule, parameters in needed.items():
        if rule not in pack.terms:
            raise MalformedPack(f"the pack has no terms for the rule {rule}")
        terms = pack.terms[rule]
        absent = set(parameters) - terms.numbers.keys() - terms.names.keys()
        if absent:
            raise MalformedPack(f"{rule} lacks {', '.join(sorted(absent))}")
    unknown = pack.terms.keys() - needed.keys()
    if unknown:
        raise MalformedPack(f"no such rule: {', '.join(sorted(unknown))}")
    return pack


def _terms(rule: str, row: Mapping[str, Any]) -> Terms:
    numbers: dict[str, int] = {}
    names: dict[str, tuple[str, ...]] = {}
    for name, value in (row.get("parameters") or {}).items():
        if isinstance(value, int) and not isinstance(value, bool):
            numbers[name] = value
        elif isinstance(value, list) and all(isinstance(each, str) for each in value):
            names[name] = tuple(value)
        else:
            raise MalformedPack(f"{rule}: {name} is neither a whole number nor a list of names")
    since, until = row["effective_from"], row.get("effective_until")
    if type(since) is not date or (until is not None and type(until) is not date):
        raise MalformedPack(f"{rule}: effective dates are dates")
    return Terms(
        rule=rule,
        law=str(row["law"]),
        citation=str(row["citation"]),
        effective_from=since,
        effective_until=until,
        numbers=numbers,
        names=names,
    )
