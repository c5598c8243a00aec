"""The book: the packs of all jurisdictions together, as one decision is made by them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Generic, TypeVar

import msgspec

from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.findings import Finding, Flag, Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.message import Message
from services.compliance.rules.pack import FEDERAL, RulePack, Terms, document
from services.compliance.rules.relevance import ALWAYS, RELEVANT

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
Rule = Callable[[Terms, Gate, datetime], Objection | Flag | None]
ActRule = Callable[[Terms, ActGate, datetime], Objection | Flag | None]
ContentRule = Callable[[Terms, Message], Iterable[Finding]]

LABEL_LENGTH = 16
CACHED_MAX = 4096
"""Combinations remembered: a day has one for each set of states, times kinds of facts asked of."""


@dataclass(frozen=True, kw_only=True)
class Bound(Generic[R_co]):
    """A rule with the terms one jurisdiction gives it."""

    jurisdiction: str
    terms: Terms
    rule: R_co


class Bindings(Generic[R]):
    """Rules of one kind with their terms, in the order in which they are asked."""

    def __init__(self, bound: Sequence[Bound[R]]) -> None:
        self._bound = tuple(bound)
        self.applicable = lru_cache(maxsize=CACHED_MAX)(self._applicable)
        self.relevant = lru_cache(maxsize=CACHED_MAX)(self._relevant)
        self.among = lru_cache(maxsize=CACHED_MAX)(self._among)

    def __len__(self) -> int:
        """Return how many there are, over all jurisdictions and dates."""
        return len(self._bound)

    def federal(self, rule: str) -> Terms | None:
        """Return the first terms that federal law gives a rule, if it gives any."""
        return next(
            (
                each.terms
                for each in self._bound
                if each.jurisdiction == FEDERAL and each.terms.rule == rule
            ),
            None,
        )

    def jurisdictions_of(self, rule: str) -> frozenset[str]:
        """Return the jurisdictions whose law gives a rule terms."""
        return frozenset(each.jurisdiction for each in self._bound if each.terms.rule == rule)

    def terms_of(self, rule: str) -> Mapping[str, tuple[Terms, ...]]:
        """Return the terms that each jurisdiction's law gives a rule."""
        found: dict[str, tuple[Terms, ...]] = {}
        for each in self._bound:
            if each.terms.rule == rule:
                found[each.jurisdiction] = (*found.get(each.jurisdiction, ()), each.terms)
        return found

    def _applicable(
        self, jurisdictions: frozenset[str], first: date, last: date
    ) -> tuple[Bound[R], ...]:
        """Return what is asked where any of these laws applies, on one of these dates."""
        return tuple(
            each
            for each in self._bound
            if each.jurisdiction in jurisdictions and each.terms.in_force(first, last)
        )

    def _among(
        self, rules: frozenset[str], jurisdictions: frozenset[str], dates: tuple[date, date]
    ) -> tuple[Bound[R], ...]:
        """Return those of them that are of some rules."""
        return tuple(
            each for each in self.applicable(jurisdictions, *dates) if each.terms.rule in rules
        )

    def _relevant(
        self,
        jurisdictions: frozenset[str],
        dates: tuple[date, date],
        kinds: frozenset[type],
        channel: str,
    ) -> tuple[Bound[R], ...]:
        """Return those of them that can say anything where facts of those kinds are known."""
        return tuple(
            each
            for each in self.applicable(jurisdictions, *dates)
            if RELEVANT.get(each.terms.rule, ALWAYS).holds(kinds, channel)
        )


@dataclass(frozen=True, kw_only=True)
class Observed:
    """A pack in shadow: judged by itself beside a decision, and never part of it."""

    pack: RulePack
    book: "Book"


class Book:
    """Packs, bound to the rules that judge by them: on contacts, on other acts, on what is said.

    `observed` are packs in shadow.
    """

    def __init__(
        self,
        packs: Iterable[RulePack],
        bound: Sequence[Bound[Rule]],
        acts: Sequence[Bound[ActRule]] = (),
        content: Sequence[Bound[ContentRule]] = (),
        observed: Sequence[Observed] = (),
    ) -> None:
        self.packs = tuple(sorted(packs, key=place_in_book))
        self.observed = tuple(sorted(observed, key=lambda each: place_in_book(each.pack)))
        self.label = _label(self.packs, [each.pack for each in self.observed])
        self.contact = Bindings(bound)
        self.acts = Bindings(acts)
        self.content = Bindings(content)
        self.applicable = self.contact.applicable
        self.periods = self.acts.jurisdictions_of("limitation-period")
        self.limitations = self.acts.terms_of("limitation-period")

    def federal(self, rule: str) -> Terms:
        """Return the terms that federal law gives a rule.

        Raises:
            LookupError: it gives none.
        """
        found = next(
            (
                terms
                for each in (self.contact, self.acts, self.content)
                if (terms := each.federal(rule)) is not None
            ),
            None,
        )
        if found is None:
            raise LookupError(f"no federal terms for {rule}")
        return found


def place_in_book(pack: RulePack) -> tuple[str, str]:
    """Return what puts packs in one order, however they came together."""
    return pack.label, pack.jurisdiction


def _label(packs: Sequence[RulePack], observed: Sequence[RulePack]) -> str:
    """Name a book by what is in it: whoever changes a number or a date has another book.

    The packs' own documents are named, not how this code keeps them, so that a label outlives it.
    """
    content: list[object] = [document(each) for each in packs]
    if observed:
        content.append({"observed": [document(each) for each in observed]})
    digest = sha256(msgspec.json.encode(content, order="sorted")).hexdigest()
    return f"rulebook@{digest[:LABEL_LENGTH]}"
