"""The book: the packs of all jurisdictions together, as one decision is made by them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256

from services.compliance.rules.findings import Flag, Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import FEDERAL, RulePack, Terms
from shared.kernel.records import record

Rule = Callable[[Terms, Gate, datetime], Objection | Flag | None]

LABEL_LENGTH = 16
CACHED_MAX = 4096
"""Combinations of jurisdictions and dates remembered: a day has one for each set of states."""


@record
class Bound:
    """A rule with the terms one jurisdiction gives it."""

    jurisdiction: str
    terms: Terms
    rule: Rule


class Book:
    """Packs, bound to the rules that judge by them, in the order in which they are asked."""

    def __init__(self, packs: Iterable[RulePack], bound: Sequence[Bound]) -> None:
        self.packs = tuple(sorted(packs, key=lambda each: each.label))
        self._bound = tuple(bound)
        self.label = _label(self.packs)
        self.applicable = lru_cache(maxsize=CACHED_MAX)(self._applicable)

    def _applicable(
        self, jurisdictions: frozenset[str], first: date, last: date
    ) -> tuple[Bound, ...]:
        """Return what is asked of someone who may be there, where it is one of these dates."""
        return tuple(
            each
            for each in self._bound
            if each.jurisdiction in jurisdictions and each.terms.in_force(first, last)
        )

    def federal(self, rule: str) -> Terms:
        """Return the terms that federal law gives a rule.

        Raises:
            LookupError: it gives none.
        """
        for each in self._bound:
            if each.jurisdiction == FEDERAL and each.terms.rule == rule:
                return each.terms
        raise LookupError(f"no federal terms for {rule}")


def _label(packs: Sequence[RulePack]) -> str:
    """Name a book by what is in it: whoever changes a number or a date has another book."""
    content = sha256(repr(packs).encode()).hexdigest()
    return f"rulebook@{content[:LABEL_LENGTH]}"
