"""Every metric that the services emit, declared in one place.

Labels are routes, codes and names of ours; ids belong on spans. Before `configure` has found an
endpoint, recording costs next to nothing and goes nowhere.
"""

import os
from collections.abc import Mapping
from typing import Generic, TypeAlias, TypeVar

from opentelemetry.metrics import Counter as OTelCounter
from opentelemetry.metrics import Histogram as OTelHistogram
from opentelemetry.metrics import UpDownCounter as OTelUpDownCounter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader

from shared.telemetry.tracing import current_service

Label = str | int | bool
Sync = TypeVar("Sync", OTelCounter, OTelHistogram, OTelUpDownCounter)

_DURATION_BOUNDS_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class _Instrument(Generic[Sync]):
    """A declared metric; labels other than the declared ones are dropped."""

    def __init__(
        self, name: str, unit: str, description: str, labels: tuple[str, ...] = ()
    ) -> None:
        self.name = name
        self.unit = unit
        self.description = description
        self.labels = labels
        self.bound: Sync | None = None
        INSTRUMENTS.append(self)

    def _labels(self, given: Mapping[str, Label]) -> dict[str, Label]:
        known = {name: given[name] for name in self.labels if name in given}
        return {"forbear.service": current_service(), **known}


AnyInstrument: TypeAlias = (
    "_Instrument[OTelCounter] | _Instrument[OTelHistogram] | _Instrument[OTelUpDownCounter]"
)
INSTRUMENTS: list[AnyInstrument] = []


class Counter(_Instrument[OTelCounter]):
    """Counts what happened."""

    def add(self, amount: int, labels: Mapping[str, Label]) -> None:
        """Count."""
        if self.bound is not None:
            self.bound.add(amount, self._labels(labels))


class Histogram(_Instrument[OTelHistogram]):
    """Measures how long something took, in seconds."""

    def record(self, seconds: float, labels: Mapping[str, Label]) -> None:
        """Measure."""
        if self.bound is not None:
            self.bound.record(seconds, self._labels(labels))


class UpDownCounter(_Instrument[OTelUpDownCounter]):
    """Counts what is going on at the moment."""

    def add(self, amount: int, labels: Mapping[str, Label]) -> None:
        """Count up or down."""
        if self.bound is not None:
            self.bound.add(amount, self._labels(labels))


HTTP_SERVER_REQUEST_DURATION = Histogram(
    "http.server.request.duration",
    "s",
    "How long requests take, by route.",
    ("http.request.method", "http.route", "http.response.status_code", "error.type"),
)
HTTP_SERVER_ACTIVE_REQUESTS = UpDownCounter(
    "http.server.active_requests", "{request}", "Requests being served."
)
SUBSCRIPTION_PROCESS_DURATION = Histogram(
    "messaging.process.duration",
    "s",
    "How long a page of events takes, by subscription.",
    ("forbear.subscription", "error.type"),
)
SUBSCRIPTION_CONSUMED = Counter(
    "messaging.client.consumed.messages",
    "{message}",
    "Events taken in, by subscription.",
    ("forbear.subscription",),
)
DECISIONS = Counter(
    "forbear.decisions",
    "{decision}",
    "Contact decisions, by channel and verdict.",
    ("forbear.channel", "forbear.verdict"),
)
OBJECTIONS = Counter(
    "forbear.objections",
    "{objection}",
    "Objections to contacts, by rule.",
    ("forbear.rule", "forbear.channel"),
)
APPEND_CONFLICTS = Counter(
    "forbear.append.conflicts", "{conflict}", "Appends that lost a race and were decided again."
)
IDEMPOTENCY_REPLAYS = Counter(
    "forbear.idempotency.replays", "{request}", "Requests answered with a recorded answer."
)

_provider: MeterProvider | None = None


def configure(environ: Mapping[str, str] = os.environ) -> None:
    """Export metrics over OTLP/HTTP if the environment names an endpoint."""
    names = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")
    if not any(environ.get(name) for name in names):
        return
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import (  # slow to import
        OTLPMetricExporter,
    )
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    bind(PeriodicExportingMetricReader(OTLPMetricExporter()))


def bind(reader: MetricReader) -> None:
    """Let a reader collect every declared metric."""
    global _provider
    _provider = MeterProvider([reader], shutdown_on_exit=False)
    meter = _provider.get_meter("forbear")
    for each in INSTRUMENTS:
        match each:
            case Counter():
                each.bound = meter.create_counter(each.name, each.unit, each.description)
            case Histogram():
                each.bound = meter.create_histogram(
                    each.name,
                    each.unit,
                    each.description,
                    explicit_bucket_boundaries_advisory=_DURATION_BOUNDS_S,
                )
            case UpDownCounter():
                each.bound = meter.create_up_down_counter(each.name, each.unit, each.description)


def shutdown() -> None:
    """Send what is collected and stop."""
    global _provider
    for each in INSTRUMENTS:
        each.bound = None
    if _provider is not None:
        _provider.shutdown()
        _provider = None
