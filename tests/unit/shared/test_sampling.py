"""Each measure is taken by itself, whatever becomes of the others."""

import asyncio
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from shared.eventstore.store import StoreUnavailable
from shared.service.sampling import Measure, Sampler, Standing
from shared.service.tasks import Tasks
from shared.telemetry import metrics
from tests.waiting import until


async def test_one_that_fails_or_waits_holds_up_no_other() -> None:
    taken = Counter[str]()

    def measure(name: str, error: Exception | None = None, wait_s: float = 0.0) -> Measure:
        async def take() -> None:
            taken[name] += 1
            await asyncio.sleep(wait_s)
            if error is not None:
                raise error

        return take

    measures = {
        "waits": measure("waits", wait_s=60),
        "broken": measure("broken", ValueError()),
        "away": measure("away", StoreUnavailable()),
        "well": measure("well"),
    }
    tasks = Tasks()
    for name, run in Sampler(measures, every_s=0.01).runs().items():
        tasks.begin(name, run)

    async def are_taken() -> bool:
        return min(taken["well"], taken["away"]) >= 3

    await until(are_taken)
    assert tasks.failing == {"sampling-broken"}
    assert taken["waits"] == 1
    await tasks.stop()


class Reader:
    """As much of a subscription as is looked at."""

    def __init__(self, name: str, behind: int | Exception) -> None:
        self.name = name
        self.feed = SimpleNamespace(source="ledger")
        self._behind = behind

    async def behind(self) -> int:
        if isinstance(self._behind, Exception):
            raise self._behind
        return self._behind


async def test_a_subscription_that_cannot_be_asked_hides_no_other() -> None:
    reader = InMemoryMetricReader()
    metrics.bind(reader)
    try:
        readers: list[Any] = [
            Reader("away", StoreUnavailable()),
            Reader("broken", ValueError("broken")),
            Reader("well", 7),
        ]
        nothing: Any = None
        with pytest.raises(ValueError, match="broken"):
            await Standing(nothing, readers, ()).lags()
        shown = {
            point.attributes["forbear.subscription"]: point.value
            for metric in _metrics(reader)
            if metric.name == "forbear.subscription.lag"
            for point in metric.data.data_points
        }
        assert shown == {"well": 7}
    finally:
        metrics.shutdown()


def _metrics(reader: InMemoryMetricReader) -> list[Any]:
    data = reader.get_metrics_data()
    assert data is not None
    return [
        metric
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    ]
