"""Dashboards ask only for what the code shows, and show all that it declares."""

from collections.abc import Iterator
from typing import Any

import pytest

from shared.telemetry import instruments, metrics, tracing
from shared.telemetry.metrics import INSTRUMENTS
from tests.deploy import metrics_page, observability
from tests.deploy.vocabulary import Unknown, Vocabulary, declared, expressions, samples_of
from tests.exposed import Exposed

DASHBOARDS = observability.dashboards()
AD_HOC: frozenset[str] = frozenset()
"""Metrics that neither a dashboard nor an alert uses, on purpose."""


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return observability.vocabulary()


def panels(dashboard: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (each for each in dashboard["panels"] if each["type"] != "row")


@pytest.mark.parametrize("name", DASHBOARDS)
class TestADashboard:
    def test_asks_only_for_what_is_shown(self, name: str, vocabulary: Vocabulary) -> None:
        asked = list(expressions(DASHBOARDS[name]))
        assert asked
        for title, expression in asked:
            try:
                vocabulary.check(expression)
            except Unknown as error:
                pytest.fail(f"{title}: {error}")

    def test_has_variables_that_find_something(self, name: str, vocabulary: Vocabulary) -> None:
        variables = DASHBOARDS[name]["templating"]["list"]
        for each in variables:
            if each["type"] == "query":
                vocabulary.check_variable(each["definition"])
        defined = {each["name"] for each in variables}
        text = str(DASHBOARDS[name])
        assert [each for each in sorted(defined) if f"${each}" not in text.replace("{", "")] == []

    def test_explains_every_panel(self, name: str) -> None:
        for panel in panels(DASHBOARDS[name]):
            assert panel["description"], panel["title"]
            assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
            assert panel["targets"], panel["title"]

    def test_places_its_panels_side_by_side(self, name: str) -> None:
        taken: set[tuple[int, int]] = set()
        identities = [each["id"] for each in DASHBOARDS[name]["panels"]]
        assert len(identities) == len(set(identities))
        for each in DASHBOARDS[name]["panels"]:
            at = each["gridPos"]
            cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
            assert not cells & taken, each["title"]
            assert at["x"] + at["w"] <= 24, each["title"]
            taken |= cells

    def test_links_to_sections_of_the_runbook(self, name: str) -> None:
        anchors = observability.runbook_anchors()
        linked = [
            link["url"].partition("#")[2]
            for panel in panels(DASHBOARDS[name])
            for link in panel.get("links", ())
        ]
        assert linked
        assert [each for each in linked if each not in anchors] == []


def test_there_are_three_with_names_of_their_own() -> None:
    assert set(DASHBOARDS) == {"compliance.json", "event-flow.json", "service-red.json"}
    assert len({each["uid"] for each in DASHBOARDS.values()}) == 3


class TestDeclaredMetrics:
    def test_are_all_used(self) -> None:
        used = Vocabulary()
        for each in observability.rules():
            if "record" in each:
                used.learn(each["record"], each["expr"], each.get("labels", ()))
            else:
                used.check(each["expr"])
        for dashboard in DASHBOARDS.values():
            for _, expression in expressions(dashboard):
                used.check(expression)
        unused = {each.name for each in INSTRUMENTS if not used.used & set(samples_of(each))}
        assert unused == AD_HOC

    def test_are_all_on_the_page(self) -> None:
        assert observability.METRICS.read_text() == metrics_page.page(), (
            "run python -m tests.deploy.metrics_page"
        )

    def test_are_shown_under_the_names_and_labels_that_queries_are_checked_by(self) -> None:
        metrics.configure(is_scraped=True, environ={})
        try:
            with tracing.acting_as("ledger"):
                for each in INSTRUMENTS:
                    touch(each)
            shown = Exposed((metrics.exposed("ledger") or b"").decode())
        finally:
            metrics.shutdown()
        expected = declared()
        assert shown.names() == set(expected)
        for name, labels in expected.items():
            for _, given, _ in shown.samples(name):
                assert set(given) == labels - {"job", "instance"}, name


def touch(instrument: instruments.AnyInstrument) -> None:
    """Record something under every label."""
    labels = dict.fromkeys(instrument.labels, "x")
    match instrument:
        case instruments.Counter() | instruments.UpDownCounter():
            instrument.add(1, labels)
        case instruments.Histogram():
            instrument.record(1.0, labels)
        case instruments.Gauge():
            instrument.show([(1.0, labels)])
        case _:
            raise AssertionError(instrument)


class TestPlantedFaults:
    @pytest.mark.parametrize(
        "expression",
        [
            "forbear_decisions",  # a counter is shown with _total
            "sum(rate(forbear_outbox_oldest_age[5m]))",  # and seconds with _seconds
            'forbear_decisions_total{forbear_chanel="call"}',
            "sum by (forbear_subscription) (forbear_decisions_total)",
            "sum without (forbear_subscription) (forbear_decisions_total)",
            "forbear_decisions_total / on (tenant) forbear_objections_total",
            "histogram_quantile(0.9, sum by (le) (rate(forbear_decision_duration_seconds[5m])))",
            "sum by (le) (rate(forbear_decision_duration_seconds_count[5m]))",
            "max_over_time((forbear_jobs_failled > 0)[1h:1m])",
            "sum(rate(forbear_decisions_total[5m])",
            "slo:error:ratio_rate7m",
            'rate(forbear_cease_to_silence_seconds_bucket{le="5"}[5m])',
            'rate(forbear_cease_to_silence_seconds_bucket{le!="5"}[5m])',
            'label_replace(nobody, "a", "$1", "b", "(.*)")',
        ],
    )
    def test_in_a_query_are_found(self, expression: str, vocabulary: Vocabulary) -> None:
        with pytest.raises(Unknown):
            vocabulary.check(expression)

    @pytest.mark.parametrize(
        "query",
        [
            "label_values(forbear_nothing, forbear_service)",
            "label_values(forbear_decisions_total, forbear_rule)",
            "label_values(forbear_service)",
            "query_result(forbear_decisions_total)",
        ],
    )
    def test_in_a_variable_are_found(self, query: str, vocabulary: Vocabulary) -> None:
        with pytest.raises(Unknown):
            vocabulary.check_variable(query)

    def test_a_query_is_found_wherever_it_stands(self) -> None:
        nested = {"panels": [{"title": "a", "panels": [{"targets": [{"expr": "up"}]}]}]}
        assert list(expressions(nested)) == [("a", "up")]
