"""Some dozen worlds in which everything goes wrong that may, and nothing that must not."""

import subprocess
import sys

import pytest

from tests.simulation.coverage import Reached
from tests.simulation.running import run_seed
from tests.simulation.seeds import run_all

pytestmark = [pytest.mark.simulation, pytest.mark.slow]

SEEDS = range(1, 41)
RULES_DECIDING_MIN = 50


def test_no_seed_breaks_a_promise() -> None:
    results = list(run_all(SEEDS))
    contacts = sum(each.contacts for each in results)
    reached = Reached()
    for each in results:
        reached.add(each.reached)
    assert contacts > 10 * len(results), "worlds in which hardly anybody is contacted prove little"
    assert len(reached.decided) >= RULES_DECIDING_MIN, reached.text()
    failed = [each for each in results if each.violations]
    assert not failed, "\n\n".join(each.text() for each in failed[:3])


def test_a_seed_is_the_same_world_each_time() -> None:
    assert run_seed(3).digest == run_seed(3).digest
    assert run_seed(3).digest != run_seed(4).digest


def test_a_seed_is_the_same_world_in_another_process() -> None:
    program = (
        "from tests.simulation.seeds import keep_quiet; keep_quiet();"
        "from tests.simulation.running import run_seed; print(run_seed(3).digest)"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(digests) == 1
