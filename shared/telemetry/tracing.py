"""Spans and W3C trace context.

Spans always have ids, so that a decision can store its trace; they are recorded and exported only
when somebody listens (`OTEL_EXPORTER_OTLP_ENDPOINT`, or `recording()` in a test). The four services
may share a process: each has its own resource, chosen by `acting_as`.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Timer
from typing import Literal

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SimpleSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import Decision, ParentBased, Sampler, SamplingResult
from opentelemetry.util.types import Attributes, AttributeValue

from shared.telemetry.attributes import SCHEMA_URL, SPAN_ATTRIBUTES, TEXT_LENGTH_MAX

FLUSH_S = 5.0

SpanKind = Literal["internal", "server", "client", "producer", "consumer"]

_KINDS = {kind.name.lower(): kind for kind in trace.SpanKind}
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})\Z")
_service: ContextVar[str] = ContextVar("forbear_service", default="forbear")


class _Listeners(SpanProcessor):
    """Hands finished spans to whoever listens at the moment."""

    def __init__(self) -> None:
        self.processors: list[SpanProcessor] = []

    def on_start(self, span: Span, parent_context: otel_context.Context | None = None) -> None:
        """Do nothing: exporters look at finished spans."""

    def on_end(self, span: ReadableSpan) -> None:
        """Pass the span on."""
        for processor in self.processors:
            processor.on_end(span)

    def shutdown(self) -> None:
        """Send what is still queued and forget every listener."""
        for processor in self.processors:
            processor.shutdown()
        self.processors.clear()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what is still queued."""
        return all([processor.force_flush(timeout_millis) for processor in self.processors])


class _WhileListening(Sampler):
    """Drops every span while nobody listens; their ids exist all the same."""

    def __init__(self, listeners: _Listeners) -> None:
        self._listeners = listeners
        # What the SDK itself would choose from OTEL_TRACES_SAMPLER.
        self._sampler = TracerProvider(shutdown_on_exit=False).sampler
        self.follows_parents = isinstance(self._sampler, ParentBased)

    def should_sample(  # noqa: PLR0913 - the SDK's signature
        self,
        parent_context: otel_context.Context | None,
        trace_id: int,
        name: str,
        kind: trace.SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[trace.Link] | None = None,
        trace_state: trace.TraceState | None = None,
    ) -> SamplingResult:
        """Ask the configured sampler if anybody listens."""
        if not self._listeners.processors:
            return SamplingResult(Decision.DROP)
        return self._sampler.should_sample(
            parent_context, trace_id, name, kind, attributes, links, trace_state
        )

    def get_description(self) -> str:
        """Name the sampler behind this one."""
        return f"WhileListening({self._sampler.get_description()})"


class ScrubbingExporter(SpanExporter):
    """Lets nothing out that is not on the allow-list, whoever has recorded it."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export copies that hold allowed attributes only."""
        return self._inner.export([_scrubbed(each) for each in spans])

    def shutdown(self) -> None:
        """Close the exporter behind this one."""
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what is still queued."""
        return self._inner.force_flush(timeout_millis)


def _scrubbed(span: ReadableSpan) -> ReadableSpan:
    # The status text and the events of recorded exceptions carry messages; only types stay.
    return ReadableSpan(
        name=span.name[:TEXT_LENGTH_MAX],
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_allowed(span.attributes),
        events=[
            Event(each.name, _allowed(each.attributes), each.timestamp) for each in span.events
        ],
        links=[trace.Link(each.context) for each in span.links],
        kind=span.kind,
        status=trace.Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _allowed(attributes: Attributes) -> dict[str, AttributeValue]:
    return {
        name: value[:TEXT_LENGTH_MAX] if isinstance(value, str) else value
        for name, value in (attributes or {}).items()
        if name in SPAN_ATTRIBUTES
    }


_listeners = _Listeners()
_sampler = _WhileListening(_listeners)
_exporters: list[SpanExporter] = []
_tracers: dict[str, trace.Tracer] = {}


def configure(environ: Mapping[str, str] = os.environ) -> None:
    """Export spans over OTLP/HTTP if the environment names an endpoint."""
    names = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    if not any(environ.get(name) for name in names):
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # slow to import
        OTLPSpanExporter,
    )

    exporter = ScrubbingExporter(OTLPSpanExporter())
    _exporters.append(exporter)
    listen(BatchSpanProcessor(exporter))


def listen(processor: SpanProcessor) -> None:
    """Hand every finished span of this process to a processor as well."""
    _listeners.processors.append(processor)


def shutdown(flush_s: float = FLUSH_S) -> None:
    """Send what is queued and stop exporting; a collector that is away is not waited for long.

    An export that has begun by then still has its own timeout, `OTEL_EXPORTER_OTLP_TIMEOUT`.
    """
    giving_up = Timer(flush_s, _close_exporters)
    giving_up.start()
    try:
        _listeners.shutdown()
    finally:
        giving_up.cancel()
        _exporters.clear()


def _close_exporters() -> None:
    # The SDK itself would try each queued batch until its timeout, half a minute in all.
    for exporter in tuple(_exporters):
        exporter.shutdown()


@contextmanager
def recording() -> Iterator[InMemorySpanExporter]:
    """Keep the spans of a test, scrubbed as an exporter would see them."""
    exporter = InMemorySpanExporter()
    processor = SimpleSpanProcessor(ScrubbingExporter(exporter))
    listen(processor)
    try:
        yield exporter
    finally:
        _listeners.processors.remove(processor)


@contextmanager
def acting_as(service: str) -> Iterator[None]:
    """Make spans in this context belong to one service."""
    token = _service.set(service)
    try:
        yield
    finally:
        _service.reset(token)


def current_service() -> str:
    """Return the service that this context acts as."""
    return _service.get()


def is_listening() -> bool:
    """Tell whether somebody records spans; while nobody does, hot paths begin none."""
    return bool(_listeners.processors)


def may_be_recorded(parent: str | None) -> bool:
    """Tell whether a child of `parent` (a traceparent) could be recorded; else begin none."""
    if not is_listening():
        return False
    remote = parse(parent) if _sampler.follows_parents else None
    return remote is None or remote.trace_flags.sampled


@contextmanager
def span(
    name: str,
    *,
    kind: SpanKind = "internal",
    parent: str | None = None,
    links: Sequence[str | None] = (),
    attributes: Mapping[str, AttributeValue] | None = None,
    is_root: bool = False,
) -> Iterator[trace.Span]:
    """Run a block inside a new span, begun as by `start`; an exception marks it as failed."""
    with ending_together() as begun:
        started = start(
            name, kind=kind, parent=parent, links=links, attributes=attributes, is_root=is_root
        )
        begun.append(started)
        with inside(started):
            yield started


def start(  # noqa: PLR0913 - keyword-only
    name: str,
    *,
    kind: SpanKind = "internal",
    parent: str | None = None,
    links: Sequence[str | None] = (),
    attributes: Mapping[str, AttributeValue] | None = None,
    is_root: bool = False,
    service: str | None = None,
) -> trace.Span:
    """Begin a span that somebody else ends.

    It is a child of `parent` (a traceparent) where that is well-formed, else of the current span;
    `is_root` starts a new trace. It belongs to `service`, or to the one that this context acts as.
    """
    remote = parse(parent)
    around = otel_context.get_current()
    if remote is not None:
        around = trace.set_span_in_context(trace.NonRecordingSpan(remote), around)
    elif is_root:
        around = trace.set_span_in_context(trace.INVALID_SPAN, around)
    return _tracer(service or _service.get()).start_span(
        name,
        context=around,
        kind=_KINDS[kind],
        attributes=attributes,
        links=[trace.Link(each) for each in map(parse, links) if each is not None],
        record_exception=False,
        set_status_on_exception=False,
    )


@contextmanager
def inside(started: trace.Span) -> Iterator[None]:
    """Make a span the current one while the block runs, without ending it."""
    token = otel_context.attach(trace.set_span_in_context(started))
    try:
        yield
    finally:
        otel_context.detach(token)


@contextmanager
def ending_together() -> Iterator[list[trace.Span]]:
    """End the spans that the block has put into the list; an exception fails them, by type only."""
    begun: list[trace.Span] = []
    try:
        yield begun
    except BaseException as error:
        for each in begun:
            fail(each, type(error).__qualname__)
        raise
    finally:
        for each in begun:
            each.end()


def fail(failed: trace.Span, error_type: str) -> None:
    """Mark a span as failed."""
    failed.set_attribute("error.type", error_type)
    failed.set_status(trace.StatusCode.ERROR)


def _tracer(service: str) -> trace.Tracer:
    tracer = _tracers.get(service)
    if tracer is None:
        names = {"service.name": service, "service.namespace": "forbear"}
        provider = TracerProvider(
            resource=Resource.create(names),
            sampler=_sampler,
            shutdown_on_exit=False,
        )
        provider.add_span_processor(_listeners)
        tracer = _tracers[service] = provider.get_tracer("forbear", schema_url=SCHEMA_URL)
    return tracer


def parse(traceparent: str | None) -> trace.SpanContext | None:
    """Read a traceparent; anything malformed counts as absent."""
    found = _TRACEPARENT.match(traceparent) if traceparent else None
    if found is None:
        return None
    parsed = trace.SpanContext(
        trace_id=int(found[1], 16),
        span_id=int(found[2], 16),
        is_remote=True,
        trace_flags=trace.TraceFlags(int(found[3], 16) & trace.TraceFlags.SAMPLED),
    )
    return parsed if parsed.is_valid else None


def traceparent_of(current: trace.Span) -> str | None:
    """Write the context of a span as a traceparent."""
    context = current.get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"


def current_traceparent() -> str | None:
    """Return the traceparent of the current span, for events, headers and calls."""
    return traceparent_of(trace.get_current_span())


def current_trace_id() -> str | None:
    """Return the trace id of the current span."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def link_to(traceparent: str | None) -> None:
    """Link the current span to another trace."""
    remote = parse(traceparent)
    if remote is not None:
        trace.get_current_span().add_link(remote)
