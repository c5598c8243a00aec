"""Spans of events: below what sent them, linked to what caused them, none where nobody listens."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import Span, SpanKind

from shared.eventstore import codec
from shared.eventstore.store import Metadata
from shared.kernel.records import replace
from shared.messaging import spans
from shared.messaging.feed import START, Delivery, Envelope
from shared.telemetry import tracing

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
ORIGIN = f"00-{TRACE}-00f067aa0ba902b7-01"
SENDING = f"00-{TRACE}-a2fb4a1d1a96d312-01"
UNSAMPLED = f"{ORIGIN[:-2]}00"
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
TOPIC = "forbear.ledger.events.v1"


def delivery(partition: int, offset: int, traceparent: str | None) -> Delivery:
    return Delivery(
        topic="forbear.ledger.events.v1",
        partition=partition,
        offset=offset,
        key=None,
        headers=(("traceparent", traceparent.encode()),) if traceparent else (),
    )


def envelope(traceparent: str | None = ORIGIN, delivery: Delivery | None = None) -> Envelope:
    metadata = Metadata(actor="key_1", correlation_id="req_1", traceparent=traceparent)
    return Envelope(
        source="ledger",
        position=START,
        tenant="agy_1",
        stream="account-acct_1",
        version=3,
        event_id="evt_1",
        type="forbear.ledger.account-placed.v1",
        data=b'{"consumer_ids":["cns_1"]}',
        metadata_bytes=codec.encode(metadata),
        occurred_at=NOON,
        recorded_at=NOON,
        delivery=delivery,
    )


def processing(one: Envelope, begun: list[Span]) -> AbstractContextManager[str | None]:
    return spans.processing("readers", one, one.metadata, begun)


def processed(one: Envelope) -> tuple[ReadableSpan, str | None]:
    """Return the span of an event's processing, and the origin of what came of it."""
    with tracing.recording() as exporter:
        with tracing.ending_together() as begun, processing(one, begun) as origin:
            assert tracing.current_traceparent() == origin
        (span,) = exporter.get_finished_spans()
    return span, origin


def ids(span: ReadableSpan) -> tuple[str, str]:
    assert span.parent is not None
    (link,) = span.links
    return f"{span.parent.span_id:016x}", f"{link.context.span_id:016x}"


class TestSending:
    def test_is_a_child_of_the_origin_and_links_to_it(self) -> None:
        with tracing.recording() as exporter, tracing.ending_together() as begun:
            span = spans.sending(envelope(), 4)
            assert span is not None
            begun.append(span)
            hop = tracing.traceparent_of(span)
        (sent,) = exporter.get_finished_spans()
        assert (sent.name, sent.kind) == (f"send {TOPIC}", SpanKind.PRODUCER)
        assert sent.resource.attributes["service.name"] == "ledger-relay"
        assert ids(sent) == ("00f067aa0ba902b7", "00f067aa0ba902b7")
        assert (sent.attributes or {})["messaging.destination.partition.id"] == "4"
        assert hop is not None
        assert hop.split("-")[1] == TRACE
        assert hop != ORIGIN

    @pytest.mark.parametrize("origin", [None, "garbage", UNSAMPLED])
    def test_is_nothing_without_an_origin_that_is_recorded(self, origin: str | None) -> None:
        with tracing.recording():
            assert spans.sending(envelope(origin), 0) is None

    def test_is_nothing_while_nobody_listens(self) -> None:
        assert spans.sending(envelope(), 0) is None


class TestProcessing:
    def test_of_a_record_is_a_child_of_its_sending_and_links_to_the_origin(self) -> None:
        span, origin = processed(envelope(delivery=delivery(4, 17, SENDING)))
        assert (span.name, span.kind) == (f"process {TOPIC}", SpanKind.CONSUMER)
        assert ids(span) == ("a2fb4a1d1a96d312", "00f067aa0ba902b7")
        attributes = span.attributes or {}
        assert attributes["messaging.system"] == "kafka"
        assert attributes["messaging.kafka.offset"] == 17
        assert attributes["messaging.kafka.message.key"] == "cns_1"
        assert origin is not None
        assert span.context is not None
        assert origin.split("-")[1:3] == [TRACE, f"{span.context.span_id:016x}"]

    @pytest.mark.parametrize("sent_as", [None, "garbage"])
    def test_of_a_record_of_a_relay_that_is_not_traced_is_a_child_of_the_origin(
        self, sent_as: str | None
    ) -> None:
        span, _ = processed(envelope(delivery=delivery(0, 1, sent_as)))
        assert ids(span) == ("00f067aa0ba902b7", "00f067aa0ba902b7")

    def test_of_the_log_itself_is_a_child_of_the_origin(self) -> None:
        span, _ = processed(envelope())
        assert ids(span) == ("00f067aa0ba902b7", "00f067aa0ba902b7")
        assert (span.attributes or {})["messaging.system"] == "postgresql"

    def test_passes_the_origin_on_while_nobody_listens(self) -> None:
        begun: list[Span] = []
        with processing(envelope(), begun) as origin:
            assert tracing.current_traceparent() is None
        assert (origin, begun) == (ORIGIN, [])

    def test_passes_on_an_origin_that_is_not_recorded(self) -> None:
        with tracing.recording(), tracing.ending_together() as begun:
            with processing(envelope(UNSAMPLED), begun) as origin:
                assert origin == UNSAMPLED

    def test_is_failed_by_what_the_effects_fail_of(self) -> None:
        one = envelope()

        def commit() -> None:
            with tracing.ending_together() as begun:
                for each in (one, replace(one, event_id="evt_2")):
                    with processing(each, begun):
                        pass
                assert not exporter.get_finished_spans()
                raise LookupError

        with tracing.recording() as exporter, pytest.raises(LookupError):
            commit()
        failed = exporter.get_finished_spans()
        assert [(each.attributes or {})["error.type"] for each in failed] == ["LookupError"] * 2
