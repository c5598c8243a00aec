"""All four databases at once, for the commands that administer them.

What is administered (tenants, keys, clocks) is kept in every service's database, so that no
service asks another before it can answer. One connection per database, as its owner.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

from services.command import keys
from services.command.databases import database_urls
from services.command.installation import SERVICES, Installation, locate
from services.command.status import admin_url
from services.command.terminal import Refused

T = TypeVar("T")
Connection = Any  # asyncpg's; its stubs say nothing

CONNECT_TIMEOUT_S = 10.0
_UNREACHABLE = (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError)


class Stores:
    """An open connection to each service's database."""

    def __init__(self, connections: Mapping[str, Connection]) -> None:
        self.connections = connections

    def of(self, service: str) -> Connection:
        """Return the connection to a service's database."""
        return self.connections[service]

    async def fetch(self, query: str, *arguments: Any) -> dict[str, list[Any]]:
        """Run a query in every database, side by side, and return the rows by service."""
        rows = await asyncio.gather(
            *(each.fetch(query, *arguments) for each in self.connections.values())
        )
        return dict(zip(self.connections, rows, strict=True))

    async def execute(self, statement: str, *arguments: Any) -> None:
        """Run a statement in every database, one after another."""
        for each in self.connections.values():
            await each.execute(statement, *arguments)

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """Open a transaction in every database; all are committed, or none if the block raises.

        A crash between two commits leaves some without: whatever is written here is written so
        that doing it again completes it.
        """
        async with AsyncExitStack() as stack:
            for each in self.connections.values():
                await stack.enter_async_context(each.transaction())
            yield


@asynccontextmanager
async def opened(urls: Mapping[str, str]) -> AsyncIterator[Stores]:
    """Connect to the databases at these URLs, by service, while the block runs.

    Raises:
        Refused: one of them does not let us in.
    """
    async with AsyncExitStack() as stack:
        connections = {}
        for service, url in urls.items():
            try:
                connection = await asyncpg.connect(url, timeout=CONNECT_TIMEOUT_S)
            except (*_UNREACHABLE, asyncpg.PostgresError) as error:
                raise Refused(
                    f"The database of {service} does not let us in ({error}). Is Forbear running?"
                ) from error
            stack.push_async_callback(_close, connection)
            connections[service] = connection
        yield Stores(connections)


async def _close(connection: Connection) -> None:
    try:
        await connection.close(timeout=CONNECT_TIMEOUT_S)
    except _UNREACHABLE:
        connection.terminate()


def urls_of(role: str, installation: Installation) -> dict[str, str]:
    """Return each service's database URL for `owner`, `app`, `feed` or `jobs`.

    They come from `FORBEAR_<SERVICE>_<ROLE>_DATABASE_URL` where all four are set, and else from
    the installation on this machine.

    Raises:
        Refused: there is neither.
    """
    names = {each: f"FORBEAR_{each.upper()}_{role.upper()}_DATABASE_URL" for each in SERVICES}
    if all(name in os.environ for name in names.values()):
        return {service: os.environ[name] for service, name in names.items()}
    url = admin_url(installation)
    if url is None or not installation.secrets_file.exists():
        raise Refused(
            f"There is no installation in {installation.folder}. `make run` makes one; for "
            f"databases elsewhere set {', '.join(names.values())}."
        )
    passwords = keys.load(installation.secrets_file).role_passwords
    by_role = database_urls(url, passwords).by_role
    return {service: by_role[f"{service}_{role}"] for service in SERVICES}


def administer(data_dir: Path | None, work: Callable[[Stores], Awaitable[T]]) -> T:
    """Run the work of a sub-command on all four databases.

    Raises:
        Refused: the databases cannot be reached; the reason was printed.
    """
    urls = urls_of("owner", locate(data_dir))

    async def run() -> T:
        async with opened(urls) as stores:
            return await work(stores)

    try:
        return asyncio.run(run())
    except _UNREACHABLE as error:
        raise Refused(f"A database was lost in the middle: {error}. Do it again.") from error


def instant(text: str) -> datetime:
    """Read an instant with a zone, such as 2026-03-02T14:00:00Z.

    Raises:
        Refused: it is none, or says no zone.
    """
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise Refused(f"{text!r} is not an instant such as 2026-03-02T14:00:00Z.")
    return read.astimezone(UTC)


def written(at: datetime | None) -> str:
    """Write an instant as `instant` reads it."""
    return "" if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows as lines with their columns below each other; ids are never cut short."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
