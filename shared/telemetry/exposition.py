"""Metrics as text, for Prometheus to fetch: of one service, though several may share the process.

Were each service's port to show all, a sum over the ports would count everything four times.
"""

from collections.abc import Iterable
from threading import Lock

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics.export import MetricReader
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

SERVICE_LABEL = "forbear_service"


class Exposition:
    """What is collected when somebody fetches it."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._collecting = Lock()  # what is collected for one must not leak into another's answer
        self.reader: MetricReader = PrometheusMetricReader(
            disable_target_info=True, scope_info_enabled=False, registry=self._registry
        )

    def text(self, service: str) -> bytes:
        """Return a service's metrics; from any thread."""
        one = CollectorRegistry(auto_describe=False)
        one.register(_OfOneService(self._registry, service))
        with self._collecting:
            return generate_latest(one)


class _OfOneService(Collector):
    def __init__(self, registry: CollectorRegistry, service: str) -> None:
        self._registry = registry
        self._service = service

    def collect(self) -> Iterable[Metric]:
        """Yield the families that hold anything of the service."""
        for family in self._registry.collect():
            samples = [
                each for each in family.samples if each.labels.get(SERVICE_LABEL) == self._service
            ]
            if samples:
                shown = Metric(family.name, family.documentation, family.type)
                shown.samples = samples
                yield shown
