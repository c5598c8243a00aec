"""Dumps of several databases at one instant, and cursors that still hold after a restore."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from services.command.databases import DATABASES, ROLES, DatabaseUrls, database_urls
from shared.eventstore import schema
from shared.postgres.dump import DumpFailed, dump, restore
from shared.postgres.embedded import EmbeddedPostgres
from shared.postgres.epoch import start_new_epoch
from shared.postgres.provision import provision
from shared.postgres.urls import in_database
from tests.waiting import until

pytestmark = pytest.mark.integration

PASSWORDS = dict.fromkeys(ROLES, "only-for-tests")
SOURCE, READER = "forbear_ledger", "forbear_contact"
_EVENT = (
    "INSERT INTO events (transaction_id, tenant_id, stream, version, event_id, type, data,"
    " metadata, occurred_at) VALUES ($1::text::xid8, 'agy', $2, 1, $2, 'type', '', '', now())"
    " RETURNING position"
)
_CHECKPOINT = "INSERT INTO checkpoints VALUES ('reads-ledger', '0', $1::text::xid8, $2, $3)"


@pytest.fixture
async def stores(shared_server: EmbeddedPostgres) -> DatabaseUrls:
    await _empty(shared_server.admin_url)
    urls = database_urls(shared_server.admin_url, PASSWORDS)
    for service in ("ledger", "contact"):
        owner = await asyncpg.connect(urls.owner(service))
        for statement in schema.statements(service):
            await owner.execute(statement)
        await owner.close()
    return urls


async def _empty(admin_url: str) -> None:
    admin = await asyncpg.connect(admin_url)
    for database in (SOURCE, READER):
        await admin.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
    await admin.close()
    await provision(admin_url, DATABASES, PASSWORDS, is_ours=True)


@pytest.fixture
async def source(
    stores: DatabaseUrls,
) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(in_database(stores.admin, SOURCE))
    yield connection
    await connection.close()


@pytest.fixture
async def reader(
    stores: DatabaseUrls,
) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(in_database(stores.admin, READER))
    yield connection
    await connection.close()


async def _unread_before(
    source: "asyncpg.Connection[asyncpg.Record]", at: int, pos: int
) -> set[str]:
    rows = await source.fetch(
        "SELECT event_id FROM events WHERE (transaction_id, position) > ($1::text::xid8, $2)",
        str(at),
        pos,
    )
    return {row["event_id"] for row in rows}


class TestStartNewEpoch:
    @pytest.mark.parametrize("read", range(6))
    async def test_skips_nothing_wherever_the_reader_stood(
        self,
        stores: DatabaseUrls,
        source: "asyncpg.Connection[asyncpg.Record]",
        reader: "asyncpg.Connection[asyncpg.Record]",
        read: int,
    ) -> None:
        # Commit order a d b c e, position order a b c d e: younger transactions inserted first.
        transactions = {"a": 5, "b": 9, "c": 9, "d": 7, "e": 12}
        cursors = {
            name: (at, await source.fetchval(_EVENT, str(at), name))
            for name, at in transactions.items()
        }
        in_order = sorted(cursors.values())
        at, position = ((0, 0), *in_order)[read]
        epoch = await source.fetchval("SELECT epoch FROM store")
        await reader.execute(_CHECKPOINT, str(at), position, epoch)
        unread = await _unread_before(source, at, position)

        await start_new_epoch(stores.admin, [SOURCE, READER])

        moved = await reader.fetchrow(
            "SELECT transaction_id::text, position, epoch FROM checkpoints"
        )
        assert moved["transaction_id"] == "0"
        assert moved["epoch"] == await source.fetchval("SELECT epoch FROM store") != epoch
        assert await _unread_before(source, 0, moved["position"]) >= unread
        if read in (0, 5):  # nothing or everything was read: nothing is seen twice either
            assert await _unread_before(source, 0, moved["position"]) == unread

    async def test_leaves_a_reader_of_another_store_alone(
        self,
        stores: DatabaseUrls,
        reader: "asyncpg.Connection[asyncpg.Record]",
    ) -> None:
        await reader.execute(_CHECKPOINT, "5", 5, "some other store")
        await start_new_epoch(stores.admin, [SOURCE, READER])
        row = await reader.fetchrow("SELECT transaction_id::text, position, epoch FROM checkpoints")
        assert tuple(row) == ("5", 5, "some other store")


class TestDump:
    async def test_holds_all_databases_at_one_instant(
        self,
        stores: DatabaseUrls,
        source: "asyncpg.Connection[asyncpg.Record]",
        reader: "asyncpg.Connection[asyncpg.Record]",
        tmp_path: Path,
    ) -> None:
        """Each writer copies what it sees in the other database: neither copy may run ahead."""
        is_over = asyncio.Event()

        async def ping(nth: int) -> None:
            own, other = [(SOURCE, READER), (READER, SOURCE)][nth]
            writes = await asyncpg.connect(in_database(stores.admin, own))
            reads = await asyncpg.connect(in_database(stores.admin, other))
            while not is_over.is_set():
                seen = await reads.fetchval("SELECT coalesce(max(position), 0) FROM events")
                await writes.execute(
                    "INSERT INTO events (tenant_id, stream, version, event_id, type, data,"
                    " metadata, occurred_at) VALUES ('agy', gen_random_uuid()::text, 1, $1::text,"
                    " 'type', '', '', now())",
                    str(seen),
                )
            await writes.close()
            await reads.close()

        async def has_begun() -> bool:
            return bool(await source.fetchval("SELECT count(*) > 20 FROM events"))

        writers = [asyncio.create_task(ping(nth)) for nth in range(2)]
        await until(has_begun)
        for nth in range(5):
            folder = tmp_path / str(nth)
            folder.mkdir()
            await asyncio.sleep(0.1)
            await dump(stores.admin, [SOURCE, READER], folder)
        is_over.set()
        await asyncio.gather(*writers)

        await source.close()
        await reader.close()
        for nth in range(5):
            await _empty(stores.admin)
            await restore(stores.admin, [SOURCE, READER], tmp_path / str(nth))
            newest, copied = {}, {}
            for database in (SOURCE, READER):
                connection = await asyncpg.connect(in_database(stores.admin, database))
                newest[database], copied[database] = await connection.fetchrow(
                    "SELECT max(position), max(event_id::bigint) FROM events"
                )
                await connection.close()
            assert copied[SOURCE] <= newest[READER]
            assert copied[READER] <= newest[SOURCE]
            assert newest[SOURCE] > 10

    async def test_restores_rights_and_policies(
        self, stores: DatabaseUrls, source: "asyncpg.Connection[asyncpg.Record]", tmp_path: Path
    ) -> None:
        await source.fetchval(_EVENT, "5", "a")
        await dump(stores.admin, [SOURCE], tmp_path)
        await source.close()
        await _empty(stores.admin)
        await restore(stores.admin, [SOURCE], tmp_path)
        app = await asyncpg.connect(stores.by_role["ledger_app"])
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="no tenant is set"):
                await app.fetch("SELECT * FROM events")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await app.execute("UPDATE events SET type = 'forged'")
        finally:
            await app.close()

    async def test_restores_nothing_over_something(
        self, stores: DatabaseUrls, source: "asyncpg.Connection[asyncpg.Record]", tmp_path: Path
    ) -> None:
        await dump(stores.admin, [SOURCE], tmp_path)
        await source.fetchval(_EVENT, "5", "a")
        with pytest.raises(DumpFailed, match="already exists"):
            await restore(stores.admin, [SOURCE], tmp_path)
        assert await source.fetchval("SELECT count(*) FROM events") == 1
