"""Books with a bug each: a number that is off by one, a law that is read too narrowly, a rule that
says nothing.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from services.compliance.rules import facts, rulebook
from services.compliance.rules.act_gate import ActGate
from services.compliance.rules.book import Book, Bound
from services.compliance.rules.gate import Gate
from services.compliance.rules.pack import RulePack, Terms
from services.compliance.rules.slots import Slot
from shared.kernel.records import replace
from tests.simulation.composition import BOOK
from tests.simulation.rule_books import Planted

Rule = Callable[..., Any]


# ------------------------------------------------------------------ other numbers and names


def numbers(rule: str, jurisdiction: str = "", **changes: int) -> Book:
    """Add to the numbers that a rule goes by, where the law gives them."""

    def changed(terms: Terms) -> Terms:
        known = {name: terms.numbers[name] + by for name, by in changes.items()}
        return replace(terms, numbers={**terms.numbers, **known})

    return _with_terms(rule, jurisdiction, changed)


def names(rule: str, parameter: str, *more: str, jurisdiction: str = "") -> Book:
    """Let a rule go by more names than the law gives."""

    def changed(terms: Terms) -> Terms:
        known = (*terms.names.get(parameter, ()), *more)
        return replace(terms, names={**terms.names, parameter: known})

    return _with_terms(rule, jurisdiction, changed)


def _with_terms(rule: str, jurisdiction: str, changed: Callable[[Terms], Terms]) -> Book:
    def of(pack: RulePack) -> RulePack:
        if jurisdiction not in ("", pack.jurisdiction):
            return pack
        terms = tuple(changed(each) if each.rule == rule else each for each in pack.terms)
        return replace(pack, terms=terms)

    return rulebook.bind([of(each) for each in BOOK.packs])


def without_terms(rule: str, is_left_out: Callable[[RulePack, Terms], bool]) -> Book:
    """Ship without some of the terms of a rule."""

    def kept(pack: RulePack) -> RulePack:
        terms = (each for each in pack.terms if each.rule != rule or not is_left_out(pack, each))
        return replace(pack, terms=tuple(terms))

    return rulebook.bind([kept(each) for each in BOOK.packs])


def without_terms_of(rule: str, jurisdiction: str) -> Book:
    """Ship without what one jurisdiction says of a rule."""
    return without_terms(rule, lambda pack, terms: pack.jurisdiction == jurisdiction)


def later(rule: str, jurisdiction: str, days: int) -> Book:
    """Have a law begin some days late."""

    def changed(terms: Terms) -> Terms:
        return replace(terms, effective_from=terms.effective_from + timedelta(days=days))

    return _with_terms(rule, jurisdiction, changed)


def without_pack(name: str) -> Book:
    """Ship without one state's pack."""
    return rulebook.bind([each for each in BOOK.packs if each.pack != name])


# ------------------------------------------------------------------ other rules


def _with_rules(rules: dict[str, Callable[[Rule], Rule]]) -> Book:
    def bound(known: tuple[Bound[Any], ...]) -> list[Bound[Any]]:
        return [
            Bound(
                jurisdiction=each.jurisdiction,
                terms=each.terms,
                rule=rules.get(each.terms.rule, _as_it_is)(each.rule),
            )
            for each in known
        ]

    def plant(book: Book) -> Book:
        return Planted(
            book.packs,
            bound(book.contact._bound),
            bound(book.acts._bound),
            bound(book.content._bound),
            book.observed,
            plant=plant,
        )

    return plant(BOOK)


def _as_it_is(rule: Rule) -> Rule:
    return rule


def silent(*rules: str) -> Book:
    """Let rules never object."""

    def never(rule: Rule) -> Rule:
        return lambda terms, gate, at: None

    return _with_rules(dict.fromkeys(rules, never))


def unread(*rules: str) -> Book:
    """Let rules on what messages say find nothing."""

    def never(rule: Rule) -> Rule:
        return lambda terms, message: ()

    return _with_rules(dict.fromkeys(rules, never))


def blind(rule: str, sees: Callable[[facts.Fact], bool]) -> Book:
    """Let a rule see only some facts."""

    def blinded(known: Rule) -> Rule:
        return lambda terms, gate, at: known(terms, _shown(gate, sees, lambda slot: True), at)

    return _with_rules({rule: blinded})


def forgetful(rule: str, counts: Callable[[Slot], bool]) -> Book:
    """Let a rule see only some attempts."""

    def blinded(known: Rule) -> Rule:
        return lambda terms, gate, at: known(terms, _shown(gate, lambda fact: True, counts), at)

    return _with_rules({rule: blinded})


def unless(rule: str, is_left_out: Callable[[Any], bool]) -> Book:
    """Let a rule leave some requests alone."""

    def narrowed(known: Rule) -> Rule:
        def judge(terms: Terms, gate: Any, at: datetime) -> Any:
            return None if is_left_out(gate.request) else known(terms, gate, at)

        return judge

    return _with_rules({rule: narrowed})


def _shown(gate: Any, sees: Callable[[facts.Fact], bool], counts: Callable[[Slot], bool]) -> Any:
    known = gate._by_kind.values()
    same: dict[str, Any] = {
        "facts": [(key, fact) for kind in known for key, fact in kind if sees(fact)],
        "slots": [slot for slot in gate.slots if counts(slot)],
        "request": gate.request,
        "circumstances": gate.circumstances,
        "is_overfull": gate.is_overfull,
    }
    if isinstance(gate, ActGate):
        return ActGate(**same, periods=gate.periods, reached=gate.reached)
    return Gate(**same, limitations=gate.limitations, reached=gate.reached)


def in_one_place(rule: str) -> Book:
    """Let a rule believe the first evidence of where somebody is, and no other."""

    def narrowed(known: Rule) -> Rule:
        def judge(terms: Terms, gate: Any, at: datetime) -> Any:
            points = [key for key, _ in gate.of(facts.ContactPointKnown)][:1]
            firsts = {id(fact) for key, fact in gate.of(facts.ContactPointKnown) if key in points}
            place = (facts.ContactPointKnown, facts.LocationEvidence)

            def sees(fact: facts.Fact) -> bool:
                return not isinstance(fact, place) or id(fact) in firsts

            return known(terms, _shown(gate, sees, lambda slot: True), at)

        return judge

    return _with_rules({rule: narrowed})


def asked_only(rule: str, channels: Iterable[str]) -> Book:
    """Ask a rule of some channels only, as if it could say nothing elsewhere."""
    where = frozenset(channels)

    def plant(book: Book) -> Book:
        planted = Planted(
            book.packs,
            book.contact._bound,
            book.acts._bound,
            book.content._bound,
            book.observed,
            plant=plant,
        )
        known = planted.contact.relevant

        def relevant(
            jurisdictions: frozenset[str],
            dates: tuple[date, date],
            kinds: frozenset[type],
            channel: str,
        ) -> tuple[Bound[Any], ...]:
            found = known(jurisdictions, dates, kinds, channel)
            return tuple(each for each in found if each.terms.rule != rule or channel in where)

        planted.contact.relevant = relevant  # type: ignore[assignment]
        return planted

    return plant(BOOK)
