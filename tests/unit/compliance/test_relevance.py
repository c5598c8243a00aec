"""A rule that is not asked would have said nothing: by every rule's own word, at random gates."""

import os
from random import Random
from typing import get_args

from services.compliance.rules import facts, relevance, rulebook
from tests.unit.compliance.samples import BOOK
from tests.unit.compliance.worlds import a_gate

CASES = int(os.environ.get("CASES", "500"))


def test_rules_not_asked_say_nothing() -> None:
    """Whatever is in force and left out is asked here all the same."""
    left_out, silent = 0, set()
    for seed in range(CASES):
        gate, at = a_gate(Random(seed))
        asked = {id(each) for each in rulebook.relevant(gate, BOOK, at)}
        for each in rulebook.in_force(gate, BOOK, at):
            if id(each) not in asked:
                assert each.rule(each.terms, gate, at) is None, f"{each.terms.rule}, case {seed}"
                left_out += 1
                silent.add(each.terms.rule)
    assert left_out > CASES * 5
    assert silent >= relevance.RELEVANT.keys() - {"work-contact-stopped"}


def test_every_rule_named_is_one_and_every_kind_a_fact() -> None:
    assert relevance.RELEVANT.keys() <= {rulebook.slug(each) for each in rulebook.RULES}
    assert relevance.KINDS <= set(get_args(facts.Fact))
