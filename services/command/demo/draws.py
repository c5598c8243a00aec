"""Chance, by key: what is drawn depends on the seed and on what it is for, and on nothing else."""

from collections.abc import Mapping
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """One seed's chance."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def of(self, *key: str | int) -> Random:
        """Return a generator that is the same whenever the same thing is drawn."""
        return Random("/".join(map(str, (self.seed, *key))))


def weighted(chance: Random, weights: Mapping[T, float]) -> T:
    """Draw one of the keys by weight."""
    (drawn,) = chance.choices(tuple(weights), tuple(weights.values()))
    return drawn
