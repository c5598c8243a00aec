"""Metrics: declared once, labelled with names of ours and never with ids."""

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from shared.telemetry import metrics, tracing
from tests.unit.shared.http import sample


@pytest.fixture
def reader() -> Iterator[InMemoryMetricReader]:
    opened = InMemoryMetricReader()
    metrics.bind(opened)
    yield opened
    metrics.shutdown()


def points(reader: InMemoryMetricReader) -> dict[str, list[Any]]:
    data = reader.get_metrics_data()
    assert data is not None
    return {
        metric.name: list(metric.data.data_points)
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }


class TestMetrics:
    def test_have_names_of_their_own(self) -> None:
        names = [each.name for each in metrics.INSTRUMENTS]
        assert len(names) == len(set(names))

    def test_carry_no_ids(self) -> None:
        for each in metrics.INSTRUMENTS:
            assert not [label for label in each.labels if label.endswith("_id")]

    def test_cost_nothing_before_they_are_bound(self) -> None:
        metrics.DECISIONS.add(1, {"forbear.channel": "call"})

    def test_drop_labels_that_are_not_declared(self, reader: InMemoryMetricReader) -> None:
        with tracing.acting_as("compliance"):
            labels = {"forbear.channel": "call", "forbear.verdict": "deny", "account": "acct_1"}
            metrics.DECISIONS.add(2, labels)
        (point,) = points(reader)["forbear.decisions"]
        assert point.value == 2
        assert dict(point.attributes) == {
            "forbear.service": "compliance",
            "forbear.channel": "call",
            "forbear.verdict": "deny",
        }

    async def test_measure_every_request_by_route(self, reader: InMemoryMetricReader) -> None:
        async with sample.client(sample.build()) as client:
            await client.post("/v1/orders/ord_abcd/cancel", headers=sample.GOOD)
            await client.get(f"/v1/{sample.CANARY}")
        measured = points(reader)
        assert {
            (point.attributes["http.route"], point.attributes["http.response.status_code"])
            for point in measured["http.server.request.duration"]
        } == {("/v1/orders/{order_id}/cancel", 200), ("unmatched", 404)}
        assert [point.value for point in measured["http.server.active_requests"]] == [0]
