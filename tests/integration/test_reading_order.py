"""Reading without gaps or reordering, under 64 writers; and the wrong ways, seen to fail.

The wrong readers and the wrong appends run beside the right ones, in one database and at the same
time, so a run in which they get away with it proves nothing and fails.
"""

import asyncio
import logging
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
import pytest

from shared.eventstore.postgres import open_pool
from shared.messaging.feed import Bell
from shared.messaging.postgres import PostgresFeed
from tests.databases import Database
from tests.integration.reading_order import (
    WRONG_APPENDS,
    WRONG_READS,
    Load,
    RightReader,
    WrongReader,
)

pytestmark = pytest.mark.integration

log = logging.getLogger(__name__)

POOLS = 4
CONNECTIONS_PER_POOL = 19  # 64 writers and 12 wrong ones, all at once
DURATION_MIN_S = 5.0
DURATION_MAX_S = 120.0
EVENTS_MIN = 1000
KINDS = 9
DONE_MIN = 3
PAGE_SIZES = (5, 97, 500)


async def test_nothing_is_skipped_and_nothing_comes_out_of_stream_order(
    database: Database,
) -> None:
    async with AsyncExitStack() as stack:
        owner = await _connect(stack, database.owner)
        for statement in WRONG_APPENDS:
            await owner.execute(statement)
        pools = [await _pool(stack, database.app) for _ in range(POOLS)]
        feeds = await _pool(stack, database.feed)
        load = Load(pools, seed=time.monotonic_ns())
        right = [RightReader(PostgresFeed("ledger", feeds, Bell()), size) for size in PAGE_SIZES]
        wrong = {
            name: WrongReader(await _connect(stack, database.feed), statement)
            for name, statement in WRONG_READS.items()
        }
        everyone: list[RightReader | WrongReader] = [*right, *wrong.values()]
        readers = [asyncio.create_task(each.run()) for each in everyone]
        writers = load.start()
        caught = await _run_until_caught(load, right, wrong, owner)
        load.stop.set()
        await asyncio.gather(*writers)
        for each in everyone:
            each.stop.set()
        await asyncio.gather(*readers)
        rows = await owner.fetch("SELECT event_id, tenant_id, stream, version FROM events")

    committed = {row["event_id"] for row in rows}

    assert len(load.done) == KINDS, load.done
    assert len(rows) >= EVENTS_MIN
    _assert_versions_have_no_gap(rows)
    assert load.acknowledged <= {(row["tenant_id"], row["stream"], row["version"]) for row in rows}
    for reader in right:
        assert len(reader.ids) == len(set(reader.ids)), "delivered twice"
        assert set(reader.ids) == committed, "skipped or invented"
        sound = {stream: n for stream, n in reader.reordered.items() if "wrong" not in stream}
        assert sound == {}, "out of stream order"
    # And now what proves that this test can fail.
    skipped = {name: len(committed - set(reader.ids)) for name, reader in wrong.items()}
    reordered = dict(right[-1].reordered)
    log.info("%d events; skipped %s; reordered %s", len(rows), skipped, reordered)
    log.info("done by writers: %s", dict(load.done))
    assert caught, f"a wrong way went unnoticed: skipped {skipped}, reordered {reordered}"
    assert all(skipped.values())
    assert reordered.keys() == {"wrong-updating_first", "wrong-writing_first"}


async def _connect(stack: AsyncExitStack, url: str) -> Any:
    connection = await asyncpg.connect(url)
    stack.push_async_callback(connection.close)
    return connection


async def _pool(stack: AsyncExitStack, url: str) -> Any:
    pool = await open_pool(url, size_max=CONNECTIONS_PER_POOL)
    stack.callback(pool.terminate)
    return pool


async def _run_until_caught(
    load: Load, right: list[RightReader], wrong: dict[str, WrongReader], observer: Any
) -> bool:
    """Run at least a while, and on until every kind of writer has had its share."""
    begin = time.monotonic()
    free = set(wrong)
    while time.monotonic() < begin + DURATION_MAX_S:
        await asyncio.sleep(0.25)
        free -= {name for name in free if await wrong[name].has_skipped(observer)}
        are_reordered = len(right[-1].reordered) == 2
        has_enough = len(load.done) == KINDS and min(load.done.values()) >= DONE_MIN
        has_enough = has_enough and len(right[-1].ids) >= EVENTS_MIN
        if time.monotonic() >= begin + DURATION_MIN_S and not free and are_reordered and has_enough:
            return True
    return False


def _assert_versions_have_no_gap(rows: list[Any]) -> None:
    versions = defaultdict(list)
    for row in rows:
        versions[row["tenant_id"], row["stream"]].append(row["version"])
    for stream, found in versions.items():
        assert sorted(found) == list(range(1, len(found) + 1)), stream
