"""The kinds of metrics: bound to a provider when somebody collects, and next to free before.

Every point carries `forbear.service`, since the four may share a process. Labels other than the
declared ones are dropped.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Generic, TypeAlias, TypeVar

from opentelemetry.metrics import CallbackOptions, Meter, Observation
from opentelemetry.metrics import Counter as OTelCounter
from opentelemetry.metrics import Histogram as OTelHistogram
from opentelemetry.metrics import ObservableGauge as OTelGauge
from opentelemetry.metrics import UpDownCounter as OTelUpDownCounter

from shared.telemetry.tracing import current_service

Label = str | int | bool
Reading = tuple[float, Mapping[str, Label]]
Bound = TypeVar("Bound", OTelCounter, OTelHistogram, OTelUpDownCounter, OTelGauge)

SERVICE = "forbear.service"
ERROR = "error.type"
READING_AGE_MAX_S = 30.0  # an old reading is not shown: it would look like a present one
DURATION_BOUNDS_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class _Instrument(Generic[Bound]):
    """A declared metric."""

    def __init__(
        self, name: str, unit: str, description: str, labels: tuple[str, ...] = ()
    ) -> None:
        self.name = name
        self.unit = unit
        self.description = description
        self.labels = labels
        self.bound: Bound | None = None
        INSTRUMENTS.append(self)

    def _labels(self, given: Mapping[str, Label]) -> dict[str, Label]:
        known = {name: given[name] for name in self.labels if name in given}
        return {SERVICE: current_service(), **known}


AnyInstrument: TypeAlias = (
    "_Instrument[OTelCounter] | _Instrument[OTelHistogram] | _Instrument[OTelUpDownCounter]"
    " | _Instrument[OTelGauge]"
)
INSTRUMENTS: list[AnyInstrument] = []


class Counter(_Instrument[OTelCounter]):
    """Counts what happened."""

    def add(self, amount: int, labels: Mapping[str, Label]) -> None:
        """Count. Adding nothing shows a zero, so that the first increase is seen as one."""
        if self.bound is not None:
            self.bound.add(amount, self._labels(labels))


class Histogram(_Instrument[OTelHistogram]):
    """Measures how long something took, in seconds."""

    def record(self, seconds: float, labels: Mapping[str, Label]) -> None:
        """Measure."""
        if self.bound is not None:
            self.bound.record(seconds, self._labels(labels))

    @contextmanager
    def time(self, labels: Mapping[str, Label]) -> Iterator[None]:
        """Measure a block; one that raises is labelled with the type of its error."""
        if self.bound is None:
            yield
            return
        started = time.perf_counter()
        try:
            yield
        except Exception as error:
            self.record(time.perf_counter() - started, {**labels, ERROR: type(error).__name__})
            raise
        self.record(time.perf_counter() - started, labels)


class UpDownCounter(_Instrument[OTelUpDownCounter]):
    """Counts what is going on at the moment."""

    def add(self, amount: int, labels: Mapping[str, Label]) -> None:
        """Count up or down."""
        if self.bound is not None:
            self.bound.add(amount, self._labels(labels))


class Gauge(_Instrument[OTelGauge]):
    """Shows what a sampler read last, as long as that is not long ago."""

    def __init__(
        self, name: str, unit: str, description: str, labels: tuple[str, ...] = ()
    ) -> None:
        super().__init__(name, unit, description, labels)
        self._shown: dict[str, tuple[float, list[Observation]]] = {}

    def show(self, readings: Iterable[Reading]) -> None:
        """Show these, in the place of all that the current service has shown before."""
        if self.bound is not None:
            observations = [Observation(value, self._labels(labels)) for value, labels in readings]
            self._shown[current_service()] = (time.monotonic(), observations)

    def read(self, options: CallbackOptions) -> Iterator[Observation]:
        """Yield what is not too old; called by whoever collects, from any thread."""
        oldest = time.monotonic() - READING_AGE_MAX_S
        for at, observations in tuple(self._shown.values()):
            if at >= oldest:
                yield from observations

    def forget(self) -> None:
        """Show nothing any more."""
        self._shown.clear()


def bind(meter: Meter) -> None:
    """Let a meter collect every declared metric."""
    for each in INSTRUMENTS:
        match each:
            case Counter():
                each.bound = meter.create_counter(each.name, each.unit, each.description)
            case Histogram():
                each.bound = meter.create_histogram(
                    each.name,
                    each.unit,
                    each.description,
                    explicit_bucket_boundaries_advisory=DURATION_BOUNDS_S,
                )
            case UpDownCounter():
                each.bound = meter.create_up_down_counter(each.name, each.unit, each.description)
            case Gauge():
                each.bound = meter.create_observable_gauge(
                    each.name, [each.read], each.unit, each.description
                )


def release() -> None:
    """Collect nothing any more."""
    for each in INSTRUMENTS:
        each.bound = None
        if isinstance(each, Gauge):
            each.forget()
