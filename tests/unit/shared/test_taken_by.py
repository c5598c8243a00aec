"""What two batches must not have in common to be appended in one call."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from shared.eventstore.lane import Lane
from shared.eventstore.rows import taken_by
from shared.eventstore.store import Batch, Idempotency, NewEvent, ScheduledJob, StateRow
from shared.kernel.decider import Claim
from shared.kernel.jobs import Cancel, Job

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def event(stream: str) -> NewEvent:
    return NewEvent(
        stream=stream,
        version=1,
        event_id=f"evt_{stream}",
        type="t",
        data=b"{}",
        metadata=b"{}",
        occurred_at=NOW,
    )


def state(stream: str) -> StateRow:
    return StateRow(stream=stream, version=1, state=b"{}", at=NOW)


def claiming(stream: str, digest: str) -> Batch:
    claim = Claim(kind="number", digest=digest, target=stream)
    return Batch(events=(event(stream),), claims=(claim,))


def asked(stream: str, key: str) -> Batch:
    idempotency = Idempotency(scope="agy_1", key=key, fingerprint="f")
    return Batch(events=(event(stream),), idempotency=idempotency)


def planning(stream: str, key: str) -> Batch:
    job = ScheduledJob(change=Job(key=key, kind="k", due_at=NOW), context=b"{}")
    return Batch(events=(event(stream),), jobs=(job,))


def withdrawing(stream: str, key: str) -> Batch:
    return Batch(
        events=(event(stream),), jobs=(ScheduledJob(change=Cancel(key=key), context=b"{}"),)
    )


async def calls_for(*batches: Batch) -> list[list[Batch]]:
    """Return which batches were appended by one call each, when all came at the same time."""
    calls: list[list[Batch]] = []

    async def append(group: Sequence[Batch]) -> Sequence[None]:
        calls.append(list(group))
        return [None] * len(group)

    lane: Lane[Batch, None] = Lane(append, size_max=100, keys=taken_by)
    await asyncio.gather(*(lane.ask(each) for each in batches))
    return calls


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Batch(events=(event("a"),)), Batch(events=(event("a"),))),
        (Batch(events=(event("a"),)), Batch(events=(event("b"), event("a")))),
        (Batch(events=(event("a"),)), Batch(events=(), states=(state("a"),))),
        (claiming("a", "same"), claiming("b", "same")),
        (asked("a", "same"), asked("b", "same")),
        (planning("a", "same"), withdrawing("b", "same")),
    ],
)
async def test_batches_that_write_the_same_go_one_after_the_other(
    first: Batch, second: Batch
) -> None:
    assert await calls_for(first, second) == [[first], [second]]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Batch(events=(event("a"),)), Batch(events=(event("b"),))),
        (Batch(events=(event("a"),), guards={"b": 1}), Batch(events=(event("b"),))),
        (claiming("a", "one"), claiming("b", "other")),
        (asked("a", "one"), asked("b", "other")),
        (planning("a", "one"), withdrawing("b", "other")),
    ],
)
async def test_others_go_together(first: Batch, second: Batch) -> None:
    assert await calls_for(first, second) == [[first, second]]
