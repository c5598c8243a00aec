"""Many seeds at once, in processes of their own that keep quiet."""

import gc
import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context

from shared.telemetry import logging
from tests.simulation.hints import HINTS
from tests.simulation.mutants import MUTANTS
from tests.simulation.running import Result, run_seed

WORKERS_MAX = 2
HANDED_OUT = 5


def _pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        max_workers=min(WORKERS_MAX, os.cpu_count() or 1),
        mp_context=get_context("spawn"),
        initializer=keep_quiet,
    )


def keep_quiet() -> None:
    """Log nothing: in a world made of faults, warnings are the ordinary course."""
    logging.configure(level="CRITICAL")
    gc.freeze()  # what was imported stays; the collector need not look at it again


def run_all(seeds: Iterable[int]) -> Iterator[Result]:
    """Run seeds, and return each result as it comes, in order."""
    with _pool() as pool:
        yield from pool.map(run_seed, seeds, chunksize=HANDED_OUT)


@dataclass(frozen=True)
class Search:
    """What came of looking for one planted bug, and the seconds that it took."""

    result: Result | None
    seconds: float


def found_at(mutant: str, seeds: Iterable[int]) -> Search:
    """Return the first result in which a planted bug was found: nothing is wrong without it.

    The seed that found it last is tried before the others.
    """
    began_s = time.perf_counter()
    hint = HINTS.get(mutant)
    in_order = dict.fromkeys(seeds if hint is None else (hint, *seeds))
    for seed in in_order:
        result = run_seed(seed, MUTANTS[mutant])
        if result.violations and is_clean(seed):
            return Search(result, time.perf_counter() - began_s)
    return Search(None, time.perf_counter() - began_s)


@cache
def is_clean(seed: int) -> bool:
    """Tell whether nothing is wrong in a seed's world with no bug planted."""
    return not run_seed(seed).violations


def find_all(mutants: Iterable[str], seeds: range) -> Iterator[tuple[str, Search]]:
    """Look for planted bugs; each is returned as soon as it is found, or not."""
    with _pool() as pool:
        looking = {pool.submit(found_at, name, seeds): name for name in mutants}
        for done in as_completed(looking):
            yield looking[done], done.result()
