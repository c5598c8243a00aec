"""When every reader over Kafka has come to where its source stood."""

from collections.abc import Mapping
from datetime import UTC, datetime

from services.command.quiet import Checkpoint, Look, Place, Standing
from shared.messaging.kafka.publications import RELAY

NOON = datetime(2026, 6, 10, 18, tzinfo=UTC)
HEAD = (900, 40)
SENT = {"0": (1, 20), "1": (1, -1)}
READ = {"0": (1, 21), "1": (1, 1)}


def standing(epoch: str, head: Place, *checkpoints: Checkpoint) -> Standing:
    return Standing(
        epoch=epoch,
        now=NOON,
        next_due=None,
        has_parked=False,
        has_news=False,
        head=head,
        sent=SENT,
        checkpoints=checkpoints,
    )


def behind(read: Mapping[str, Place], relay: Place = HEAD) -> dict[str, str]:
    """Return what is said of a reader in contact that has come so far in the ledger's topic."""
    published = Checkpoint(subscription=RELAY, partition="0/1", reads="ledger-1", place=relay)
    readers = [
        Checkpoint(subscription="holds", partition=each, reads="ledger-1@cluster", place=place)
        for each, place in read.items()
    ]
    own = Checkpoint(subscription="views", partition="0", reads="contact-1", place=(3, 1))
    look = Look(
        standings={
            "ledger": standing("ledger-1", HEAD, published),
            "contact": standing("contact-1", (3, 1), own, *readers),
        }
    )
    return look.behind({"ledger": HEAD, "contact": (3, 1)})


def test_who_has_read_the_last_event_of_every_partition_has_come_there() -> None:
    assert behind(READ) == {}


def test_marks_behind_the_last_event_need_not_be_read() -> None:
    assert behind({**READ, "0": (1, 25)}) == {}


def test_an_event_that_was_acknowledged_and_not_read_is_in_the_way() -> None:
    assert list(behind({**READ, "0": (1, 20)})) == ["holds"]


def test_a_relay_that_has_not_come_there_is_in_the_way() -> None:
    assert set(behind(READ, relay=(900, 39))) == {"holds", RELAY}


def test_a_partition_that_nobody_has_begun_to_read_is_in_the_way() -> None:
    assert "partition 1" in behind({"0": READ["0"]})["holds"]


def test_what_was_read_of_an_earlier_publication_does_not_count() -> None:
    assert list(behind({**READ, "0": (0, 99)})) == ["holds"]
