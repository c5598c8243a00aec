"""Looks for every planted bug, and shows which seed found it and how long that took.

`python -m tests.simulation.mutation [MUTANT ...] [--seeds 150] [--record]`

A bug that no seed finds is a gap, in what these worlds do or in what is checked of them. The seed
that found a bug last time is tried first (`hints`), then the others in order; nothing is kept
unless `--record` says so.
"""

import argparse
import sys
import time
from pathlib import Path

from tests.simulation import hints
from tests.simulation.mutants import MUTANTS
from tests.simulation.seeds import find_all

SEEDS_MAX = 150
HINTS = Path(hints.__file__)


def main() -> int:
    """Look for those that were asked for; one that is not found is a failure."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.mutation")
    parser.add_argument("mutants", nargs="*", metavar="MUTANT", choices=[*MUTANTS, []])
    parser.add_argument("--from", type=int, default=1, dest="first")
    parser.add_argument("--seeds", type=int, default=SEEDS_MAX)
    parser.add_argument("--record", action="store_true")
    asked = parser.parse_args()
    names = asked.mutants or list(MUTANTS)
    began_s = time.perf_counter()
    seeds = range(asked.first, asked.first + asked.seeds)
    found: dict[str, int] = {}
    _say(f"{'':10} {'mutant':38} {'seed':>9} {'seconds':>7}  what it showed")
    for number, (mutant, search) in enumerate(find_all(names, seeds), 1):
        what, seed = "", "NOT FOUND"
        if search.result is not None:
            found[mutant] = search.result.seed
            seed, what = str(search.result.seed), search.result.violations[0][:80]
        count = f"{number} of {len(names)}"
        _say(f"{count:10} {mutant:38} {seed:>9} {search.seconds:7.1f}  {what}")
    seconds = time.perf_counter() - began_s
    _say(f"{len(found)} of {len(names)} found within {asked.seeds} seeds, {seconds:.0f} s")
    if asked.record:
        _record({**hints.HINTS, **found})
    return len(found) < len(names)


def _record(found: dict[str, int]) -> None:
    before, _, _ = HINTS.read_text().partition("HINTS")
    lines = (f'    "{name}": {found[name]},\n' for name in MUTANTS if name in found)
    HINTS.write_text(f"{before}HINTS: dict[str, int] = {{\n{''.join(lines)}}}\n")


def _say(line: str) -> None:
    sys.stdout.write(f"{line.rstrip()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
