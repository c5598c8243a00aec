"""A PostgreSQL server for tests, from whichever is there.

In this order: one named by FORBEAR_TEST_DATABASE_URL, a container of a Docker engine that answers,
the embedded server, which does not wait for the disk.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.postgres.embedded import EmbeddedPostgres, free_port

IMAGE = "postgres:17"
PASSWORD = "only-for-tests"
SETTINGS = {"fsync": "off", "synchronous_commit": "off", "max_connections": "300"}
DOCKER_SOCKET = Path("/var/run/docker.sock")


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Have a server, reached as its superuser, while the block runs.

    Raises:
        ServerUnavailable: there is none, and none can be started here.
    """
    url = os.environ.get("FORBEAR_TEST_DATABASE_URL")
    if url:
        yield url
    elif docker_answers():
        with _container() as url:
            yield url
    else:
        server = EmbeddedPostgres(folder, port=free_port(), password=PASSWORD, durable=False)
        server.start()
        try:
            yield server.admin_url
        finally:
            server.stop()


def docker_answers() -> bool:
    """Tell whether a Docker engine is there."""
    if not (os.environ.get("DOCKER_HOST") or DOCKER_SOCKET.exists()):
        return False
    import docker  # type: ignore[import-untyped]  # slow, and rarely needed

    try:
        client = docker.from_env(timeout=2)
        try:
            return bool(client.ping())
        finally:
            client.close()
    except docker.errors.DockerException:
        return False


@contextmanager
def _container() -> Iterator[str]:
    from testcontainers.community.postgres import PostgresContainer

    options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
    container = PostgresContainer(IMAGE, username="admin", password=PASSWORD, driver=None)
    with container.with_command(f"postgres {options}") as started:
        url: str = started.get_connection_url()
        yield url
