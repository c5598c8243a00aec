"""What follows from a decision is decided with it, on streams that nobody had thought to read."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from shared.eventstore.memory import MemoryEventStore
from shared.eventstore.store import Metadata
from shared.eventstore.transact import Context, Issue, Moment, Transactor
from shared.kernel.clock import RandomIds
from shared.kernel.records import replace
from tests.contract.tally import TALLIES, Count, Tally

CONTEXT = Context(tenant="agy_1", metadata=Metadata(actor="key_test", correlation_id="c-1"))
NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


class Clock:
    """A clock that goes where it is put."""

    def __init__(self) -> None:
        self.now = NOON

    def read(self) -> datetime:
        return self.now


def counted(name: str) -> Issue:
    def command(moment: Moment) -> Tally:
        return Tally(reference=name, now=moment.now)

    return Issue(stream=f"tally-{name}", decider=TALLIES, command=command)


def passed_on(*names: str) -> Issue:
    """Count at the first of these, and then at as many of the others as it has counted."""

    def then(state: Count) -> Sequence[Issue]:
        return [counted(each) for each in names[1 : 1 + state.total]]

    return replace(counted(names[0]), then=then)


class TestWhatFollows:
    async def test_is_appended_together_with_its_cause(self) -> None:
        store = MemoryEventStore(lambda: NOON)
        run = Transactor(store, RandomIds())
        await run.transact(CONTEXT, [passed_on("a", "b", "c")])
        assert [each.event.stream for each in store.log] == ["tally-a", "tally-b"]
        await run.transact(CONTEXT, [passed_on("a", "b", "c")])
        assert [each.event.stream for each in store.log][2:] == ["tally-a", "tally-b", "tally-c"]

    async def test_may_lead_further(self) -> None:
        store = MemoryEventStore(lambda: NOON)
        chain = replace(counted("a"), then=lambda state: [passed_on("b", "c")])
        outcome = await Transactor(store, RandomIds()).transact(CONTEXT, [chain])
        assert [stream for stream, _ in outcome.events] == ["tally-a", "tally-b", "tally-c"]

    async def test_does_not_happen_before_what_its_stream_holds(self) -> None:
        clock = Clock()
        store = MemoryEventStore(clock.read)
        run = Transactor(store, RandomIds())
        clock.now = NOON + timedelta(hours=1)
        await run.transact(CONTEXT, [counted("b")])
        clock.now = NOON
        outcome = await run.transact(CONTEXT, [passed_on("a", "b")])
        (_, first), (_, second) = outcome.events
        assert (first.at, second.at) == (NOON, NOON + timedelta(hours=1))

    async def test_is_lost_to_nobody_who_writes_there_at_once(self) -> None:
        store = MemoryEventStore(lambda: NOON)
        runs = [Transactor(store, RandomIds()) for _ in range(3)]
        await asyncio.gather(
            runs[0].transact(CONTEXT, [passed_on("a", "b")]),
            runs[1].transact(CONTEXT, [passed_on("b", "a")]),
            runs[2].transact(CONTEXT, [counted("a")]),
        )
        assert sorted(each.event.stream for each in store.log) == ["tally-a"] * 3 + ["tally-b"] * 2
