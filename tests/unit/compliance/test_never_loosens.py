"""Adding a rule or a pack never loosens a decision, whatever is known and asked.

Contacts, other acts and what is said are judged in turn. `make never-loosens` plays 100,000 cases;
a failing one prints its number, which is its seed.
"""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import replace as with_changes
from datetime import datetime
from random import Random
from typing import Any

import pytest

from services.compliance.rules import content_rules, rulebook
from services.compliance.rules.act_rules import ACT_RULES
from services.compliance.rules.book import Bindings, Book, Bound
from services.compliance.rules.content_rules import ContentJudgement
from services.compliance.rules.findings import Finding, Judgement, Objection
from services.compliance.rules.pack import FEDERAL, RulePack
from services.compliance.rules.rulebook import RULES
from shared.kernel.records import replace
from tests.unit.compliance.samples import BOOK
from tests.unit.compliance.worlds import (
    START,
    a_book,
    a_gate,
    a_message,
    a_pack,
    an_act_gate,
    under,
)

RANK = {"permit": 0, "defer": 1, "review": 2, "deny": 3}
CONTENT_RANK = {"allow": 0, "flag": 1, "require": 2, "deny": 3}
CASES = int(os.environ.get("CASES", "900"))
ALL_REACHED = 50_000
"""So many cases must see every rule speak; fewer, most of them."""


@dataclass(frozen=True)
class Engine:
    """What decides: that of production, or one with a planted fault."""

    bind: Callable[[Sequence[RulePack]], Book] = rulebook.bind
    judge: Callable[[Any, Book, datetime], Judgement] = rulebook.judge
    judge_act: Callable[[Any, Book, datetime], Judgement] = rulebook.judge_act
    judge_content: Callable[[Any, Book, datetime], ContentJudgement] = content_rules.judge
    earliest: Callable[..., datetime | None] = rulebook.earliest_permitted_at
    act_earliest: Callable[..., datetime | None] = rulebook.act_permitted_at


PRODUCTION = Engine()
ON_CONTACTS = tuple(rulebook.slug(each) for each in RULES)
ON_ACTS = tuple(rulebook.slug(each) for each in ACT_RULES)
ON_CONTENT = tuple(content_rules.slug(each) for each in content_rules.RULES)
Said = set[tuple[str, str, str]]
Check = Callable[[Engine, int, Counter[str]], None]


def said(judgement: Judgement) -> Said:
    """Return every no and every flag, by rule, law and verdict."""
    objections = {(each.rule, each.law, each.verdict) for each in judgement.objections}
    return objections | {(each.flag, each.law, "flag") for each in judgement.flags}


def said_of(judgement: ContentJudgement) -> Said:
    """Return every finding on a message, by rule, law and verdict."""
    return {(each.rule, each.law, each.verdict) for each in judgement.findings}


def compare(seed: int, before: Judgement, after: Judgement, seen: Counter[str]) -> None:
    """See that nothing is missing from what is said, and that the verdict is no milder."""
    assert said(before) <= said(after), f"case {seed}: {said(before) - said(after)}"
    assert RANK[before.verdict] <= RANK[after.verdict], f"case {seed}"
    seen[before.verdict] += 1
    seen.update({rule for rule, _, _ in said(after)})


def compare_times(seed: int, earliest: datetime | None, later: datetime | None) -> None:
    """See that the next permitted instant has not come closer."""
    assert later is None or (earliest is not None and earliest <= later), f"case {seed}"


def with_one_more(random: Random, bound: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Return some of what is bound, and the same with one thing more anywhere among it."""
    one, *others = random.sample(list(bound), len(bound))
    some = others[: random.randrange(len(bound))]
    place = random.randrange(len(some) + 1)
    return some, [*some[:place], one, *some[place:]]


def books(engine: Engine, random: Random, rules: tuple[str, ...]) -> tuple[Book, Book]:
    """Return a book, and the same with one pack more, most likely on some of those rules."""
    jurisdiction = random.choice((None, FEDERAL, FEDERAL, "XX", "NY"))
    packs, more = a_book(random), a_pack(random, jurisdiction, rules)
    return engine.bind(packs), engine.bind([*packs, more])


def adding_a_pack(engine: Engine, seed: int, seen: Counter[str]) -> None:
    """Judge a contact without and with one more pack."""
    random = Random(seed)
    (gate, at), (some, more) = a_gate(random), books(engine, random, ON_CONTACTS)
    now, then = under(gate, some), under(gate, more)
    before, after = engine.judge(now, some, at), engine.judge(then, more, at)
    compare(seed, before, after, seen)
    earliest = engine.earliest(now, some, at, before)
    compare_times(seed, earliest, engine.earliest(then, more, at, after))


def adding_a_rule(engine: Engine, seed: int, seen: Counter[str]) -> None:
    """Judge a contact by some of what is bound and by one thing more."""
    random = Random(seed)
    gate, at = a_gate(random)
    some, more = with_one_more(random, rulebook.in_force(gate, BOOK, at))
    before, after = (engine.judge(gate, Book((), each), at) for each in (some, more))
    compare(seed, before, after, seen)
    earliest = engine.earliest(gate, Book((), some), at, before)
    compare_times(seed, earliest, engine.earliest(gate, Book((), more), at, after))


def adding_a_pack_on_acts(engine: Engine, seed: int, seen: Counter[str]) -> None:
    """Judge an act other than a contact without and with one more pack.

    One no may go: that nobody knows a state's limitation period, once a pack says what it is.
    """
    random = Random(seed)
    (gate, at), (some, more) = an_act_gate(random), books(engine, random, ON_ACTS)
    now, then = under(gate, some), under(gate, more)
    before, after = engine.judge_act(now, some, at), engine.judge_act(then, more, at)
    for each in before.objections:
        if each.rule == "time-barred" and each.facts.get("state") in more.periods - some.periods:
            assert said(before) - said(after) <= {(each.rule, each.law, each.verdict)}
            return
    compare(seed, before, after, seen)
    earliest = engine.act_earliest(now, some, at, before)
    compare_times(seed, earliest, engine.act_earliest(then, more, at, after))


def adding_a_rule_on_acts(engine: Engine, seed: int, seen: Counter[str]) -> None:
    """Judge an act other than a contact by some of what is bound and by one thing more."""
    random = Random(seed)
    gate, at = an_act_gate(random)
    days = (at.date(), at.date())
    some, more = with_one_more(random, BOOK.acts.applicable(gate.jurisdictions, *days))
    before, after = (engine.judge_act(gate, Book((), (), each), at) for each in (some, more))
    compare(seed, before, after, seen)
    earliest = engine.act_earliest(gate, Book((), (), some), at, before)
    compare_times(seed, earliest, engine.act_earliest(gate, Book((), (), more), at, after))


def adding_a_pack_on_content(engine: Engine, seed: int, seen: Counter[str]) -> None:
    """Judge a message without and with one more pack; what it is becomes nothing milder either."""
    random = Random(seed)
    message, (some, more) = a_message(random), books(engine, random, ON_CONTENT)
    before = engine.judge_content(message, some, START)
    after = engine.judge_content(message, more, START)
    assert said_of(before) <= said_of(after), f"case {seed}: {said_of(before) - said_of(after)}"
    assert CONTENT_RANK[before.verdict] <= CONTENT_RANK[after.verdict], f"case {seed}"
    assert set(after.disclosures) <= set(before.disclosures), f"case {seed}"
    assert after.is_limited_content <= before.is_limited_content, f"case {seed}"
    assert before.is_communication <= after.is_communication, f"case {seed}"
    seen[before.verdict] += 1
    seen.update({each.rule for each in after.findings})


CHECKS: tuple[Check, ...] = (
    adding_a_pack,
    adding_a_rule,
    adding_a_pack_on_acts,
    adding_a_rule_on_acts,
    adding_a_pack_on_content,
)
REACHED = dict(zip(CHECKS, (*[ON_CONTACTS] * 2, *[ON_ACTS] * 2, ON_CONTENT), strict=True))


def play(check: Check, engine: Engine, cases: int) -> Counter[str]:
    """Check so many cases; return how often each rule and each verdict was heard."""
    seen: Counter[str] = Counter()
    for seed in range(cases):
        check(engine, seed, seen)
    return seen


@pytest.mark.parametrize("check", CHECKS, ids=lambda each: each.__name__)
def test_adding_never_loosens(check: Check) -> None:
    seen = play(check, PRODUCTION, CASES // len(CHECKS))
    fates = {"allow", "flag", "require"} if check is CHECKS[-1] else {"permit", "defer", "review"}
    silent = {*REACHED[check], *fates, "deny"} - seen.keys()
    assert len(silent) <= (0 if CASES >= ALL_REACHED else 40), silent


def state_displaces_federal(packs: Sequence[RulePack]) -> Book:
    """Let a state's terms stand in place of the federal ones for the same rule."""
    local = {each.rule for pack in packs if pack.jurisdiction != FEDERAL for each in pack.terms}
    bound = rulebook.bind(packs)

    def kept(each: Bound[Any]) -> bool:
        return each.jurisdiction != FEDERAL or each.terms.rule not in local

    return _with(packs, bound, kept)


def _with(packs: Sequence[RulePack], bound: Book, kept: Callable[[Bound[Any]], bool]) -> Book:
    everywhere = frozenset(each.jurisdiction for each in packs)
    bindings: list[Bindings[Any]] = [bound.contact, bound.acts, bound.content]
    contact, acts, content = (
        [each for each in one.applicable(everywhere, START.date(), START.date()) if kept(each)]
        for one in bindings
    )
    return Book(packs, contact, acts, content)


def last_word_of_each_rule(packs: Sequence[RulePack]) -> Book:
    """Let the pack that comes last decide alone what a rule goes by."""
    last = {each.rule: (pack.label, each.law) for pack in packs for each in pack.terms}
    alone = {
        id(each)
        for pack in packs
        for each in pack.terms
        if last[each.rule] == (pack.label, each.law)
    }
    return _with(packs, rulebook.bind(packs), lambda each: id(each.terms) in alone)


def _first(judgement: Judgement) -> Judgement:
    """Stop at the first no."""
    return replace(judgement, objections=judgement.objections[:1])


def _mildest(judgement: Judgement) -> Judgement:
    verdicts = [each.verdict for each in judgement.objections]
    return replace(judgement, verdict=min(verdicts, key=RANK.__getitem__, default="permit"))


def _excused(judgement: Judgement) -> Judgement:
    """Take a flag for a human's leave."""
    return replace(judgement, objections=(), verdict="permit") if judgement.flags else judgement


def _mildest_of_content(judgement: ContentJudgement) -> ContentJudgement:
    found: list[Finding] = list(judgement.findings)
    verdict = min((each.verdict for each in found), key=CONTENT_RANK.__getitem__, default="allow")
    return replace(judgement, verdict=verdict)


def soonest(gate: Any, book: Book, at: datetime, judgement: Judgement) -> datetime | None:
    """Believe whichever rule would allow first."""
    return min((each.earliest for each in judgement.objections if each.earliest), default=None)


def a_note_that_lifts(gate: Any, book: Book, at: datetime) -> Judgement:
    """Let one rule's flag do away with another rule's no."""
    judged = rulebook.judge(gate, book, at)
    lifted = any(each.flag == "licence-needed" for each in judged.flags)
    left: tuple[Objection, ...] = tuple(
        each for each in judged.objections if not (lifted and each.rule == "permitted-hours")
    )
    return replace(judged, objections=left)


MUTANTS: dict[str, tuple[Engine, tuple[Check, ...]]] = {
    "a state's terms displace the federal ones": (
        with_changes(PRODUCTION, bind=state_displaces_federal),
        (adding_a_pack, adding_a_pack_on_acts),
    ),
    "the last pack alone says what a rule goes by": (
        with_changes(PRODUCTION, bind=last_word_of_each_rule),
        (adding_a_pack, adding_a_pack_on_acts),
    ),
    "judging stops at the first no": (
        with_changes(
            PRODUCTION,
            judge=lambda *each: _first(rulebook.judge(*each)),
            judge_act=lambda *each: _first(rulebook.judge_act(*each)),
        ),
        (adding_a_rule, adding_a_rule_on_acts),
    ),
    "the mildest no is the verdict": (
        with_changes(
            PRODUCTION,
            judge=lambda *each: _mildest(rulebook.judge(*each)),
            judge_act=lambda *each: _mildest(rulebook.judge_act(*each)),
            judge_content=lambda *each: _mildest_of_content(content_rules.judge(*each)),
        ),
        (adding_a_pack, adding_a_rule, adding_a_pack_on_content),
    ),
    "a flag excuses": (
        with_changes(PRODUCTION, judge=lambda *each: _excused(rulebook.judge(*each))),
        (adding_a_rule,),
    ),
    "one flag lifts one other rule": (
        with_changes(PRODUCTION, judge=a_note_that_lifts),
        (adding_a_rule,),
    ),
    "the soonest of the rules says when": (
        with_changes(PRODUCTION, earliest=soonest, act_earliest=soonest),
        (adding_a_pack, adding_a_rule, adding_a_rule_on_acts),
    ),
}
TRIES = 4_000


@pytest.mark.parametrize("name", MUTANTS)
def test_a_loosening_would_be_found(name: str) -> None:
    engine, checks = MUTANTS[name]
    for check in checks:
        with pytest.raises(AssertionError, match="case"):
            play(check, engine, TRIES)
