"""A publication's number fences: whoever was overtaken notes nothing and begins nothing."""

from collections.abc import AsyncIterator

import pytest

from shared.eventstore.postgres import open_pool
from shared.messaging.effects import Deposed
from shared.messaging.kafka.publications import NOTHING_SENT, Publications, Sending
from tests.databases import Database

pytestmark = pytest.mark.integration

OWN = (0, 1)


@pytest.fixture
async def publications(database: Database) -> AsyncIterator[Publications]:
    pool = await open_pool(database.app)
    made = Publications(pool)
    await made.begin("0/1", OWN, {}, 2)
    yield made
    await pool.close()


def sending(number: int, last_offset: int = NOTHING_SENT) -> Sending:
    return Sending(
        number=number, last_offset=last_offset, last_event_offset=last_offset, partitions=2
    )


async def test_what_was_acknowledged_is_kept_and_never_goes_back(
    publications: Publications,
) -> None:
    await publications.note({0: sending(1, 7)})
    await publications.note({0: sending(1, 5)})
    assert await publications.all() == {0: sending(1, 7), 1: sending(1)}


async def test_of_two_relays_that_begin_at_once_one_does(publications: Publications) -> None:
    known = await publications.all()
    await publications.begin("0/1", OWN, known, 2)
    with pytest.raises(Deposed):
        await publications.begin("0/1", OWN, known, 2)
    with pytest.raises(Deposed):
        await publications.begin("0/1", OWN, {}, 2)
    assert await publications.all() == {0: sending(2), 1: sending(2)}


async def test_who_was_overtaken_notes_nothing(publications: Publications) -> None:
    await publications.begin_anew()
    with pytest.raises(Deposed):
        await publications.note({0: sending(1, 7), 1: sending(1, 9)})
    assert await publications.all() == {0: sending(2), 1: sending(2)}
