"""Rule packs as a process looks them up: by the product's own library, in virtual time.

The looks of an idle library are only thought of, as with feeds: they would have shown nothing new.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from services.compliance.books.shelves import EVERY_S, Library
from services.compliance.packs.views import STREAMS
from services.compliance.rules.book import Book
from services.compliance.rules.shelf import Shelf
from shared.eventstore.store import StoreUnavailable
from shared.kernel.records import replace
from tests.simulation.databases import Connection, Database
from tests.simulation.processes import Process

_PREFIX = STREAMS.rstrip("%")


class Planted(Book):
    """A book with a bug in its rules, as has every book that an agency's packs make of it."""

    def __init__(self, *parts: Any, plant: Callable[[Book], Book]) -> None:
        super().__init__(*parts)
        self.plant = plant


class SimulatedLibrary(Library):
    """The library of one process."""

    def __init__(self, shipped: Book, process: Process, connection: Connection) -> None:
        super().__init__(shipped)
        self._process = process
        self._database = connection.database
        self._news = asyncio.Event()
        self._is_behind = False
        self._read = len(self._database.log)
        self._database.listeners[self._appended] = None

    async def run(self) -> None:
        """Look within the time that passes between two looks, whenever there is something new."""
        while True:
            await self._news.wait()
            await asyncio.sleep(self._process.chance.between(0, EVERY_S))
            self._news.clear()
            try:
                await self.look()
            except StoreUnavailable:
                self._news.set()
            self._is_behind = self._news.is_set()

    async def _take_in(self, tenant: str, streams: list[str]) -> None:
        await super()._take_in(tenant, streams)
        if isinstance(self._book, Planted):
            self._shelves[tenant] = Shelf(
                editions=tuple(
                    each
                    if isinstance(each.book, Planted)
                    else replace(each, book=self._book.plant(each.book))
                    for each in self._shelves[tenant].editions
                )
            )

    def is_stale(self, system_now: datetime) -> bool:
        """Tell whether books may be in force that this process does not know."""
        if self._as_of is not None and not self._is_behind:
            self._as_of = max(self._as_of, system_now)
        return super().is_stale(system_now)

    def _appended(self) -> None:
        if not self._process.is_alive:
            del self._database.listeners[self._appended]
            return
        fresh = self._database.log[self._read :]
        self._read = len(self._database.log)
        if any(each.event.stream.startswith(_PREFIX) for each in fresh):
            if self._as_of is not None and not self._is_behind:
                self._as_of = self._process.loop.now()
            self._is_behind = True
            self._news.set()


class EveryTenant:
    """Connections of a role that reads the events of all tenants: here, their newest versions."""

    def __init__(self, database: Database, process: Process) -> None:
        self._database = database
        self._process = process

    @asynccontextmanager
    async def acquire(self, *, timeout: float) -> AsyncIterator["EveryTenant"]:
        """Reach the database, or fail."""
        await self._process.step("looks rule packs up")
        if self._process.chance.happens(self._process.chance.failed_commits):
            raise StoreUnavailable("the connection broke")
        yield self

    async def fetchval(self, query: str) -> datetime:
        """Return the time."""
        return self._process.loop.now()

    async def fetch(self, query: str) -> list[dict[str, Any]]:
        """Return the newest version of each pack's stream."""
        heads: dict[tuple[str, str], int] = {}
        for logged in self._database.log:
            if logged.event.stream.startswith(_PREFIX):
                heads[logged.tenant, logged.event.stream] = logged.event.version
        await self._process.back("has rule packs")
        return [
            {"tenant_id": tenant, "stream": stream, "version": version}
            for (tenant, stream), version in heads.items()
        ]
