"""Interleaved windows: rates are compared inside one round, so a noisy neighbor hits all alike.

Every round runs each variant for a moment, in random order. A figure is the median of the rounds'
ratios; a baseline whose own quartiles lie further apart than a factor of two proves nothing.
"""

import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from statistics import median, quantiles

SECONDS = 0.8
NOISE_MAX = 2.0

Meter = Callable[[], float]


@dataclass(frozen=True)
class Done:
    """What a window came to; `seconds` where the variant knows better than the clock around it."""

    operations: int
    seconds: float | None = None
    latencies_s: Sequence[float] = ()


@dataclass(frozen=True)
class Window:
    """What one variant did in one round, and the processor seconds that it cost, by process."""

    operations: int
    seconds: float
    cpu_s: Mapping[str, float]
    latencies_s: Sequence[float] = ()

    @property
    def rate(self) -> float:
        # One at least: a machine may be so busy that none was done in time.
        return max(self.operations, 1) / self.seconds


@dataclass(frozen=True)
class Variant:
    """Something to do over and over: `run` works until a deadline and returns how often it did.

    `settle` returns once what a window has caused elsewhere is over.
    """

    name: str
    run: Callable[[float], Awaitable[int | Done]]
    settle: Callable[[], Awaitable[None]] | None = None


@dataclass(frozen=True)
class Spread:
    """A median between its quartiles."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        if len(values) < 2:  # nothing to compare: noise, whatever it was
            return cls(low=nan, middle=median(values or [nan]), high=nan)
        low, _, high = quantiles(values, n=4, method="inclusive")
        return cls(low=low, middle=median(values), high=high)

    @property
    def is_noisy(self) -> bool:
        return not self.high <= self.low * NOISE_MAX


class Rounds:
    """The windows of all variants, round by round."""

    def __init__(self) -> None:
        self._windows: dict[str, list[Window]] = {}

    def add(self, name: str, window: Window) -> None:
        self._windows.setdefault(name, []).append(window)

    def rates(self, name: str) -> list[float]:
        return [each.rate for each in self._windows[name]]

    def rate(self, name: str) -> Spread:
        return Spread.of(self.rates(name))

    def ratio(self, name: str, baseline: str) -> Spread:
        pairs = zip(self._windows[name], self._windows[baseline], strict=True)
        return Spread.of([one.rate / other.rate for one, other in pairs])

    def slowdown(self, name: str, baseline: str) -> Spread:
        """Return how many times as long one takes at the median, round by round."""
        pairs = zip(self._windows[name], self._windows[baseline], strict=True)
        return Spread.of(
            [
                median(one.latencies_s) / median(other.latencies_s)
                for one, other in pairs
                if one.latencies_s and other.latencies_s
            ]
        )

    def p50_s(self, name: str) -> Spread:
        """Return what the median took, window by window."""
        return Spread.of([median(each) for each in self._latencies(name)])

    def p99_s(self, name: str) -> Spread:
        """Return what the slowest hundredth took, window by window."""
        return Spread.of([_p99(each) for each in self._latencies(name)])

    def tail(self, name: str) -> Spread:
        """Return how many times the median the slowest hundredth took, window by window."""
        return Spread.of([_p99(each) / median(each) for each in self._latencies(name)])

    def _latencies(self, name: str) -> list[Sequence[float]]:
        return [each.latencies_s for each in self._windows[name] if len(each.latencies_s) > 1]

    def cpu_us(self, name: str) -> dict[str, float]:
        """Return the processor time per operation of each process, in microseconds."""
        windows = self._windows[name]
        return {
            process: median(each.cpu_s[process] / max(each.operations, 1) for each in windows) * 1e6
            for process in windows[0].cpu_s
        }


def _p99(latencies_s: Sequence[float]) -> float:
    return quantiles(latencies_s, n=100)[98]


async def interleave(
    variants: Sequence[Variant], meters: Mapping[str, Meter], rounds: int, chance: random.Random
) -> Rounds:
    """Run every variant once to warm up, then in rounds of random order."""
    collected = Rounds()
    for number in range(rounds + 1):
        for variant in chance.sample(variants, len(variants)):
            window = await _window(variant, meters)
            if number:
                collected.add(variant.name, window)
            if variant.settle:
                await variant.settle()
    return collected


async def _window(variant: Variant, meters: Mapping[str, Meter]) -> Window:
    before = {name: meter() for name, meter in meters.items()}
    started = time.perf_counter()
    ran = await variant.run(started + SECONDS)
    seconds = time.perf_counter() - started
    cpu_s = {name: meter() - before[name] for name, meter in meters.items()}
    done = ran if isinstance(ran, Done) else Done(operations=ran)
    return Window(
        operations=done.operations,
        seconds=done.seconds or seconds,
        cpu_s=cpu_s,
        latencies_s=done.latencies_s,
    )
