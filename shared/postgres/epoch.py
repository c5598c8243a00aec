"""What a restored event store needs before it may serve: a new epoch, and cursors that hold.

A restored cluster counts transaction ids anew, so stored ones mean nothing there: every event gets
'0', which is below any living transaction, and readers order them by position alone.
"""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack

import asyncpg

from shared.postgres.urls import in_database

CONNECT_TIMEOUT_S = 10.0

# Where a reader that had come to (transaction_id, position) goes on when position alone orders.
# Commit order is not position order: an event below the old position may be unread. So it goes
# back to before the first unread one; what it sees twice, its inbox turns away.
_RESUME = """
SELECT coalesce(
  (SELECT min(position) - 1 FROM events WHERE (transaction_id, position) > ($1::text::xid8, $2)),
  (SELECT max(position) FROM events),
  0)
"""
_MOVE = """
UPDATE checkpoints SET transaction_id = '0', position = $3, epoch = $4
WHERE subscription = $1 AND partition = $2
"""


# Freshness was vouched for by another cluster's clock, and leases by runners that are gone.
_RENEW = """
UPDATE events SET transaction_id = '0' WHERE transaction_id <> '0';
UPDATE parked_events SET transaction_id = '0' WHERE transaction_id <> '0';
DELETE FROM watermarks;
UPDATE jobs SET owner = NULL, lease_until = NULL WHERE lease_until IS NOT NULL;
SELECT setval(
  pg_get_serial_sequence('events', 'position'),
  greatest(
    (SELECT max(position) FROM events),
    nextval(pg_get_serial_sequence('events', 'position'))
  )
);
"""


async def start_new_epoch(admin_url: str, databases: Sequence[str]) -> None:
    """Give every event store among the databases a new epoch and move all cursors into it.

    A cursor says by its epoch which store it reads. One whose store is not among the databases
    is left as it is: its subscription stops at the mismatch instead of skipping anything.
    """
    async with AsyncExitStack() as stack:
        stores = {}
        for database in databases:
            connection = await asyncpg.connect(
                in_database(admin_url, database), timeout=CONNECT_TIMEOUT_S
            )
            stack.push_async_callback(connection.close, timeout=CONNECT_TIMEOUT_S)
            if await connection.fetchval("SELECT to_regclass('public.store')"):
                stores[await connection.fetchval("SELECT epoch FROM store")] = connection
        for connection in stores.values():  # two-phase by hand: compute all, then change all
            await connection.execute("BEGIN")
        fresh = {
            epoch: await connection.fetchval("SELECT gen_random_uuid()::text")
            for epoch, connection in stores.items()
        }
        for connection in stores.values():
            await _move_cursors(connection, stores, fresh)
        for epoch, connection in stores.items():
            await connection.execute(_RENEW)
            await connection.execute("UPDATE store SET epoch = $1", fresh[epoch])
        for connection in stores.values():
            await connection.execute("COMMIT")
        for connection in stores.values():  # a dump holds no statistics, and plans need them
            await connection.execute("ANALYZE")


async def _move_cursors(
    reader: "asyncpg.Connection[asyncpg.Record]",
    stores: Mapping[str, "asyncpg.Connection[asyncpg.Record]"],
    fresh: Mapping[str, str],
) -> None:
    for row in await reader.fetch(
        "SELECT subscription, partition, transaction_id::text AS transaction_id, position, epoch"
        " FROM checkpoints"
    ):
        if row["epoch"] in stores:
            resume = await stores[row["epoch"]].fetchval(
                _RESUME, row["transaction_id"], row["position"]
            )
            await reader.execute(
                _MOVE, row["subscription"], row["partition"], resume, fresh[row["epoch"]]
            )
