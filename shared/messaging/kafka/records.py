"""Events as Kafka records: CloudEvents in binary mode, and the relay's own marks between them.

The value is the event's data exactly as stored, so that hashes match; every attribute is a header.
https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.kernel.errors import InvariantViolated
from shared.kernel.records import record
from shared.messaging.feed import HOP_HEADER, Delivery, Envelope, Position

Headers = list[tuple[str, bytes]]

CLUSTER_MARK = "@"
"""Between the store's epoch and the cluster's id, in the epoch that a checkpoint is bound to."""

VERSION_MAX = 2**31 - 1
EVENT_ID = "ce_id"

_EPOCH = "forbear-epoch"
_PUBLICATION = "forbear-publication"
_AFTER = "forbear-after"
_METADATA = "forbear-metadata"
_FRESH_AS_OF = "forbear-fresh-as-of"
_BEGINNING = "forbear-beginning"


class ForeignRecord(InvariantViolated):
    """A record of the topic that no relay of ours wrote."""


class UnreadableRecord(InvariantViolated):
    """A relay's record that this version cannot read; what follows it must wait."""


@record
class Publication:
    """One complete sending of a store's log to a partition; a later one has a higher number.

    `after` is an offset that was acknowledged before: a record at or below it is in another topic.
    """

    epoch: str
    number: int
    after: int


@record
class Sent:
    """A record as read: an event, or a mark of the relay.

    A mark either begins a publication or says that every event of this partition committed before
    `fresh_as_of` stands before it.
    """

    publication: Publication
    offset: int
    envelope: Envelope | None = None
    fresh_as_of: datetime | None = None
    is_beginning: bool = False

    @property
    def is_stray(self) -> bool:
        """Tell whether it was sent to a topic that was replaced before it arrived."""
        return self.offset <= self.publication.after

    @property
    def position(self) -> Position:
        """Return where to read on behind it."""
        return Position(transaction_id=self.publication.number, position=self.offset + 1)


def headers_of(
    envelope: Envelope, publication: Publication, traceparent: str | None = None
) -> Headers:
    """Return the headers that an event is sent with.

    Args:
        traceparent: of this sending; the event's own, its origin, stays what it is.
    """
    metadata = envelope.metadata
    attributes = {
        "ce_specversion": "1.0",
        EVENT_ID: envelope.event_id,
        "ce_source": f"//{envelope.source}",
        "ce_type": envelope.type,
        "ce_subject": envelope.stream,
        "ce_time": _written(envelope.occurred_at),
        "ce_sequence": f"{envelope.version:020d}",
        "ce_partitionkey": envelope.keys[0],
        "ce_recordedtime": _written(envelope.recorded_at),
        "ce_tenant": envelope.tenant,
        "ce_authid": metadata.actor,
        "ce_correlationid": metadata.correlation_id,
        "ce_causationid": metadata.causation_id,
        "ce_traceparent": metadata.traceparent,
        "ce_dataclassification": "restricted",
        "content-type": "application/json",
    }
    known = [(name, value.encode()) for name, value in attributes.items() if value is not None]
    if traceparent is not None:
        known.append((HOP_HEADER, traceparent.encode()))
    return [*known, (_METADATA, envelope.metadata_bytes), *_of(publication)]


def beginning(publication: Publication) -> Headers:
    """Return the headers of the mark before a publication's first event."""
    return [(_BEGINNING, b"1"), *_of(publication)]


def watermark(publication: Publication, fresh_as_of: datetime) -> Headers:
    """Return the headers of the mark that vouches for what stands before it."""
    return [(_FRESH_AS_OF, _written(fresh_as_of).encode()), *_of(publication)]


def read(source: str, message: Any) -> Sent:
    """Read a consumed record.

    Raises:
        ForeignRecord: its headers are not a relay's.
        UnreadableRecord: they are, and do not fit.
    """
    headers: dict[str, bytes] = dict(message.headers)
    where = f"offset {message.offset} of {message.topic} [{message.partition}]"
    if _EPOCH not in headers and not any(name.startswith("forbear-") for name in headers):
        raise ForeignRecord(where)
    try:
        publication = Publication(
            epoch=headers[_EPOCH].decode(),
            number=int(headers[_PUBLICATION].decode()),
            after=int(headers[_AFTER].decode()),
        )
        fresh_as_of = headers.get(_FRESH_AS_OF)
        is_mark = fresh_as_of is not None or _BEGINNING in headers
        sent = Sent(
            publication=publication,
            offset=message.offset,
            fresh_as_of=_read(fresh_as_of) if fresh_as_of else None,
            is_beginning=_BEGINNING in headers,
        )
        envelope = None if is_mark else _envelope(source, sent.position, message, headers)
    except (KeyError, ValueError, AttributeError) as error:
        raise UnreadableRecord(where) from error
    return (
        sent
        if envelope is None
        else Sent(publication=publication, offset=message.offset, envelope=envelope)
    )


def _envelope(
    source: str, position: Position, message: Any, headers: Mapping[str, bytes]
) -> Envelope:
    return Envelope(
        source=source,
        position=position,
        tenant=_name(headers["ce_tenant"]),
        stream=_name(headers["ce_subject"]),
        version=_version(headers["ce_sequence"]),
        event_id=_name(headers[EVENT_ID]),
        type=_name(headers["ce_type"]),
        data=message.value or b"",
        metadata_bytes=headers[_METADATA],
        occurred_at=_read(headers["ce_time"]),
        recorded_at=_read(headers["ce_recordedtime"]),
        delivery=Delivery(
            topic=message.topic,
            partition=message.partition,
            offset=message.offset,
            key=message.key,
            headers=tuple((name, value or b"") for name, value in message.headers),
            has_value=message.value is not None,
        ),
    )


# What passes these can be stored; what does not could not even be set aside.


def _name(text: bytes) -> str:
    name = text.decode()
    if not name or not name.isprintable():
        raise ValueError("not a name")
    return name


def _version(text: bytes) -> int:
    version = int(text.decode())
    if not 0 < version <= VERSION_MAX:
        raise ValueError("not a version")
    return version


def _of(publication: Publication) -> Headers:
    return [
        (_EPOCH, publication.epoch.encode()),
        (_PUBLICATION, str(publication.number).encode()),
        (_AFTER, str(publication.after).encode()),
    ]


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _read(text: bytes) -> datetime:
    instant = datetime.fromisoformat(text.decode())
    if instant.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return instant
