"""The simulation finds planted bugs: a check that never objects would prove nothing."""

import sys

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.seeds import find_all

pytestmark = [pytest.mark.simulation, pytest.mark.slow]

SEEDS = range(1, 101)


def test_every_planted_bug_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    missed = []
    for mutant, result in find_all(MUTANTS, SEEDS):
        if result is None:
            missed.append(mutant)
            continue
        with capsys.disabled():
            found = f"\n{mutant}: seed {result.seed}: {result.violations[0][:100]}"
            sys.stdout.write(found)
    assert len(MUTANTS) >= 10
    assert not missed
