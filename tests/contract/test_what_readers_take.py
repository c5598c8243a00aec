"""What a service reads of another's events is written there, and its handlers take it."""

import msgspec
import pytest

from shared.eventstore import codec
from shared.eventstore.store import Metadata
from shared.kernel.records import event
from shared.messaging.feed import START, Envelope
from tests.schemas import event_types
from tests.schemas.changes import changes
from tests.schemas.event_schemas import schema_of, shape_of
from tests.schemas.event_types import EventType
from tests.schemas.examples import example_of
from tests.schemas.message_headers import INSTANT_AT
from tests.schemas.services import readers_of, reading_classes

EACH = pytest.mark.parametrize("event", event_types.every(), ids=lambda each: each.name)


def unfit(written: EventType, reading: type) -> list[str]:
    """Return what a reader's class asks for that the writer's schema does not promise."""
    return [
        str(each)
        for each in changes(schema_of(written), shape_of(reading))
        if each.narrows and each.what != "is removed"  # a reader passes over what it has no use for
    ]


@EACH
def test_is_promised_by_the_writers_schema(event: EventType) -> None:
    for reading in reading_classes(event.name):
        assert unfit(event, reading) == [], reading.__module__


@EACH
def test_is_taken_by_every_handler(event: EventType) -> None:
    data = msgspec.json.encode(example_of(event.cls), order="sorted")
    envelope = Envelope(
        source=event.service,
        position=START,
        tenant="agy_01h455vb4pex5vsknk084sn02q",
        stream="account-acct_01h455vb4pex5vsknk084sn02q",
        version=1,
        event_id="evt_01h455vb4pex5vsknk084sn02q",
        type=event.name,
        data=data,
        metadata_bytes=codec.encode(Metadata(actor="agent-7", correlation_id="req_1")),
        occurred_at=INSTANT_AT,
        recorded_at=INSTANT_AT,
    )
    for reader in readers_of(event.name):
        for handler in reader.handlers:
            if handler.name == event.name:
                read = codec.decode(handler.event, data) if handler.event else None
                for answer in (handler.react, handler.project):
                    if answer:
                        tuple(answer(read, envelope))


@event("forbear.ledger.account-activated.v1")
class Demanding:
    account_id: str
    consumer_ids: tuple[str, ...]
    at: int
    activated_by: str


def test_a_reader_that_asks_for_too_much_is_named() -> None:
    (activated,) = (
        each for each in event_types.every() if each.name == "forbear.ledger.account-activated.v1"
    )
    assert unfit(activated, Demanding) == [
        "activated_by: is new and required",
        "at: string is refused",
    ]
