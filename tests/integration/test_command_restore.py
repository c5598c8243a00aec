"""After a restore every reader goes on where it stood, although transaction ids begin anew."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import pytest

from services.command.administration import Stores
from shared.eventstore import codec
from shared.messaging.jobs import JobRunner
from shared.messaging.subscription import Subscription, reaction
from shared.postgres.epoch import start_new_epoch
from tests.databases import SERVICES, Database
from tests.integration.world import METADATA, Running, Ticked, open_world, repeat
from tests.waiting import until

pytestmark = pytest.mark.integration

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
_INSERT = """
INSERT INTO events (tenant_id, stream, version, event_id, type, data, metadata, occurred_at)
VALUES ('agy_1', $1, $2, $3, 'forbear.test.ticked.v1', $4, $5, $6)
"""
_HEAD = """
SELECT transaction_id::text, position FROM events
ORDER BY events.transaction_id DESC, position DESC LIMIT 1
"""
_IS_BEHIND = """
SELECT NOT EXISTS (
  SELECT FROM checkpoints WHERE subscription = 'contact-echoes-from-ledger'
    AND (transaction_id, position) >= ($1::text::xid8, $2))
"""


@pytest.fixture
async def services(databases: dict[str, Database]) -> AsyncIterator[dict[str, Running]]:
    async with open_world(databases) as made:
        yield made


async def _append(
    connection: "asyncpg.Connection[asyncpg.Record]", stream: str, version: int
) -> None:
    data = codec.encode(Ticked(number=version, at=MONDAY))
    event_id = f"evt_{stream}_{version}"
    metadata = codec.encode(METADATA)
    await connection.execute(_INSERT, stream, version, event_id, data, metadata, MONDAY)


async def _interleaved(database: Database, round_number: int) -> None:
    """Append so that the order of commits is not the order of positions: c b e a d."""
    connections = [await asyncpg.connect(database.owner) for _ in range(5)]
    first, second, third, fourth, fifth = connections
    for each in (first, second, third, fourth, fifth):
        await each.execute("BEGIN; SELECT pg_current_xact_id()")
    for name, connection in zip("abcde", (fourth, second, first, fifth, third), strict=True):
        await _append(connection, f"{name}{round_number}", 1)
    for name, connection in zip("abcde", (fourth, second, first, fifth, third), strict=True):
        await _append(connection, f"{name}{round_number}", 2)
    for each in (fifth, third, first, fourth, second):
        await each.execute("COMMIT")
        await each.close()


async def _restored(databases: dict[str, Database]) -> None:
    own = databases["ledger"]
    await start_new_epoch(own.admin, [databases[service].name for service in SERVICES])


async def _echoes(databases: dict[str, Database]) -> dict[str, int]:
    connection = await asyncpg.connect(databases["contact"].owner)
    rows = await connection.fetch(
        "SELECT stream, count(*) FROM events WHERE stream LIKE 'echo-%' GROUP BY stream"
    )
    await connection.close()
    return {row["stream"].removeprefix("echo-"): row["count"] for row in rows}


async def _reader(services: dict[str, Running], page_size_max: int) -> Subscription:
    return await services["contact"].subscription(
        "contact-echoes-from-ledger", "ledger", [reaction(Ticked, repeat)], None, page_size_max
    )


async def _read_all(reader: Subscription, stores: Stores) -> int:
    """Read to the end, which a transaction anywhere on the server holds back for a while."""
    head = await stores.of("ledger").fetchrow(_HEAD)
    taken = 0
    async with asyncio.timeout(60):
        while head and await stores.of("contact").fetchval(_IS_BEHIND, *head):
            taken += await reader.step()
    return taken + await reader.step()


class TestStartNewEpoch:
    @pytest.mark.parametrize("read", range(11))
    async def test_repeats_and_skips_nothing_wherever_the_reader_stood(
        self,
        databases: dict[str, Database],
        services: dict[str, Running],
        stores: Stores,
        read: int,
    ) -> None:
        await _read_all(await _reader(services, 200), stores)
        await _interleaved(databases["ledger"], read)
        one_by_one = await _reader(services, 1)
        taken = 0
        while taken < read:
            taken += await one_by_one.step()

        await _restored(databases)

        reader = await _reader(services, 3)
        await _read_all(reader, stores)
        echoes = await _echoes(databases)
        assert {name: echoes[f"{name}{read}"] for name in "abcde"} == dict.fromkeys("abcde", 2)
        # And new events, whose transaction ids are above zero again, still flow.
        await _append(stores.of("ledger"), f"later{read}", 1)
        assert await _read_all(reader, stores) == 1
        assert (await _echoes(databases))[f"later{read}"] == 1

    async def test_sees_nothing_again_when_all_was_read(
        self, databases: dict[str, Database], services: dict[str, Running], stores: Stores
    ) -> None:
        await _interleaved(databases["ledger"], 99)
        await _read_all(await _reader(services, 200), stores)
        await _restored(databases)
        assert await _read_all(await _reader(services, 200), stores) == 0

    async def test_goes_on_counting_positions(
        self, databases: dict[str, Database], stores: Stores
    ) -> None:
        await _append(stores.of("ledger"), "before", 1)
        highest = await stores.of("ledger").fetchval("SELECT max(position) FROM events")
        await stores.of("ledger").execute("ALTER TABLE events ALTER position RESTART WITH 1")
        await _restored(databases)
        await _append(stores.of("ledger"), "after", 1)
        assert await stores.of("ledger").fetchval("SELECT max(position) FROM events") > highest

    async def test_vouches_for_no_freshness(
        self, databases: dict[str, Database], services: dict[str, Running], stores: Stores
    ) -> None:
        reader = await _reader(services, 200)
        await _read_all(reader, stores)
        assert await stores.of("contact").fetchval("SELECT count(*) FROM watermarks") > 0
        await _restored(databases)
        assert await stores.of("contact").fetchval("SELECT count(*) FROM watermarks") == 0
        reader = await _reader(services, 200)  # as after a start

        async def is_fresh() -> bool:
            await reader.step()
            return bool(await stores.of("contact").fetchval("SELECT count(*) FROM watermarks"))

        await until(is_fresh)

    async def test_frees_jobs_that_were_under_way(
        self, databases: dict[str, Database], services: dict[str, Running], stores: Stores
    ) -> None:
        ledger = services["ledger"]
        await ledger.tick("agy_1", "clock-1", every_s=1, times=2)
        await stores.of("ledger").execute(
            "UPDATE jobs SET due_at = now(), owner = 'gone', lease_until = now() + interval '1 h'"
        )
        runner = JobRunner(ledger.jobs_pool, {"tick": ledger.do_tick}, "new", ledger.bell)
        assert await runner.step() == 0
        await _restored(databases)
        assert await runner.step() == 1
