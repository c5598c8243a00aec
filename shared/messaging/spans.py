"""Spans of events on their way from the service that appended them to those that act on them.

The origin is the span in which an event was appended. What a relay sends is its child, what a
subscription does about it is a child of the sending, or of the origin where there was none; both
link to the origin. So one waterfall shows a request and everything that came of it.
https://github.com/open-telemetry/semantic-conventions/blob/v1.44.0/docs/messaging/messaging-spans.md
"""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.trace import Span
from opentelemetry.util.types import AttributeValue

from shared.eventstore.store import Metadata
from shared.kernel.clock import SystemClock
from shared.messaging.feed import Envelope
from shared.messaging.kafka.connection import topic_of
from shared.telemetry import tracing

_clock = SystemClock()


def sending(envelope: Envelope, partition: int) -> Span | None:
    """Begin the span of an event's sending to Kafka; none where it would not be recorded.

    The time from append to sending is between two clocks: the database's and this machine's.
    """
    if not tracing.is_listening():
        return None
    metadata = envelope.metadata
    origin = metadata.traceparent
    if tracing.parse(origin) is None:
        return None
    waited = _clock.now() - envelope.recorded_at
    span = tracing.start(
        f"send {topic_of(envelope.source)}",
        kind="producer",
        service=f"{envelope.source}-relay",
        parent=origin,
        links=(origin,),
        attributes={
            **_attributes(envelope, metadata, "send"),
            "messaging.system": "kafka",
            "messaging.destination.partition.id": str(partition),
            "messaging.kafka.message.key": envelope.keys[0],
            "forbear.outbox_wait_s": waited.total_seconds(),
        },
    )
    return span if span.is_recording() else None


@contextmanager
def processing(
    subscription: str, envelope: Envelope, metadata: Metadata, begun: list[Span]
) -> Iterator[str | None]:
    """Run the handlers of an event inside a span, and yield the origin of what comes of it.

    The span is put into `begun`: it ends when the effects are committed.
    """
    origin = metadata.traceparent
    delivery = envelope.delivery
    hop = delivery.traceparent if delivery else None
    parent = hop if tracing.parse(hop) else origin
    if not tracing.may_be_recorded(parent):
        yield origin
        return
    attributes = {
        **_attributes(envelope, metadata, "process"),
        "messaging.system": "kafka" if delivery else "postgresql",
        "messaging.consumer.group.name": subscription,
    }
    if delivery:
        attributes |= {
            "messaging.destination.partition.id": str(delivery.partition),
            "messaging.kafka.message.key": envelope.keys[0],
            "messaging.kafka.offset": delivery.offset,
        }
    span = tracing.start(
        f"process {topic_of(envelope.source)}",
        kind="consumer",
        parent=parent,
        links=(origin,),
        attributes=attributes,
    )
    begun.append(span)
    with tracing.inside(span):
        yield tracing.traceparent_of(span) if span.is_recording() else origin


def _attributes(
    envelope: Envelope, metadata: Metadata, operation: str
) -> dict[str, AttributeValue]:
    return {
        "messaging.operation.name": operation,
        "messaging.operation.type": operation,
        "messaging.destination.name": topic_of(envelope.source),
        "messaging.message.id": envelope.event_id,
        "messaging.message.conversation_id": metadata.correlation_id,
        "forbear.event_type": envelope.type,
        "forbear.stream": envelope.stream,
        "forbear.tenant": envelope.tenant,
    }
