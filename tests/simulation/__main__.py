"""Runs seeds by hand: one with its trace, or as many as asked for.

`python -m tests.simulation --seed 7 [--mutant NAME]` or `--from 1 --count 2000`.
"""

import argparse
import sys
import time

from tests.simulation.composition import REAL
from tests.simulation.coverage import Reached
from tests.simulation.mutants import MUTANTS
from tests.simulation.running import run_seed
from tests.simulation.seeds import keep_quiet, run_all

DAY_S = 86_400
PROGRESS_EVERY = 20
REACHING_ALL_SEEDS_MIN = 1_000
"""From so many seeds on, a rule that none of them has reached is a failure."""


def main() -> int:
    """Run what was asked for; a violation is a failure."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--mutant", choices=sorted(MUTANTS))
    parser.add_argument("--from", type=int, default=1, dest="first")
    parser.add_argument("--count", type=int, default=200)
    asked = parser.parse_args()
    if asked.seed is not None:
        keep_quiet()
        result = run_seed(asked.seed, MUTANTS[asked.mutant] if asked.mutant else REAL)
        sys.stdout.write(result.text() + "\n")
        return bool(result.violations)
    return _many(range(asked.first, asked.first + asked.count))


def _many(seeds: range) -> int:
    began_s = time.perf_counter()
    days = contacts = failed = 0
    reached = Reached()
    for number, result in enumerate(run_all(seeds), 1):
        days += int(result.virtual_s / DAY_S)
        contacts += result.contacts
        reached.add(result.reached)
        if result.violations:
            failed += 1
            sys.stdout.write(result.text() + "\n")
        if number % PROGRESS_EVERY == 0:
            seconds = time.perf_counter() - began_s
            sys.stderr.write(f"{number} of {len(seeds)} seeds, {failed} failed, {seconds:.0f} s\n")
    seconds = time.perf_counter() - began_s
    sys.stdout.write(reached.text() + "\n")
    missing = reached.missing() if len(seeds) >= REACHING_ALL_SEEDS_MIN else []
    sys.stdout.write(
        f"{len(seeds)} seeds, {days} virtual days, {contacts} contacts, {failed} failed;"
        f" {len(seeds) / seconds:.1f} seeds a second\n"
    )
    return bool(failed or missing)


if __name__ == "__main__":
    sys.exit(main())
