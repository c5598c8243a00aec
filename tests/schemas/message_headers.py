"""The headers of the relay's records, as its own code writes them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from shared.eventstore import codec
from shared.eventstore.store import Metadata
from shared.messaging.feed import START, Delivery, Envelope
from shared.messaging.kafka import records
from shared.messaging.kafka.dead_letters import letter_of
from shared.messaging.kafka.records import Headers, Publication
from shared.messaging.parking import Failure, ParkedEvent
from tests.databases import SERVICES
from tests.schemas import event_types
from tests.schemas.event_types import MESSAGING, EventType
from tests.schemas.examples import INSTANT
from tests.schemas.fields import FIELDS, ID_SUFFIX

Schema = dict[str, Any]

CONTENT_TYPE = "application/json"
_SAMPLE = "01h455vb4pex5vsknk084sn02q"
_INSTANT = {"type": "string", "format": "date-time", "pattern": r"\.\d{6}Z$"}
INSTANT_AT = datetime(2026, 3, 2, 15, 4, 5, 678900, tzinfo=UTC)
PUBLICATION = Publication(epoch="4c1f1b1e-58b4-4f0c-8a55-0d9d3b0c8a11", number=1, after=-1)
_ACTING = Metadata(
    actor=f"key_{_SAMPLE}",
    correlation_id=f"req_{_SAMPLE}",
    causation_id=f"evt_{_SAMPLE}",
    traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
)
_ALONE = Metadata(actor=_ACTING.actor, correlation_id=_ACTING.correlation_id)

_DELIVERY = Delivery(topic="forbear.ledger.events.v1", partition=0, offset=17, key=None, headers=())
_SAYS: Mapping[str, Schema] = {
    "ce_specversion": {"const": "1.0"},
    "ce_id": {"description": "Id of the event.", "pattern": f"^evt_{ID_SUFFIX}$"},
    "ce_source": {"description": "The service.", "pattern": "^//[a-z]+$"},
    "ce_type": {"description": "Type and version of the event."},
    "ce_subject": {"description": "The stream.", "pattern": r"^[a-z]+-[0-9a-z_-]+$"},
    "ce_time": {"description": "When it happened, on the tenant's clock.", **_INSTANT},
    "ce_sequence": {"description": "Version in its stream, from 1.", "pattern": "^[0-9]{20}$"},
    "ce_partitionkey": {"description": "The key."},
    "ce_recordedtime": {"description": "When it was stored.", **_INSTANT},
    "ce_tenant": {"description": "The agency.", "pattern": f"^agy_{ID_SUFFIX}$"},
    "ce_authid": {"description": "Who caused it: an API key, or a process of ours."},
    "ce_correlationid": {"description": "The request that began the chain of causes."},
    "ce_causationid": {"description": "The event that caused it."},
    "ce_traceparent": {"description": "The trace in which it began (W3C); no hop changes it."},
    "ce_dataclassification": {"const": "restricted"},
    "content-type": {"const": CONTENT_TYPE},
    "forbear-metadata": {
        "description": "Who, causes and trace, as JSON, exactly as hashed.",
        "contentMediaType": CONTENT_TYPE,
    },
    "forbear-epoch": {"description": "Names the store; a restored one has another."},
    "forbear-publication": {
        "description": "Number of this sending of the whole log.",
        "pattern": "^[0-9]+$",
    },
    "forbear-after": {
        "description": "An offset acknowledged before; at or below it the record is astray.",
        "pattern": "^-?[0-9]+$",
    },
    "dlq-reason": {
        "description": "Why it was parked; behind-a-parked-event: it only waits.",
        "enum": ["behind-a-parked-event", "failed", "undecodable", "unknown-version"],
    },
    "dlq-exception": {"description": "What it failed with; empty if it only waits."},
    "dlq-original-topic": {"description": "The topic it came in."},
    "dlq-original-partition": {"description": "And its partition.", "pattern": "^[0-9]+$"},
    "dlq-original-offset": {"description": "And its offset.", "pattern": "^[0-9]+$"},
    "dlq-attempts": {"description": "How often it was tried.", "pattern": "^[0-9]+$"},
    "dlq-at": {
        "description": "When it was parked, or failed last.",
        "format": "date-time",
        "pattern": "Z$",
    },
    "forbear-beginning": {"const": "1"},
    "forbear-fresh-as-of": {"description": "What the mark vouches for.", **_INSTANT},
}


def of_events() -> Schema:
    """Return the schema of an event's headers."""
    event = event_types.every()[0]
    every, always = (
        records.headers_of(_envelope(event, {}, metadata), PUBLICATION)
        for metadata in (_ACTING, _ALONE)
    )
    return _schema(every, always)


def of_beginnings() -> Schema:
    """Return the schema of the headers of the mark before a publication."""
    return _schema(records.beginning(PUBLICATION), records.beginning(PUBLICATION))


def of_watermarks() -> Schema:
    """Return the schema of the headers of the mark that vouches for what stands before it."""
    sent = records.watermark(PUBLICATION, INSTANT_AT)
    return _schema(sent, sent)


def of_dead_letters() -> Schema:
    """Return the schema of what is added to the headers of a record that was parked."""
    sent = said_of_a_dead_letter()
    return _schema(sent, sent)


def said_of_a_dead_letter() -> Headers:
    """Return what is added to the headers of a record that was parked."""
    event = event_types.every()[0]
    parked = ParkedEvent(
        subscription="compliance-facts-from-ledger",
        partition="0",
        envelope=_envelope(event, {}, _ALONE),
        failure=Failure(error="UnreadableEvent", attempts=5),
        at=INSTANT_AT,
    )
    return letter_of(parked, _DELIVERY, 1).headers


def example(event: EventType, payload: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers that an event is sent with."""
    envelope = _envelope(event, payload, _ACTING)
    return {name: value.decode() for name, value in records.headers_of(envelope, PUBLICATION)}


def _schema(every: Headers, always: Headers) -> Schema:
    """Describe headers; those of `always` are required."""
    if undescribed := [name for name, _ in every if name not in _SAYS]:
        raise LookupError(f"say in _SAYS what these headers are: {', '.join(undescribed)}")
    return {
        "type": "object",
        "properties": {name: {"type": "string", **_SAYS[name]} for name, _ in every},
        "required": [name for name, _ in always],
    }


def _envelope(event: EventType, payload: Mapping[str, Any], metadata: Metadata) -> Envelope:
    return Envelope(
        source=SERVICES[0] if event.service == MESSAGING else event.service,
        position=START,
        tenant=f"agy_{_SAMPLE}",
        stream=event.stream.format_map({name: each.sample for name, each in FIELDS.items()}),
        version=1,
        event_id=f"evt_{_SAMPLE}",
        type=event.name,
        data=msgspec.json.encode(payload, order="sorted"),
        metadata_bytes=codec.encode(metadata),
        occurred_at=datetime.fromisoformat(INSTANT),
        recorded_at=INSTANT_AT,
    )
