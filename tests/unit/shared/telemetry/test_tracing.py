"""Spans: always with ids, recorded when somebody listens, silent about everything personal."""

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import (
    SimpleSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.semconv import attributes as stable
from opentelemetry.semconv._incubating import attributes as developing
from opentelemetry.semconv.schemas import Schemas

from shared.postgres.embedded import free_port
from shared.telemetry import tracing
from shared.telemetry.attributes import SCHEMA_URL, SPAN_ATTRIBUTES

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
CANARY = "123-45-6789"


class TestSpan:
    def test_has_ids_though_nobody_listens(self) -> None:
        with tracing.span("work") as span:
            traceparent = tracing.current_traceparent()
            assert traceparent is not None
            assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", traceparent)
            assert tracing.current_trace_id() == traceparent.split("-")[1]
            assert not span.is_recording()
        assert tracing.current_traceparent() is None

    def test_has_the_trace_of_the_span_around_it(self) -> None:
        with tracing.span("outer"):
            outer = tracing.current_trace_id()
            with tracing.span("inner"):
                assert tracing.current_trace_id() == outer
            with tracing.span("apart", is_root=True):
                assert tracing.current_trace_id() != outer

    def test_continues_a_stored_traceparent(self) -> None:
        with tracing.span("handle", kind="consumer", parent=PARENT, links=[PARENT, "garbage"]):
            assert tracing.current_trace_id() == PARENT.split("-")[1]

    @pytest.mark.parametrize("given", [None, "", "garbage", PARENT[:-1], PARENT + "0"])
    def test_begins_a_trace_when_the_stored_one_is_malformed(self, given: str | None) -> None:
        with tracing.span("handle", parent=given):
            assert tracing.current_trace_id() not in (None, PARENT.split("-")[1])

    def test_belongs_to_the_service_that_acts(self) -> None:
        with tracing.recording() as exporter:
            for service in ("ledger", "contact"):
                with tracing.acting_as(service), tracing.span("work"):
                    assert tracing.current_service() == service
        names = [span.resource.attributes["service.name"] for span in exporter.get_finished_spans()]
        assert names == ["ledger", "contact"]

    def test_keeps_its_links_and_its_parent(self) -> None:
        with tracing.recording() as exporter, tracing.span("one", parent=PARENT, links=[PARENT]):
            pass
        (span,) = exporter.get_finished_spans()
        assert span.parent is not None
        assert f"{span.parent.span_id:016x}" == PARENT.split("-")[2]
        assert f"{span.links[0].context.span_id:016x}" == PARENT.split("-")[2]


def current_names() -> set[str]:
    """Return the attribute names of the installed conventions that are not deprecated."""
    names: set[str] = set()
    for package in (stable, developing):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            source = Path(str(importlib.import_module(module.name).__file__)).read_text()
            for constant, description in pairwise(ast.parse(source).body):
                if isinstance(constant, ast.AnnAssign) and isinstance(constant.value, ast.Constant):
                    if "Deprecated:" not in ast.unparse(description):
                        names.add(str(constant.value.value))
    return names


class TestNames:
    def test_are_those_of_the_conventions_that_the_schema_names(self) -> None:
        ours = {name for name in SPAN_ATTRIBUTES if name.startswith("forbear.")}
        assert SPAN_ATTRIBUTES - ours <= current_names()
        assert SCHEMA_URL == list(Schemas)[-1].value


class TestScrubbing:
    def test_lets_only_listed_attributes_out(self) -> None:
        with tracing.recording() as exporter, tracing.span("work") as span:
            span.set_attribute("forbear.account_id", "acct_1")
            span.set_attribute("url.query", f"ssn={CANARY}")
            span.set_attribute("db.query.text", CANARY)
            span.add_event("noticed", {"ssn": CANARY, "error.type": "X"})
            span.set_status(trace.StatusCode.ERROR, CANARY)
        (seen,) = exporter.get_finished_spans()
        assert dict(seen.attributes or {}) == {"forbear.account_id": "acct_1"}
        assert CANARY not in seen.to_json()
        assert dict(seen.events[0].attributes or {}) == {"error.type": "X"}

    def test_keeps_the_type_of_an_exception_and_nothing_else(self) -> None:
        with tracing.recording() as exporter:
            with pytest.raises(ValueError, match=CANARY), tracing.span("work"):
                raise ValueError(CANARY)
            with tracing.span("other") as span:
                span.record_exception(ValueError(CANARY))
        failed, noted = exporter.get_finished_spans()
        assert (failed.attributes or {})["error.type"] == "ValueError"
        assert failed.status.status_code is trace.StatusCode.ERROR
        assert dict(noted.events[0].attributes or {}) == {"exception.type": "ValueError"}
        assert CANARY not in failed.to_json() + noted.to_json()

    def test_shortens_long_texts(self) -> None:
        with tracing.recording() as exporter, tracing.span("work") as span:
            span.set_attribute("forbear.stream", "x" * 5000)
        (seen,) = exporter.get_finished_spans()
        assert len(str((seen.attributes or {})["forbear.stream"])) == 200


class Broken(SpanExporter):
    """An exporter whose collector is down in the worst way."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        raise ConnectionError("down")


@pytest.fixture
def broken() -> Iterator[None]:
    tracing.listen(SimpleSpanProcessor(tracing.ScrubbingExporter(Broken())))
    yield
    tracing.shutdown()


class TestFailure:
    @pytest.mark.usefixtures("broken")
    def test_of_an_exporter_changes_nothing(self) -> None:
        with tracing.span("work"):
            result = 41 + 1
        assert result == 42

    def test_of_a_collector_to_answer_holds_nobody_up_for_long(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{free_port()}")
        tracing.configure()
        for _ in range(1500):  # three batches, each of which would be tried for seconds
            with tracing.span("work"):
                pass
        began = time.monotonic()
        tracing.shutdown(flush_s=0.1)
        assert time.monotonic() - began < 9

    def test_to_name_an_endpoint_exports_nothing(self) -> None:
        tracing.configure({})
        with tracing.span("work") as span:
            assert not span.is_recording()
