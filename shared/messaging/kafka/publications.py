"""Which publication each partition is at, and the last offset the brokers acknowledged there."""

from collections.abc import Mapping, Sequence

import asyncpg

from shared.eventstore.postgres import ACQUIRE_TIMEOUT_S, reach
from shared.kernel.records import record

NOTHING_SENT = -1
_READ = "SELECT partition, publication, last_offset FROM publications ORDER BY partition"
_NEXT = f"UPDATE publications SET publication = publication + 1, last_offset = {NOTHING_SENT}"
_BEGIN = (
    "INSERT INTO publications AS old (partition, publication, last_offset)"
    f" SELECT unnest($1::integer[]), 1, {NOTHING_SENT}"
    " ON CONFLICT (partition) DO UPDATE"
    f" SET publication = old.publication + 1, last_offset = {NOTHING_SENT}"
)
_RESET = (
    "UPDATE checkpoints SET transaction_id = '0', position = 0, epoch = ''"
    " WHERE subscription = 'relay'"
)
_NOTE = (
    "UPDATE publications p SET last_offset = greatest(p.last_offset, n.acknowledged)"
    " FROM unnest($1::integer[], $2::bigint[]) AS n(partition, acknowledged)"
    " WHERE p.partition = n.partition"
)


@record
class Sending:
    """How far a partition's publication has come."""

    number: int
    last_offset: int


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
            row["partition"]: Sending(number=row["publication"], last_offset=row["last_offset"])
            for row in await reach(call)
        }

    async def begin(self, partitions: Sequence[int]) -> None:
        """Begin the first publication, or the next one, of some partitions."""
        await self._execute(_BEGIN, list(partitions))

    async def begin_anew(self) -> None:
        """Have every relay send the whole log again."""

        async def call() -> None:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                async with connection.transaction():
                    await connection.execute(_RESET)
                    await connection.execute(_NEXT)

        await reach(call)

    async def note(self, last_offsets: Mapping[int, int]) -> None:
        """Note what was acknowledged."""
        await self._execute(_NOTE, list(last_offsets.keys()), list(last_offsets.values()))

    async def _execute(self, statement: str, *arguments: object) -> None:
        async def call() -> None:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                await connection.execute(statement, *arguments)

        await reach(call)
