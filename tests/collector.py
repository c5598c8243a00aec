"""An OTLP/HTTP collector for tests: takes what processes export over a socket, and keeps it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1 import trace_pb2

from shared.kernel.records import record

TRACES = "/v1/traces"


@record
class Spoken:
    """A span as it was said on the wire; ids are hexadecimal, links are trace and span ids."""

    service: str
    schema: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    links: tuple[tuple[str, str], ...]
    attributes: Mapping[str, Any]
    error: str
    begun_ns: int


class Collector:
    """What was exported so far: spans, and every body of whatever kind."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.bodies: list[bytes] = []
        self._spans: list[Spoken] = []
        self._lock = Lock()

    def take(self, path: str, body: bytes) -> None:
        with self._lock:
            self.bodies.append(body)
            if path == TRACES:
                self._spans.extend(_read(ExportTraceServiceRequest.FromString(body)))

    def spans(self, trace_id: str) -> list[Spoken]:
        """Return the spans of a trace in the order in which they began."""
        with self._lock:
            found = [each for each in self._spans if each.trace_id == trace_id]
        return sorted(found, key=lambda span: span.begun_ns)


@contextmanager
def collecting() -> Iterator[Collector]:
    """Have a collector listening while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["content-type"] == "application/x-protobuf"
            collector.take(self.path, self.rfile.read(int(self.headers["content-length"])))
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *arguments: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    collector = Collector(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _read(request: ExportTraceServiceRequest) -> Iterator[Spoken]:
    for of_resource in request.resource_spans:
        resource = _attributes(of_resource.resource.attributes)
        for of_scope in of_resource.scope_spans:
            for span in of_scope.spans:
                yield Spoken(
                    service=resource["service.name"],
                    schema=of_scope.schema_url,
                    name=span.name,
                    kind=trace_pb2.Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    links=tuple((each.trace_id.hex(), each.span_id.hex()) for each in span.links),
                    attributes=_attributes(span.attributes),
                    error=_error(span),
                    begun_ns=span.start_time_unix_nano,
                )


def _error(span: trace_pb2.Span) -> str:
    if span.status.code != trace_pb2.Status.STATUS_CODE_ERROR:
        return ""
    return str(_attributes(span.attributes).get("error.type", "unnamed"))


def _attributes(attributes: Any) -> dict[str, Any]:
    return {
        each.key: getattr(each.value, str(each.value.WhichOneof("value"))) for each in attributes
    }
