"""A recorded history in a database of compliance, with what does the replays of it."""

import asyncio
import importlib
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import asyncpg

from services.compliance.books import domain as books
from services.compliance.permits.domain import stream
from services.compliance.permits.domain.again import Decision
from services.compliance.replays import domain as replays
from services.compliance.replays import reactions
from shared.eventstore import codec
from shared.eventstore.store import Metadata
from shared.eventstore.transact import Context, Issue, Moment
from shared.http.call import read_states
from shared.kernel.clock import RandomIds
from shared.kernel.records import event_name
from shared.messaging.jobs import Handle, JobRunner
from shared.service.foundation import Bells, Foundation, open_foundation
from tests.databases import Server
from tests.gates import BOOK
from tests.oracle.log import LoggedEvent
from tests.replays import population
from tests.system import TENANT, Keys, System

METADATA = Metadata(actor="test", correlation_id="test")
SINCE = datetime(2026, 2, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=60)
_EVENTS = (
    "tenant_id",
    "stream",
    "version",
    "event_id",
    "type",
    "data",
    "metadata",
    "occurred_at",
)
_STATES = ("tenant_id", "stream", "version", "state", "at")


class Log:
    """A database with a history in it."""

    def __init__(self, system: System) -> None:
        self._database = system.databases["compliance"]
        self.decisions = 0
        self.events = 0

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[Any]:
        connection = await asyncpg.connect(self._database.admin)
        try:
            yield connection
        finally:
            await connection.close()

    async def fill(
        self, histories: Iterable[tuple[str, population.History]], decisions: int
    ) -> None:
        """Write histories down until there are so many decisions, and the book they name."""
        ids = RandomIds()
        (event,) = books.decide(books.record_of(BOOK, SINCE), books.BookState())
        async with self.admin() as connection:
            book = books.stream(books.digest_of(BOOK.label))
            await self._copy(connection, ids, book, [event])
            for consumer, history in histories:
                await self._write(connection, ids, stream(consumer), history)
                if self.decisions >= decisions:
                    break
            await connection.execute("ANALYZE events, states")

    async def _write(
        self, connection: Any, ids: RandomIds, gate: str, history: population.History
    ) -> None:
        await self._copy(connection, ids, gate, history.events)
        version, at = len(history.events), history.events[-1].at
        row = (TENANT, gate, version, codec.encode(history.state), at)
        await connection.copy_records_to_table("states", records=[row], columns=_STATES)
        self.decisions += sum(isinstance(each, Decision) for each in history.events)

    async def _copy(self, connection: Any, ids: RandomIds, name: str, events: list[Any]) -> None:
        metadata = codec.encode(METADATA)
        rows = [
            (
                TENANT,
                name,
                version,
                ids.new("evt"),
                event_name(type(each)),
                codec.encode(each),
                metadata,
                each.at,
            )
            for version, each in enumerate(events, start=1)
        ]
        await connection.copy_records_to_table("events", records=rows, columns=_EVENTS)
        self.events += len(rows)

    async def gates(self) -> list[list[LoggedEvent]]:
        """Read the log of every gate, as it lies there."""
        async with self.admin() as connection:
            rows = await connection.fetch(
                "SELECT * FROM events WHERE stream LIKE 'gate-%' ORDER BY stream, version"
            )
        logged = (
            LoggedEvent(
                tenant=row["tenant_id"],
                stream=row["stream"],
                version=row["version"],
                event_id=row["event_id"],
                type=row["type"],
                data=row["data"],
                metadata=row["metadata"],
                occurred_at=row["occurred_at"],
                recorded_at=row["recorded_at"],
            )
            for row in rows
        )
        return [list(those) for _, those in groupby(logged, key=lambda each: each.stream)]

    async def differences(self, replay_id: str) -> list[dict[str, Any]]:
        """Read what a replay kept."""
        async with self.admin() as connection:
            rows = await connection.fetch(
                "SELECT difference FROM replay_differences WHERE replay_id = $1", replay_id
            )
        return [json.loads(row["difference"]) for row in rows]


def _as_served(foundation: Foundation) -> Mapping[str, Handle]:
    return reactions.job_handlers(foundation, population.TZ)


@asynccontextmanager
async def opened(
    server: Server, handlers: Callable[[Foundation], Mapping[str, Handle]] = _as_served
) -> AsyncIterator[tuple[Log, Foundation]]:
    """Open compliance's own database as its service does, without what else it would read."""
    async with server.databases() as databases:
        system = System(databases, Keys())
        await system.key()
        main = importlib.import_module("services.compliance.main")
        values = {
            name.lower().removeprefix("forbear_"): value
            for name, value in system.environment().items()
        }
        values["public_keys"] = json.loads(values["public_keys"])
        bells = Bells()
        foundation = await open_foundation(main._connections(main.Settings(**values)), bells)
        runner = JobRunner(
            foundation.jobs_pool,
            handlers(foundation),
            "test",
            bells.of("compliance"),
        )
        working = asyncio.create_task(runner.run())
        try:
            yield Log(system), foundation
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            await foundation.close()


async def replayed(foundation: Foundation, **asked: Any) -> replays.ReplayState:
    """Have everything decided again, and return what came of it."""
    replay_id = RandomIds().new("rpl")
    scope = replays.Scope(**{"rule_book": "as_decided", "since": SINCE, "until": UNTIL, **asked})
    name = replays.stream(replay_id)

    def command(moment: Moment) -> replays.RequestReplay:
        return replays.RequestReplay(
            replay_id=replay_id, scope=scope, requested_by="test", now=moment.now
        )

    issue = Issue(stream=name, decider=replays.REPLAYS, command=command)
    await foundation.transactor.transact(Context(tenant=TENANT, metadata=METADATA), [issue])
    while True:
        state: replays.ReplayState
        (state,) = await read_states(foundation, TENANT, (name, replays.REPLAYS))
        if not state.is_open:
            return state
        await asyncio.sleep(0.1)
