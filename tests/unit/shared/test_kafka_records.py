"""Events and marks survive the way through a record's headers; strangers are told apart."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from shared.eventstore import codec
from shared.eventstore.store import Metadata
from shared.messaging.feed import START, Envelope, Position
from shared.messaging.kafka import records
from shared.messaging.kafka.records import ForeignRecord, Headers, Publication, UnreadableRecord

NOON = datetime(2026, 6, 10, 12, 0, 0, 123456, tzinfo=UTC)
SECOND = Publication(epoch="store-1", number=2, after=4)
ENVELOPE = Envelope(
    source="ledger",
    position=START,
    tenant="agy_1",
    stream="account-acct_1",
    version=3,
    event_id="evt_1",
    type="forbear.ledger.account-placed.v1",
    data=b'{"consumer_ids":["cns_1"]}',
    metadata_bytes=codec.encode(Metadata(actor="key_1", correlation_id="c-1")),
    occurred_at=NOON,
    recorded_at=NOON,
)


def message(
    headers: Headers, value: bytes | None = b"", offset: int = 5, key: bytes | None = b"cns_1"
) -> Any:
    return SimpleNamespace(
        topic="t", partition=0, offset=offset, headers=headers, value=value, key=key
    )


def test_an_event_arrives_as_it_was_sent() -> None:
    sent = records.read("ledger", message(records.headers_of(ENVELOPE, SECOND), ENVELOPE.data))
    assert sent.publication == SECOND
    assert sent.envelope is not None
    assert sent.envelope.position == Position(transaction_id=2, position=6)
    for name in ("tenant", "stream", "version", "event_id", "type", "data", "metadata_bytes"):
        assert getattr(sent.envelope, name) == getattr(ENVELOPE, name)
    assert (sent.envelope.occurred_at, sent.envelope.recorded_at) == (NOON, NOON)


def test_the_hop_travels_beside_the_origin_and_not_instead_of_it() -> None:
    hop = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    headers = records.headers_of(ENVELOPE, SECOND, hop)
    sent = records.read("ledger", message(headers, ENVELOPE.data))
    assert sent.envelope is not None
    assert sent.envelope.delivery is not None
    assert sent.envelope.delivery.traceparent == hop
    assert sent.envelope.metadata_bytes == ENVELOPE.metadata_bytes
    assert dict(headers)["traceparent"] == hop.encode()
    assert "traceparent" not in dict(records.headers_of(ENVELOPE, SECOND))


def test_marks_are_no_events() -> None:
    fresh = records.read("ledger", message(records.watermark(SECOND, NOON)))
    assert (fresh.envelope, fresh.fresh_as_of, fresh.is_beginning) == (None, NOON, False)
    begun = records.read("ledger", message(records.beginning(SECOND)))
    assert (begun.envelope, begun.fresh_as_of, begun.is_beginning) == (None, None, True)


@pytest.mark.parametrize(("offset", "is_stray"), [(3, True), (4, True), (5, False)])
def test_a_record_at_an_offset_given_before_was_meant_for_another_topic(
    offset: int, is_stray: bool
) -> None:
    assert records.read("x", message(records.beginning(SECOND), offset=offset)).is_stray is is_stray


def test_a_strangers_record_is_told_from_one_of_ours_that_cannot_be_read() -> None:
    with pytest.raises(ForeignRecord):
        records.read("ledger", message([("some-header", b"x")], b"{}"))
    for missing in ("ce_id", "forbear-epoch", "forbear-metadata"):
        headers = [each for each in records.headers_of(ENVELOPE, SECOND) if each[0] != missing]
        with pytest.raises(UnreadableRecord):
            records.read("ledger", message(headers, ENVELOPE.data))


def changed(name: str, value: bytes) -> Headers:
    headers = records.headers_of(ENVELOPE, SECOND)
    return [(each, value if each == name else old) for each, old in headers]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_tenant", b""),
        ("ce_id", b"evt\x00"),
        ("ce_type", b"\xff"),
        ("ce_sequence", b"0"),
        ("ce_sequence", b"2147483648"),
        ("ce_time", b"2026-06-10T12:00:00"),
    ],
)
def test_what_could_not_even_be_set_aside_is_unreadable(name: str, value: bytes) -> None:
    with pytest.raises(UnreadableRecord):
        records.read("ledger", message(changed(name, value), ENVELOPE.data))


@pytest.mark.parametrize("value", [None, b"", b"\xff\x00garbage", b'{"consumer_ids":"cns_2"}'])
def test_data_that_cannot_be_read_concerns_whom_it_was_published_for(value: bytes | None) -> None:
    headers = records.headers_of(ENVELOPE, SECOND)
    sent = records.read("ledger", message(headers, value))
    assert sent.envelope is not None
    assert sent.envelope.keys == ("cns_1",)
    for key in (None, b"", b"\xff", b"cns\x00"):
        sent = records.read("ledger", message(headers, value, key=key))
        assert sent.envelope is not None
        assert sent.envelope.keys == ("account-acct_1",)


def test_consumers_that_cannot_be_names_are_not_taken_for_any() -> None:
    headers = records.headers_of(ENVELOPE, SECOND)
    sent = records.read("ledger", message(headers, b'{"consumer_ids":["cns_\\u0000"]}'))
    assert sent.envelope is not None
    assert sent.envelope.keys == ("cns_1",)
