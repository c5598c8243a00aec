"""SQLAlchemy Core statements, run on asyncpg connections.

Read models are written and queried with Core expressions; the driver stays the same as the event
store's, so both share one transaction.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from cachetools import LRUCache
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.sql import Executable
from sqlalchemy.sql.compiler import SQLCompiler

from shared.kernel.records import record

_DIALECT: Any = PGDialect_asyncpg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
SHAPES_KEPT_MAX = 1_000
_shapes: LRUCache[Any, SQLCompiler] = LRUCache(SHAPES_KEPT_MAX)


@record
class Row:
    """A statement with its values, as a `Shape` makes it."""

    sql: str
    arguments: list[Any]


Statement = Executable | Row


class Shape:
    """A statement that is written once, for values given later: for what every event writes.

    To build an expression for each and to find that it has been written before costs several times
    what the row itself does.
    """

    def __init__(self, statement: Executable) -> None:
        element: Any = statement
        compiler: SQLCompiler = element.compile(dialect=_DIALECT, column_keys=_written(statement))
        processors: Mapping[str, Any] = compiler._bind_processors
        self._sql = compiler.string
        self._names = [(name, processors.get(name)) for name in compiler.positiontup or ()]

    def row(self, **values: Any) -> Row:
        """Put values into it, by the names of columns or of bound parameters.

        Raises:
            KeyError: one is missing.
        """
        arguments = [
            process(values[name]) if process else values[name] for name, process in self._names
        ]
        return Row(sql=self._sql, arguments=arguments)


def _written(statement: Executable) -> list[str] | None:
    """Return the columns that an insert gives values for: those the database makes are not."""
    if not isinstance(statement, sa.Insert):
        return None
    return [each.key for each in statement.table.columns if each.computed is None]


def compiled(statement: Statement) -> tuple[str, list[Any]]:
    """Return the statement's SQL and its arguments in order.

    Statements of one shape are written once; that costs many times what finding the shape does.
    """
    if isinstance(statement, Row):
        return statement.sql, statement.arguments
    element: Any = statement
    key = element._generate_cache_key()
    compiler = _shapes.get(key.key) if key else None
    if compiler is None:
        compiler = _DIALECT.statement_compiler(_DIALECT, element, cache_key=key)
        if key:
            _shapes[key.key] = compiler
    if compiler.post_compile_params:  # a list to be spelled out: another length is another SQL
        compiler = element.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
        key = None
    parameters = compiler.construct_params(extracted_parameters=key.bindparams if key else None)
    processors: Mapping[str, Any] = compiler._bind_processors
    arguments = []
    for name in compiler.positiontup or ():
        process = processors.get(name)
        value = parameters[name]
        arguments.append(process(value) if process else value)
    return compiler.string, arguments


async def execute(connection: Any, statement: Statement) -> None:
    """Run a statement that returns nothing."""
    sql, arguments = compiled(statement)
    await connection.execute(sql, *arguments)


async def execute_all(connection: Any, statements: Iterable[Statement]) -> None:
    """Run statements that return nothing, in order; neighbors of one shape share a round trip."""
    for sql, alike in groupby(map(compiled, statements), key=itemgetter(0)):
        await connection.executemany(sql, [arguments for _, arguments in alike])


async def fetch(connection: Any, statement: Executable) -> list[Any]:
    """Run a query and return its rows."""
    sql, arguments = compiled(statement)
    rows: list[Any] = await connection.fetch(sql, *arguments)
    return rows
