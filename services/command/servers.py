"""The PostgreSQL server of an installation: its own, or the one it was given."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import asyncpg

from services.command.installation import Installation
from services.command.keys import Keys
from shared.kernel.records import record
from shared.postgres.embedded import EmbeddedPostgres

CONNECT_TIMEOUT_S = 10.0


@record
class DatabaseServer:
    """Where the databases are. `embedded` is None when the server was supplied."""

    admin_url: str
    embedded: EmbeddedPostgres | None = None

    @property
    def is_ours(self) -> bool:
        """Tell whether the server serves this installation alone."""
        return self.embedded is not None


class ServerUnreachable(Exception):
    """The supplied server does not let us in; the text says why."""


def embedded_server(installation: Installation, keys: Keys) -> EmbeddedPostgres:
    """Return the installation's own server, not yet started."""
    return EmbeddedPostgres(
        installation.postgres_folder,
        port=installation.ports.postgres,
        password=keys.superuser_password,
    )


@contextmanager
def database_server(
    installation: Installation, keys: Keys, say: Callable[[str], None]
) -> Iterator[DatabaseServer]:
    """Run the embedded server while the block runs, or check that the supplied one answers.

    Raises:
        ServerFailed: the embedded server does not start.
        ServerUnavailable: there is no embedded server for this platform.
        ServerUnreachable: the supplied server does not let us in.
    """
    if installation.database_url is not None:
        say("Using the PostgreSQL server of DATABASE_URL.")
        asyncio.run(_reach(installation.database_url))
        yield DatabaseServer(admin_url=installation.database_url)
        return
    server = embedded_server(installation, keys)
    say("Starting PostgreSQL.")
    server.start()
    try:
        yield DatabaseServer(admin_url=server.admin_url, embedded=server)
    finally:
        server.stop()


async def _reach(url: str) -> None:
    try:
        connection = await asyncpg.connect(url, timeout=CONNECT_TIMEOUT_S)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise ServerUnreachable(f"DATABASE_URL cannot be used: {error}") from error
    await connection.close(timeout=CONNECT_TIMEOUT_S)
