"""Looks for every planted bug, and shows which seed found it.

`python -m tests.simulation.mutation [MUTANT ...] [--seeds 150]`

A bug that no seed finds is a gap, in what these worlds do or in what is checked of them.
"""

import argparse
import sys
import time

from tests.simulation.mutants import MUTANTS
from tests.simulation.seeds import find_all

SEEDS_MAX = 150


def main() -> int:
    """Look for those that were asked for; one that is not found is a failure."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.mutation")
    parser.add_argument("mutants", nargs="*", metavar="MUTANT", choices=[*MUTANTS, []])
    parser.add_argument("--from", type=int, default=1, dest="first")
    parser.add_argument("--seeds", type=int, default=SEEDS_MAX)
    asked = parser.parse_args()
    names = asked.mutants or list(MUTANTS)
    began_s = time.perf_counter()
    missed = 0
    seeds = range(asked.first, asked.first + asked.seeds)
    for number, (mutant, result) in enumerate(find_all(names, seeds), 1):
        seconds = time.perf_counter() - began_s
        if result is None:
            missed += 1
            line = "NOT FOUND"
        else:
            line = f"seed {result.seed:4}  {result.violations[0][:110]}"
        sys.stdout.write(f"{number:3} of {len(names)} {seconds:5.0f} s  {mutant:38} {line}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{len(names) - missed} of {len(names)} found within {asked.seeds} seeds\n")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
