"""Which publication each partition is at, and the last offsets the brokers acknowledged there.

The number fences: whoever sends notes what was acknowledged under the number it sent, and finds
out that another relay, or an operator, has begun the next publication meanwhile.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach
from shared.kernel.records import record
from shared.messaging.effects import Deposed

NOTHING_SENT = -1
RELAY = "relay"
_NOTHING = f"last_offset = {NOTHING_SENT}, last_event_offset = {NOTHING_SENT}"
_READ = (
    "SELECT partition, partitions, publication, last_offset, last_event_offset FROM publications"
)
_RESET = (
    "INSERT INTO checkpoints (subscription, partition, transaction_id, position, epoch)"
    f" VALUES ('{RELAY}', $1, '0', 0, '') ON CONFLICT (subscription, partition)"
    " DO UPDATE SET transaction_id = '0', position = 0, epoch = ''"
)
_RESET_ALL = (
    "UPDATE checkpoints SET transaction_id = '0', position = 0, epoch = ''"
    f" WHERE subscription = '{RELAY}'"
)
_FIRST = (
    "INSERT INTO publications (partition, partitions, publication, last_offset)"
    f" SELECT n, $2, 1, {NOTHING_SENT} FROM unnest($1::integer[]) AS n ON CONFLICT DO NOTHING"
    " RETURNING partition"
)
_NEXT = (
    f"UPDATE publications p SET publication = p.publication + 1, {_NOTHING}"
    " FROM unnest($1::integer[], $2::bigint[]) AS n(partition, publication)"
    " WHERE p.partition = n.partition AND p.publication = n.publication RETURNING p.partition"
)
_ALL_NEXT = f"UPDATE publications SET publication = publication + 1, {_NOTHING}"
_RESHARD = "SELECT reshard_relay($1)"
# Not to be waited for until it is on disk: a crash that loses it loses the checkpoint after it too.
_NOTE = (
    "UPDATE publications p SET last_offset = greatest(p.last_offset, n.any_offset),"
    "  last_event_offset = greatest(p.last_event_offset, n.event_offset)"
    " FROM unnest($1::integer[], $2::bigint[], $3::bigint[], $4::bigint[])"
    "   AS n(partition, publication, any_offset, event_offset),"
    "   set_config('synchronous_commit', 'off', true)"
    " WHERE p.partition = n.partition AND p.publication = n.publication RETURNING p.partition"
)


@record
class Sending:
    """How far a partition's publication has come, in a topic of so many partitions."""

    number: int
    last_offset: int
    last_event_offset: int
    partitions: int


class Publications:
    """Kept in the source's own database, so that another relay can carry on."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def all(self) -> dict[int, Sending]:
        """Return every partition that was ever begun."""

        async def call() -> list[asyncpg.Record]:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                rows: list[asyncpg.Record] = await connection.fetch(_READ)
                return rows

        return {
            row["partition"]: Sending(
                number=row["publication"],
                last_offset=row["last_offset"],
                last_event_offset=row["last_event_offset"],
                partitions=row["partitions"],
            )
            for row in await reach(call)
        }

    async def begin(
        self, checkpoint: str, own: Sequence[int], known: Mapping[int, Sending], partitions: int
    ) -> None:
        """Begin a shard's first or next publication, and send its checkpoint back to the start.

        Raises:
            Deposed: another relay has begun one meanwhile.
        """
        old = [each for each in own if each in known]
        new = [each for each in own if each not in known]

        async def call() -> None:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                async with connection.transaction():
                    numbers = [known[each].number for each in old]
                    begun = await connection.fetch(_NEXT, old, numbers)
                    begun += await connection.fetch(_FIRST, new, partitions)
                    if len(begun) != len(own):
                        raise Deposed(RELAY)
                    await connection.execute(_RESET, checkpoint)

        await reach(call)

    async def begin_anew(self) -> None:
        """Have every relay send the whole log again."""

        async def call() -> None:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                async with connection.transaction():
                    await connection.execute(_ALL_NEXT)
                    await connection.execute(_RESET_ALL)

        await reach(call)

    async def reshard(self, count: int) -> None:
        """Have so many shards go on from where another number of them had all come to, if any."""

        async def call() -> None:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                await connection.execute(_RESHARD, count)

        await reach(call)

    async def note(self, acknowledged: Mapping[int, Sending]) -> None:
        """Note what was acknowledged.

        Raises:
            Deposed: a later publication was begun meanwhile; under its number nothing was noted.
        """
        columns: list[Any] = [
            list(acknowledged),
            [each.number for each in acknowledged.values()],
            [each.last_offset for each in acknowledged.values()],
            [each.last_event_offset for each in acknowledged.values()],
        ]

        async def call() -> None:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                if len(await connection.fetch(_NOTE, *columns)) != len(acknowledged):
                    raise Deposed(RELAY)

        await reach(call)
