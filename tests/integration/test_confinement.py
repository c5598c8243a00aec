"""A service settles what it has parked, but gives no order about it, and loses no place of its own.

Each act is tried at the revision before as well, where the app role could do it.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest

from shared.eventstore import migrate
from tests.databases import SERVICES, Database, Server
from tests.integration.test_row_level_security import NEW_EVENT, SET_TENANT, As

pytestmark = pytest.mark.integration

PARK = """
INSERT INTO parked_events (tenant_id, subscription, key, partition, transaction_id, position,
  stream, version, event_id, type, error, attempts{0})
VALUES ('agy_1', 'reads', '{1}', '0', '1', {2}, 's', {2}, 'evt_{2}', 't', '{3}', {4}{5})
"""
BEHIND = "behind-a-parked-event"
FAILED = PARK.format("", "cns_1", 1, "ValueError", 5, "")
WAITS = PARK.format("", "cns_1", 2, BEHIND, 0, "")
ORDERED = PARK.format(", ordered, ordered_by", "cns_2", 3, "KeyError", 5, ", 'retry', 'me'")
LOGGED = NEW_EVENT.format("", "").replace("'s-1'", "'parked-reads-evt_3'")
PLACES = """
INSERT INTO checkpoints VALUES ('reads', '0', '5', 9, 'e'), ('relay', '0/2', '5', 9, 'e');
INSERT INTO watermarks VALUES ('reads', '0', now()), ('relay', '0/2', now());
"""
NO_LONGER = (
    "UPDATE parked_events SET ordered = 'discard'",
    "UPDATE parked_events SET ordered = NULL",
    PARK.format(", ordered, ordered_by", "cns_9", 9, "KeyError", 0, ", 'discard', 'Grace Hopper'"),
    PARK.format(", published_at", "cns_9", 9, "KeyError", 0, ", now()"),
    f"UPDATE parked_events SET error = '{BEHIND}', attempts = 0",
    "UPDATE parked_events SET published_at = now()",
    "DELETE FROM parked_events",
    "DELETE FROM checkpoints",
    "DELETE FROM checkpoints WHERE subscription = 'relay'",
    "DELETE FROM watermarks",
    "UPDATE checkpoints SET subscription = 'lost'",
    "UPDATE watermarks SET partition = 'lost'",
)
BEFORE = {"ledger": "0006", "contact": "0006", "disputes": "0006", "compliance": "0009"}
STILL = (
    PARK.format("", "cns_9", 9, "KeyError", 0, ""),
    "INSERT INTO checkpoints VALUES ('begins', '0', '0', 0, '')",
    "UPDATE checkpoints SET transaction_id = '6', position = 1, epoch = 'e'",
    "UPDATE watermarks SET fresh_as_of = now()",
)


async def filled(database: Database) -> None:
    owner = await asyncpg.connect(database.owner)
    for statement in (FAILED, WAITS, ORDERED, PLACES):
        await owner.execute(statement)
    await owner.close()


@pytest.fixture(scope="module", params=SERVICES)
def each_database(request: pytest.FixtureRequest, postgres_server: Server) -> Iterator[Database]:
    made = asyncio.run(postgres_server.database(request.param))
    asyncio.run(filled(made))
    yield made
    asyncio.run(postgres_server.drop(made))


async def refused(database: Database) -> set[str]:
    connection = await asyncpg.connect(database.app)
    app = As(connection)
    found = {each for each in (*NO_LONGER, *STILL) if await app.is_refused(each)}
    await connection.close()
    return found


async def test_an_app_role_is_refused_what_it_could_do_before(each_database: Database) -> None:
    service, owner_url = each_database.service, each_database.owner
    assert await refused(each_database) == set(NO_LONGER)
    await asyncio.to_thread(migrate.downgrade, service, owner_url, BEFORE[service])
    try:
        assert await refused(each_database) == set()
    finally:
        await asyncio.to_thread(migrate.upgrade, service, owner_url)
    assert await refused(each_database) == set(NO_LONGER)


class Confined:
    """The app role's connection, and the owner's to see what came of it."""

    def __init__(self, app: Any, owner: Any) -> None:
        self.app = app
        self.owner = owner

    async def call(self, statement: str, tenant: str = "agy_1") -> Any:
        async with self.app.transaction():
            await self.app.execute(SET_TENANT, tenant)
            return await self.app.fetchval(statement)

    async def parked(self) -> dict[str, tuple[str, int, str | None]]:
        rows = await self.owner.fetch("SELECT * FROM parked_events ORDER BY number")
        return {row["event_id"]: (row["error"], row["attempts"], row["ordered"]) for row in rows}

    async def places(self, table: str = "checkpoints") -> set[tuple[str, str]]:
        rows = await self.owner.fetch(f"SELECT subscription, partition FROM {table}")
        return {tuple(row) for row in rows}


AS_FILLED = {
    "evt_1": ("ValueError", 5, None),
    "evt_2": (BEHIND, 0, None),
    "evt_3": ("KeyError", 5, "retry"),
}


@pytest.fixture
async def confined(database: Database) -> AsyncIterator[Confined]:
    await filled(database)
    connections = [await asyncpg.connect(url) for url in (database.app, database.owner)]
    yield Confined(*connections)
    for each in connections:
        await each.close()


class TestReleaseParked:
    async def test_lets_go_of_nothing_that_failed_and_that_nobody_ordered_about(
        self, confined: Confined
    ) -> None:
        assert not await confined.call("SELECT release_parked('reads', 'evt_1', 5, NULL)")
        assert await confined.parked() == AS_FILLED

    async def test_lets_what_was_ordered_go_once_the_log_has_who_ordered_it(
        self, confined: Confined
    ) -> None:
        release = "SELECT release_parked('reads', 'evt_3', 5, 'retry')"
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="who ordered"):
            await confined.call(release)
        assert await confined.parked() == AS_FILLED
        await confined.call(LOGGED)
        assert await confined.call(release)
        assert "evt_3" not in await confined.parked()

    async def test_takes_an_order_that_was_not_given_for_none(self, confined: Confined) -> None:
        await confined.call(LOGGED.replace("evt_3", "evt_1"))
        assert not await confined.call("SELECT release_parked('reads', 'evt_1', 5, 'discard')")
        assert await confined.parked() == AS_FILLED

    async def test_lets_what_was_never_tried_go_once_it_stands_first(
        self, confined: Confined
    ) -> None:
        release = "SELECT release_parked('reads', 'evt_2', 0, NULL)"
        assert not await confined.call(release)
        await confined.owner.execute("DELETE FROM parked_events WHERE event_id = 'evt_1'")
        assert not await confined.call(release, tenant="agy_2")
        assert await confined.call(release)
        assert await confined.parked() == {"evt_3": AS_FILLED["evt_3"]}


class TestKeepParked:
    async def test_uses_an_order_up_and_counts_the_tries(self, confined: Confined) -> None:
        keep = "SELECT keep_parked('reads', 'evt_3', 5, 'retry', 'OSError', 10)"
        await confined.call(keep, tenant="agy_2")
        assert await confined.parked() == AS_FILLED
        await confined.call(keep)
        assert (await confined.parked())["evt_3"] == ("OSError", 10, None)

    @pytest.mark.parametrize("kept", [f"'{BEHIND}', 5", "'ValueError', 4"])
    async def test_makes_nothing_that_failed_look_untried(
        self, confined: Confined, kept: str
    ) -> None:
        await confined.call(f"SELECT keep_parked('reads', 'evt_1', 5, NULL, {kept})")
        assert await confined.parked() == AS_FILLED

    async def test_leaves_what_was_never_tried_as_it_was(self, confined: Confined) -> None:
        """An audit trail's reader was told to discard it, and must not."""
        order = "UPDATE parked_events SET ordered = 'discard', ordered_by = 'me'"
        await confined.owner.execute(f"{order} WHERE event_id = 'evt_2'")
        await confined.call(f"SELECT keep_parked('reads', 'evt_2', 0, 'discard', '{BEHIND}', 0)")
        assert await confined.parked() == AS_FILLED


class TestReshardRelay:
    async def test_clears_away_no_reader_s_place(self, confined: Confined) -> None:
        await confined.call("SELECT reshard_relay(1)")
        assert await confined.places() == {("reads", "0"), ("relay", "0/1")}
        assert await confined.places("watermarks") == {("reads", "0")}

    async def test_leaves_the_relay_a_place(self, confined: Confined) -> None:
        with pytest.raises(asyncpg.InvalidParameterValueError):
            await confined.call("SELECT reshard_relay(0)")
        assert await confined.places() == {("reads", "0"), ("relay", "0/2")}


async def test_an_order_has_a_name_whoever_gives_it(confined: Confined) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await confined.owner.execute(
            "UPDATE parked_events SET ordered = 'retry', ordered_by = NULL"
        )


async def test_no_other_role_may_ask_for_any_of_it(database: Database) -> None:
    for url in (database.feed, database.jobs):
        connection = await asyncpg.connect(url)
        for call in (
            "release_parked('reads', 'evt_2', 0, NULL)",
            "keep_parked('reads', 'evt_2', 0, NULL, 'OSError', 1)",
            "reshard_relay(1)",
        ):
            assert await As(connection).is_refused(f"SELECT {call}"), call
        await connection.close()
