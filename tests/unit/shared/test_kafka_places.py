"""Which records of a partition a reader takes, whatever stands between them."""

import asyncio
import math

from shared.messaging.feed import Position
from shared.messaging.kafka.clients import Producer
from shared.messaging.kafka.feed import _Place
from shared.messaging.kafka.records import Publication, Sent


def sent(number: int, offset: int, after: int) -> Sent:
    return Sent(publication=Publication(epoch="e", number=number, after=after), offset=offset)


def place() -> _Place:
    return _Place(Position(transaction_id=2, position=10), 10, is_scan=False)


def test_what_follows_is_taken() -> None:
    reader = place()
    assert [reader.is_new(sent(2, offset, 9)) for offset in (10, 11)] == [True, True]


def test_a_straggler_of_an_older_publication_is_passed_over() -> None:
    reader = place()
    straggler = sent(1, 10, 50)
    assert straggler.is_stray
    assert not reader.is_new(straggler)
    assert [reader.is_new(sent(2, offset, 9)) for offset in (11, 12)] == [True, True]


def test_nothing_is_taken_behind_a_stray_of_the_publication_being_read() -> None:
    reader = place()
    assert not reader.is_new(sent(2, 10, 50))
    assert not reader.is_new(sent(2, 11, 9))
    assert reader.has_gap


async def test_a_producer_gives_no_batch_up() -> None:
    """Else what stands behind it would be sent without it, once the partition has a leader."""
    producer = Producer(bootstrap_servers="127.0.0.1:1", request_timeout_ms=1)
    assert producer._message_accumulator._batch_ttl == math.inf
    await asyncio.sleep(0)
    await producer.stop()
