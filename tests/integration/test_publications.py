"""A publication's number fences: whoever was overtaken notes nothing and begins nothing."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from services.command.cli import app
from shared.eventstore.postgres import PostgresEventStore, open_pool
from shared.kernel.clock import RandomIds, SystemClock
from shared.messaging.effects import Deposed, Taken
from shared.messaging.feed import Position
from shared.messaging.kafka.publications import NOTHING_SENT, RELAY, Publications, Sending
from shared.messaging.postgres_effects import PostgresEffects
from shared.postgres.embedded import free_port
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


async def test_an_administrator_needs_nothing_but_the_database(
    publications: Publications, database: Database
) -> None:
    await publications.note({0: sending(1, 7)})
    told = await _relay_anew(database.app)
    assert (told.exit_code, "within half a minute" in told.stdout) == (0, True), told.output
    assert await publications.all() == {0: sending(2), 1: sending(2)}


async def test_an_administrator_is_told_of_a_database_that_is_away() -> None:
    told = await _relay_anew(f"postgresql://ledger_app:x@127.0.0.1:{free_port()}/forbear_ledger")
    assert (told.exit_code, "FORBEAR_LEDGER_APP_DATABASE_URL" in told.stderr) == (2, True)


async def _relay_anew(app_url: str) -> Result:
    environment = {"FORBEAR_LEDGER_APP_DATABASE_URL": app_url}
    words = ["relay", "ledger", "--anew"]
    return await asyncio.to_thread(CliRunner().invoke, app, words, env=environment)


class TestReshard:
    @pytest.fixture
    async def effects(self, database: Database) -> AsyncIterator[PostgresEffects]:
        pool = await open_pool(database.app)
        store = PostgresEventStore(pool, lambda: None)
        yield PostgresEffects(pool, store, RandomIds(), lambda: None)
        await pool.close()

    async def test_shards_of_another_number_go_on_from_where_all_had_come_to(
        self, publications: Publications, effects: PostgresEffects, database: Database
    ) -> None:
        await publications.reshard(2)
        for shard, position in (("0/2", 9), ("1/2", 7)):
            await come_to(effects, shard, position)
        await publications.reshard(3)
        await publications.reshard(3)
        assert await checkpoints(database) == {each: (5, 7) for each in ("0/3", "1/3", "2/3")}
        taken = await effects.take_up(RELAY, "2/3")
        assert taken.epoch == "one"

    async def test_a_shard_that_has_begun_and_sent_nothing_holds_the_others_back(
        self, publications: Publications, effects: PostgresEffects, database: Database
    ) -> None:
        await publications.reshard(2)
        await come_to(effects, "0/2", 9)
        await publications.begin("1/2", [1], await publications.all(), 2)
        await publications.reshard(1)
        assert await checkpoints(database) == {"0/1": (0, 0)}

    async def test_the_same_number_changes_nothing(
        self, publications: Publications, effects: PostgresEffects, database: Database
    ) -> None:
        await come_to(effects, "0/1", 9)
        await publications.reshard(1)
        assert await checkpoints(database) == {"0/1": (5, 9)}

    async def test_a_shard_that_is_still_at_work_finds_out(
        self, publications: Publications, effects: PostgresEffects
    ) -> None:
        taken = await come_to(effects, "0/1", 9)
        await publications.reshard(2)
        with pytest.raises(Deposed):
            await effects.commit(taken, (), Position(transaction_id=5, position=10), None)


async def come_to(effects: PostgresEffects, shard: str, position: int) -> Taken:
    """Move a shard's checkpoint, and say how fresh it is."""
    taken = await effects.accept_epoch(await effects.take_up(RELAY, shard), "one")
    upto = Position(transaction_id=5, position=position)
    return await effects.commit(taken, (), upto, SystemClock().now())


async def checkpoints(database: Database) -> dict[str, tuple[int, int]]:
    """Return where each shard is; none of them may be left with only a watermark."""
    connection = await asyncpg.connect(database.owner)
    try:
        rows = await connection.fetch(
            "SELECT partition, transaction_id::text::int, position FROM checkpoints"
        )
        found = {each["partition"]: (each["transaction_id"], each["position"]) for each in rows}
        watermarks = await connection.fetch("SELECT partition FROM watermarks")
        assert {each["partition"] for each in watermarks} <= found.keys()
    finally:
        await connection.close()
    return found
