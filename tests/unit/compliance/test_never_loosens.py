"""Adding a rule or a pack never loosens a decision, whatever is known and asked.

`make never-loosens` plays 100,000 cases; a failing one prints its number, which is its seed.
"""

import os
from collections.abc import Callable
from random import Random

import pytest

from services.compliance.rules import rulebook
from services.compliance.rules.book import Book
from services.compliance.rules.findings import Judgement, Verdict
from tests.unit.compliance.samples import BOOK
from tests.unit.compliance.worlds import a_book, a_gate, a_pack

RANK: dict[Verdict, int] = {"permit": 0, "defer": 1, "review": 2, "deny": 3}
CASES = int(os.environ.get("CASES", "500"))


def said(judgement: Judgement) -> set[tuple[str, str, str]]:
    """Return every no and every flag, by rule, law and verdict."""
    objections = {(each.rule, each.law, each.verdict) for each in judgement.objections}
    return objections | {(each.flag, each.law, "flag") for each in judgement.flags}


def check_adding_a_pack(seed: int) -> Verdict:
    """Judge a random request without and with one more pack, and compare."""
    random = Random(seed)
    packs, more = a_book(random), a_pack(random, random.choice((None, "VT", "XX", "NY")))
    gate, at = a_gate(random)
    before = rulebook.judge(gate, rulebook.bind(packs), at)
    after = rulebook.judge(gate, rulebook.bind([*packs, more]), at)
    assert said(before) <= said(after), f"case {seed}: {said(before) - said(after)}"
    assert RANK[before.verdict] <= RANK[after.verdict], f"case {seed}"
    return before.verdict


def check_adding_a_rule(seed: int) -> Verdict:
    """Judge a random request by some of what is bound and by one thing more, and compare."""
    random = Random(seed)
    gate, at = a_gate(random)
    bound = list(rulebook.in_force(gate, BOOK, at))
    random.shuffle(bound)
    some = bound[: random.randrange(len(bound))]
    one = bound[len(some)]
    before = rulebook.judge(gate, Book((), some), at)
    after = rulebook.judge(gate, Book((), [*some, one]), at)
    assert said(before) <= said(after), f"case {seed}: {said(before) - said(after)}"
    assert RANK[before.verdict] <= RANK[after.verdict], f"case {seed}"
    earliest = rulebook.earliest_permitted_at(gate, Book((), some), at, before)
    later = rulebook.earliest_permitted_at(gate, Book((), [*some, one]), at, after)
    assert later is None or (earliest is not None and earliest <= later), f"case {seed}"
    return before.verdict


CHECKS = (check_adding_a_pack, check_adding_a_rule)


@pytest.mark.parametrize("check", CHECKS)
def test_adding_never_loosens(check: Callable[[int], Verdict]) -> None:
    verdicts = {check(seed) for seed in range(CASES // len(CHECKS))}
    assert verdicts >= {"permit", "defer", "deny"}  # requests of every fate were among them
