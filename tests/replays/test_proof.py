"""Replay over a recorded history: the same book changes nothing, a stricter pack what it must.

`make replay-proof` has at least 100,000 decisions; the test without it a few thousand.
"""

import asyncio
import importlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import asyncpg
import pytest

from services.compliance.books import domain as books
from services.compliance.permits.domain import stream
from services.compliance.permits.domain.again import Decision
from services.compliance.replays import domain as replays
from services.compliance.replays import reactions
from services.compliance.rules.loading import read_pack
from shared.eventstore import codec
from shared.eventstore.store import Metadata
from shared.eventstore.transact import Context, Issue, Moment
from shared.http.call import read_states
from shared.kernel.clock import RandomIds
from shared.kernel.records import event_name
from shared.messaging.jobs import JobRunner
from shared.service.foundation import Bells, Foundation, open_foundation
from tests.databases import Server
from tests.gates import BOOK
from tests.oracle.log import LoggedEvent
from tests.replays import population, recount
from tests.system import TENANT, Keys, System

pytestmark = [pytest.mark.integration, pytest.mark.slow]

DECISIONS = int(os.environ.get("DECISIONS", "3000"))
SEED = int(os.environ.get("SEED", "7"))
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

    async def fill(self, seed: int, decisions: int) -> None:
        """Write histories down until there are so many decisions, and the book they name."""
        ids = RandomIds()
        recorded = books.record_of(BOOK, SINCE)
        (event,) = books.decide(recorded, books.BookState())
        async with self.admin() as connection:
            book = books.stream(books.digest_of(BOOK.label))
            await self._copy(connection, ids, book, [event])
            for consumer, history in population.histories(seed):
                gate = stream(consumer)
                await self._copy(connection, ids, gate, history.events)
                row = (
                    TENANT,
                    gate,
                    len(history.events),
                    codec.encode(history.state),
                    history.events[-1].at,
                )
                await connection.copy_records_to_table("states", records=[row], columns=_STATES)
                self.decisions += sum(isinstance(each, Decision) for each in history.events)
                if self.decisions >= decisions:
                    break
            await connection.execute("ANALYZE events, states")

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

    async def differences(self, replay_id: str) -> set[recount.Expected]:
        """Read what a replay kept."""
        async with self.admin() as connection:
            rows = await connection.fetch(
                "SELECT difference FROM replay_differences WHERE replay_id = $1", replay_id
            )
        return {_shown(json.loads(row["difference"])) for row in rows}


def _shown(kept: dict[str, Any]) -> recount.Expected:
    earliest = kept["earliest"]
    return recount.Expected(
        consumer_id=kept["consumer_id"],
        version=kept["version"],
        stage=kept["stage"],
        kind=kept["kind"],
        laws=frozenset(each["law"] for each in _new(kept)),
        earliest=datetime.fromisoformat(earliest) if earliest else None,
    )


def _new(kept: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if kept["kind"] in ("granted_to_refused", "other_reasons"):
        yield from kept["decided_by"]


@asynccontextmanager
async def opened(server: Server) -> AsyncIterator[tuple[Log, Foundation]]:
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
            reactions.job_handlers(foundation, population.TZ),
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


async def replayed(foundation: Foundation, **asked: Any) -> tuple[replays.ReplayState, float]:
    """Have everything decided again; return what came of it, and how many seconds it took."""
    replay_id = RandomIds().new("rpl")
    scope = replays.Scope(rule_book="as_decided", since=SINCE, until=UNTIL, **asked)
    name = replays.stream(replay_id)

    def command(moment: Moment) -> replays.RequestReplay:
        return replays.RequestReplay(
            replay_id=replay_id, scope=scope, requested_by="test", now=moment.now
        )

    issue = Issue(stream=name, decider=replays.REPLAYS, command=command)
    started = time.monotonic()
    await foundation.transactor.transact(Context(tenant=TENANT, metadata=METADATA), [issue])
    while True:
        state: replays.ReplayState
        (state,) = await read_states(foundation, TENANT, (name, replays.REPLAYS))
        if not state.is_open:
            return state, time.monotonic() - started
        await asyncio.sleep(0.1)


async def test_the_same_book_changes_nothing_and_a_stricter_pack_what_it_must(
    postgres_server: Server,
) -> None:
    async with opened(postgres_server) as (log, foundation):
        started = time.monotonic()
        await log.fill(SEED, DECISIONS)
        _say(f"{log.decisions:,} decisions, {log.events:,} events", started)

        same, took = await replayed(foundation)
        _say(f"identity: {log.decisions / took:,.0f} decisions/s", time.monotonic() - took)
        tally = same.progress.tally
        assert same.status == "completed"
        assert tally.decisions == log.decisions
        assert tally.consumers == same.progress.counted
        assert (tally.differing, tally.undecided, tally.other_zone_data) == (0, 0, 0)

        pack = books.text_of(read_pack(recount.PACK, "house"))
        stricter, took = await replayed(foundation, packs=(pack,))
        _say(f"stricter: {log.decisions / took:,.0f} decisions/s", time.monotonic() - took)
        started = time.monotonic()
        counted = recount.recount(await log.gates())
        _say("recounted", started)
        assert counted.decisions == log.decisions == stricter.progress.tally.decisions
        expected = set(counted.differing)
        found = await log.differences(stricter.replay_id)
        assert found == expected
        _agree(stricter.progress.tally, expected)
        assert {each.kind for each in expected} == {
            "granted_to_refused",
            "other_reasons",
            "other_earliest",
            "other_details",
        }


def _agree(tally: Any, expected: set[recount.Expected]) -> None:
    """See that the sums are those of what differs."""
    by_kind = {(each.stage, each.kind): each.decisions for each in tally.differences}
    laws = {(each.stage, each.kind, each.law): each.decisions for each in tally.by_rule}
    counted: dict[tuple[str, str], int] = {}
    by_law: dict[tuple[str, str, str], int] = {}
    for each in expected:
        counted[each.stage, each.kind] = counted.get((each.stage, each.kind), 0) + 1
        for law in each.laws:
            key = (each.stage, each.kind, law)
            by_law[key] = by_law.get(key, 0) + 1
    assert by_kind == counted
    assert {key: laws[key] for key in by_law} == by_law
    assert tally.affected == len({each.consumer_id for each in expected})
    for (stage, kind), decisions in sorted(counted.items()):
        _say(f"  {stage} {kind}: {decisions:,}")


def _say(what: str, started: float | None = None) -> None:
    took = "" if started is None else f" in {time.monotonic() - started:.1f} s"
    sys.stderr.write(f"{what}{took}\n")


