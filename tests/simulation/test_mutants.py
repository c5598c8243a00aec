"""The simulation finds planted bugs: a check that never objects would prove nothing.

A handful here; `make mutants` looks for all of them.
"""

import pytest

from tests.simulation.hints import HINTS
from tests.simulation.mutants import MUTANTS
from tests.simulation.seeds import find_all

pytestmark = [pytest.mark.simulation, pytest.mark.slow]

SEEDS = range(1, 21)
MUTANTS_MIN = 75
HANDFUL = (
    "dispatch-without-redeem",
    "redeem-does-not-decide-again",
    "stop-acknowledged-before-commit",
    "checkpoint-before-effect",
    "one-more-for-every-state",
    "six-days-after-a-conversation",
)


def test_a_handful_of_planted_bugs_is_found() -> None:
    found = dict(find_all(HANDFUL, SEEDS))
    assert [name for name, search in found.items() if search.result is None] == []


def test_there_are_bugs_of_many_kinds() -> None:
    assert len(MUTANTS) >= MUTANTS_MIN


def test_only_planted_bugs_have_hints() -> None:
    assert HINTS.keys() <= MUTANTS.keys(), "have `tests.simulation.mutation --record` write them"
