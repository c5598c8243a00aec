"""A durable PostgreSQL, its databases, and a compliance process over them."""

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx2

from services.compliance.main import UPSTREAM
from shared.postgres.embedded import EmbeddedPostgres, free_port
from tests.bench import processes
from tests.databases import PASSWORD, SERVICES, VAULT, Database, Server
from tests.system import System

READY_TIMEOUT_S = 60.0
QUIET_TIMEOUT_S = 120.0
_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
_BEHIND = """
SELECT EXISTS (
  SELECT FROM checkpoints c
  WHERE (c.subscription = 'compliance-views' OR c.subscription LIKE 'compliance-%-from-compliance')
    AND (c.transaction_id, c.position) < ($1::text::xid8, $2::bigint))
"""
_LAST = """
SELECT transaction_id::text, position FROM events ORDER BY events.transaction_id DESC, position DESC
LIMIT 1
"""
_BEGIN_AT_THE_END = """
INSERT INTO checkpoints (subscription, partition, transaction_id, position, epoch)
SELECT subscription, '0', $2::text::xid8, $3::bigint, store.epoch
FROM unnest($1::text[]) AS subscription, store
"""
_FRESH = """
SELECT count(*) = $1 FROM watermarks
WHERE subscription LIKE 'compliance-facts-%'
  AND fresh_as_of > clock_timestamp() - interval '1 second'
"""
_SAMPLING = {  # as a busy installation would have it; the environment may say otherwise
    "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
    "OTEL_TRACES_SAMPLER_ARG": "0.01",
}
_OWN_FEED = (
    "compliance-views",
    "compliance-audit-from-compliance",
    "compliance-timeline-from-compliance",
)


class NotDurable(Exception):
    """The server given would lose commits, so its rates mean nothing."""


@contextmanager
def durable_server() -> Iterator[str]:
    """Yield the superuser's URL of a server that keeps what it has committed.

    Raises:
        NotDurable: the server of FORBEAR_TEST_DATABASE_URL does not.
    """
    given = os.environ.get("FORBEAR_TEST_DATABASE_URL")
    if given:
        asyncio.run(_check_durable(given))
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="forbear-bench-") as folder:
        # Readable by the account that the server runs under when we are root.
        Path(folder).chmod(0o755)
        embedded = EmbeddedPostgres(
            Path(folder) / "postgres", port=free_port(), password=PASSWORD, durable=True
        )
        embedded.start()
        try:
            yield embedded.admin_url
        finally:
            embedded.stop()


async def _check_durable(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for name in _DURABLE:
            if await connection.fetchval("SELECT current_setting($1)", name) != "on":
                raise NotDurable(f"{name} is off")
    finally:
        await connection.close()


async def postgres_pid(server: Server) -> int | None:
    """Return the process id of the server if it runs on this machine."""
    connection = await asyncpg.connect(server.admin_url)
    try:
        text: str = await connection.fetchval("SELECT pg_read_file('postmaster.pid')")
    finally:
        await connection.close()
    pid = int(text.split()[0])
    return pid if processes.name_of(pid) == "postgres" else None


@asynccontextmanager
async def databases(server: Server) -> AsyncIterator[dict[str, Database]]:
    """Make a database of each service, and the vault's, and drop them afterwards."""
    made = {each: await server.database(each) for each in (*SERVICES, VAULT)}
    try:
        yield made
    finally:
        for each in made.values():
            await server.drop(each)


class Compliance:
    """A compliance process."""

    def __init__(
        self, port: int, process: subprocess.Popen[bytes], watcher: "asyncpg.Connection[Any]"
    ) -> None:
        self.port = port
        self._process = process
        self._watcher = watcher

    def cpu_s(self) -> float:
        return processes.cpu_of(self._process.pid)

    async def quiet(self) -> None:
        """Wait until every event is projected and archived, so that what follows is undisturbed."""
        last = await self._watcher.fetchrow(_LAST)
        async with asyncio.timeout(QUIET_TIMEOUT_S):
            while await self._watcher.fetchval(_BEHIND, *last):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.005)


@asynccontextmanager
async def compliance(system: System) -> AsyncIterator[Compliance]:
    """Serve compliance in a process of its own; events already there are not projected."""
    await _begin_at_the_end(system)
    port = free_port()
    environment = {
        **_SAMPLING,
        **os.environ,
        **system.environment(),
        "FORBEAR_COMPLIANCE_PORT": str(port),
    }
    process = subprocess.Popen(  # noqa: ASYNC220 - returns at once
        [sys.executable, "-m", "tests.bench.compliance"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    watcher = await asyncpg.connect(system.databases["compliance"].admin)
    try:
        await _ready(port, process)
        async with asyncio.timeout(READY_TIMEOUT_S):
            while not await watcher.fetchval(_FRESH, len(UPSTREAM)):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.05)
        yield Compliance(port, process, watcher)
    finally:
        await watcher.close()
        process.terminate()
        process.wait(30)


async def _begin_at_the_end(system: System) -> None:
    connection = await asyncpg.connect(system.databases["compliance"].admin)
    last = await connection.fetchrow(_LAST)
    await connection.execute(_BEGIN_AT_THE_END, list(_OWN_FEED), *last)
    await connection.close()


async def _ready(port: int, process: subprocess.Popen[bytes]) -> None:
    async with httpx2.AsyncClient() as client, asyncio.timeout(READY_TIMEOUT_S):
        while True:
            if process.poll() is not None:
                raise RuntimeError("the compliance process has ended")
            with contextlib.suppress(httpx2.HTTPError):
                answer = await client.get(f"http://127.0.0.1:{port}/readyz")
                if answer.status_code == 200:
                    break
            await asyncio.sleep(0.05)
