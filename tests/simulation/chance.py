"""Everything random in one seeded place: how long things take, and what goes wrong.

Each seed draws its own knobs, so that some worlds are quick and clean and others slow and hostile.
"""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")

LAGS_S = (0.0002, 0.002, 0.02, 0.1)


class Chance:
    """One seed's luck."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        choose = self.random.choice
        self.lag_s = choose(LAGS_S)
        self.stalls = choose((0.0, 0.01, 0.05))
        self.stall_s_max = choose((5.0, 90.0))
        self.lost = choose((0.0, 0.01, 0.06))
        self.repeated = choose((0.0, 0.05, 0.25))
        self.unanswered_commits = choose((0.0, 0.01, 0.05))
        self.failed_commits = choose((0.0, 0.01, 0.05))
        self.crashes = choose((0.0, 0.001, 0.006))
        self.cuts = choose((0.0, 0.3, 0.8))
        self.page_size = choose((1, 3, 200))
        self.partitions = choose((1, 2))
        self.ways_back = choose((0.1, 0.5))
        self.readers = choose((1, 1, 2))
        self.slow_mail = choose((0.0, 0.05, 0.2))

    def calm(self) -> None:
        """End all faults: what is left must sort itself out."""
        self.stalls = self.lost = self.repeated = 0.0
        self.unanswered_commits = self.failed_commits = self.crashes = self.cuts = 0.0
        self.slow_mail = 0.0

    def happens(self, probability: float) -> bool:
        """Tell whether something of that probability happens now."""
        return probability > 0 and self.random.random() < probability

    def lag(self) -> float:
        """Return how long a step takes: mostly little, now and then very long."""
        lag_s = self.random.uniform(0.1, 2.0) * self.lag_s
        if self.happens(self.stalls):
            lag_s = min(lag_s * 10 ** self.random.uniform(1, 4), self.stall_s_max)
        return lag_s

    def between(self, low: float, high: float) -> float:
        """Return a number between two."""
        return self.random.uniform(low, high)

    def one_of(self, values: Sequence[T]) -> T:
        """Return one of some values."""
        return self.random.choice(values)
