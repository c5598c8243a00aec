"""Everything a database holds, value by value, as its superuser sees it."""

from collections.abc import Iterator
from typing import Any

import asyncpg

_TABLES = """
SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""


async def everything_in(url: str) -> dict[str, list[bytes]]:
    """Return every value of every column of every table, by table and column."""
    connection = await asyncpg.connect(url)
    try:
        held: dict[str, list[bytes]] = {}
        for table in await connection.fetch(_TABLES):
            for row in await connection.fetch(f"SELECT * FROM {table['name']}"):
                for column, value in row.items():
                    held.setdefault(f"{table['name']}.{column}", []).extend(_bytes(value))
        return held
    finally:
        await connection.close()


def _bytes(value: Any) -> Iterator[bytes]:
    match value:
        case None:
            return
        case bytes():
            yield value
        case list() | tuple():
            for each in value:
                yield from _bytes(each)
        case _:
            yield str(value).encode()
