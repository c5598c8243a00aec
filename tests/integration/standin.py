"""Stand-in services: enough to be supervised, backed up and killed.

`python -m tests.integration.standin run FOLDER` is `forbear run` with these instead of the real
ones; `serve` is the process it starts. A ready service can reach its database as its app role.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.command import run
from services.command.databases import DatabaseUrls
from services.command.installation import SERVICES
from services.command.mailbox import from_environment
from services.command.serve import serve
from services.command.service import Service
from services.command.terminal import Refused
from services.command.wiring import Wiring

SANDBOX_KEY = "fbk_test_only-for-tests"
_TABLE = "CREATE TABLE IF NOT EXISTS notes (note text PRIMARY KEY)"


class StandIn:
    """Notes that are kept: POST one, GET them all."""

    def __init__(self, name: str, environment: Mapping[str, str]) -> None:
        self.name = name
        self.host = environment["FORBEAR_HOST"]
        self.port = int(environment[f"FORBEAR_{name.upper()}_PORT"])
        self._url = environment[f"FORBEAR_{name.upper()}_APP_DATABASE_URL"]
        self._pool: asyncpg.Pool | None = None
        self._is_open = False
        self.app = Starlette(
            routes=[
                Route("/readyz", self._readyz),
                Route("/notes", self._notes, methods=["GET", "POST"]),
            ],
            lifespan=self._lifespan,
        )

    async def start(self) -> None:
        self._pool = await asyncpg.create_pool(self._url, min_size=1, command_timeout=2)

    async def stop(self) -> None:
        if self._pool is not None:
            await self._pool.close()

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        self._is_open = True
        yield

    async def _readyz(self, request: Request) -> Response:
        try:
            await self._fetch("SELECT 1")
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return JSONResponse({}, 503)
        return JSONResponse({}, 200 if self._is_open else 503)

    async def _notes(self, request: Request) -> Response:
        try:
            if request.method == "POST":
                note = (await request.body()).decode()
                await self._fetch("INSERT INTO notes VALUES ($1) ON CONFLICT DO NOTHING", note)
            return JSONResponse([row["note"] for row in await self._fetch("SELECT * FROM notes")])
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return JSONResponse({}, 503)

    async def _fetch(self, query: str, *arguments: str) -> list[asyncpg.Record]:
        assert self._pool is not None
        rows: list[asyncpg.Record] = await self._pool.fetch(query, *arguments, timeout=2)
        return rows


def migrate(urls: DatabaseUrls) -> None:
    async def make(service: str) -> None:
        connection = await asyncpg.connect(urls.owner(service))
        await connection.execute(_TABLE)
        await connection.execute(f"GRANT SELECT, INSERT ON notes TO {service}_app")
        await connection.close()

    for service in SERVICES:
        asyncio.run(make(service))


async def ensure_sandbox(settings: Mapping[str, str], urls: DatabaseUrls) -> str:
    return SANDBOX_KEY


WIRING = Wiring(
    migrate=migrate,
    ensure_sandbox=ensure_sandbox,
    commands=lambda _: {"services": (sys.executable, "-m", "tests.integration.standin", "serve")},
)


def main() -> None:
    if sys.argv[1] == "run":
        run.supervise(Path(sys.argv[2]), WIRING)
        return
    services: list[Service] = [StandIn(name, os.environ) for name in SERVICES]
    if box := from_environment():
        services.append(box)
    asyncio.run(serve(services))


if __name__ == "__main__":
    try:
        main()
    except Refused as refused:
        sys.exit(refused.exit_code)
