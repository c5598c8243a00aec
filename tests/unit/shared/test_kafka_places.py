"""Which records of a partition a reader takes, whatever stands between them."""

from shared.messaging.feed import Position
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


def test_nothing_is_taken_of_a_publication_whose_beginning_was_not_seen() -> None:
    reader = _Place(Position(transaction_id=2, position=10), 0, is_scan=True)
    assert [reader.is_new(sent(2, offset, -1)) for offset in (9, 10)] == [False, True]
    assert not reader.is_new(sent(3, 11, 10))
    assert reader.has_gap
