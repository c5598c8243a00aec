"""What the store's functions in PostgreSQL take and return, for one request or several together."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from functools import cached_property
from typing import Any

from shared.eventstore import codec
from shared.eventstore.store import (
    Answer,
    Batch,
    Idempotency,
    LoadedStream,
    Reading,
    RecordedAnswer,
    StateRow,
    StoredVersion,
)
from shared.kernel.decider import StreamOf
from shared.kernel.errors import InvariantViolated
from shared.kernel.jobs import Cancel, Job
from shared.kernel.records import record


def marks(count: int) -> str:
    """Return so many argument marks of a statement."""
    return ", ".join(f"${n}" for n in range(1, count + 1))


# -- loading --------------------------------------------------------------------------------------


@record
class Asked:
    """What one request needs to read."""

    streams: tuple[str, ...]
    names: tuple[StreamOf, ...]
    idempotency: Idempotency | None
    parked_key: str | None


class Together:
    """Several requests read at once, and each one's own part of what was found."""

    def __init__(self, group: Sequence[Asked]) -> None:
        self._group = group
        self._names = list(dict.fromkeys(name for each in group for name in each.names))
        self._keys = list(
            dict.fromkeys(
                (each.idempotency.scope, each.idempotency.key)
                for each in group
                if each.idempotency is not None
            )
        )

    @cached_property
    def arguments(self) -> tuple[Any, ...]:
        """The arguments of `load_together` after the tenant."""
        return (
            list(dict.fromkeys(stream for each in self._group for stream in each.streams)),
            [each.kind for each in self._names],
            [each.digest for each in self._names],
            [scope for scope, _ in self._keys],
            [key for _, key in self._keys],
            list(dict.fromkeys(each.parked_key for each in self._group if each.parked_key)),
        )

    def readings(self, found: Sequence[Any]) -> list[Reading]:
        """Return what each request asked for, in their order."""
        by_kind: dict[str, list[Any]] = defaultdict(list)
        for kind, *columns in found:
            by_kind[kind].append(columns)
        if not by_kind["clock"]:
            raise InvariantViolated("the store read no clock")
        now, system_now = by_kind["clock"][0][-1], by_kind["system"][0][-1]
        streams = _streams(by_kind["state"], by_kind["event"])
        targets = {self._names[nth - 1]: name for name, nth, *_ in by_kind["target"]}
        answers = {
            self._keys[int(nth) - 1]: RecordedAnswer(
                fingerprint=fingerprint, answer=Answer(status=status, body=body), at=at
            )
            for nth, status, fingerprint, body, at in by_kind["answer"]
        }
        watermarks = {name: at for name, *_, at in by_kind["watermark"]}
        parked: dict[str, list[str]] = defaultdict(list)
        for subscription, _, key, *_ in by_kind["parked"]:
            parked[key].append(subscription)
        readings = []
        for each in self._group:
            own = {name: targets[name] for name in each.names if name in targets}
            request = each.idempotency
            readings.append(
                Reading(
                    now=now,
                    system_now=system_now,
                    streams={
                        stream: streams[stream]
                        for stream in (*each.streams, *own.values())
                        if stream in streams
                    },
                    targets=own,
                    recorded=answers.get((request.scope, request.key)) if request else None,
                    watermarks=watermarks if each.parked_key else {},
                    parked=tuple(parked.get(each.parked_key or "", ())),
                )
            )
        return readings


def _streams(states: Sequence[Any], events: Sequence[Any]) -> dict[str, LoadedStream]:
    kept = {
        name: StateRow(stream=name, version=version, state=state, at=at)
        for name, version, _, state, at in states
    }
    after: dict[str, list[StoredVersion]] = defaultdict(list)
    for name, version, type_, data, at in events:
        after[name].append(StoredVersion(version=version, type=type_, data=data, at=at))
    return {
        name: LoadedStream(state=kept.get(name), events=tuple(after.get(name, ())))
        for name in kept.keys() | after.keys()
    }


# -- appending ------------------------------------------------------------------------------------


def taken_by(batch: Batch) -> Iterator[Hashable]:
    """Yield what a batch writes; batches that write the same do not go together."""
    for event in batch.events:
        yield "stream", event.stream
    for state in batch.states:
        yield "stream", state.stream
    for claim in batch.claims:
        yield "claim", claim.kind, claim.digest
    for job in batch.jobs:
        yield "job", job.change.key
    if batch.idempotency is not None:
        yield "answer", batch.idempotency.scope, batch.idempotency.key


def columns(batches: Sequence[Batch]) -> tuple[Any, ...]:
    """Return the arguments of `append_together` after the tenant.

    Several batches are ordered by the first stream of each, and hold all streams that were there
    before, as one that writes several streams does: calls never wait for each other in a circle.
    """
    ordered = sorted(batches, key=lambda each: each.events[0].stream if each.events else "")
    events = [event for each in ordered for event in each.events]
    guards = list(dict.fromkeys(guard for each in ordered for guard in each.guards.items()))
    states = [state for each in ordered for state in each.states]
    claims = [claim for each in ordered for claim in each.claims]
    jobs, cancelled = [], []
    for each in ordered:
        last = {job.change.key: job for job in each.jobs}  # the last word on a job counts
        for job in last.values():
            if isinstance(job.change, Job):
                jobs.append((job.change, job.context))
            elif isinstance(job.change, Cancel):
                cancelled.append(job.change.key)
    answers = [
        (each.idempotency, each.answer)
        for each in ordered
        if each.idempotency is not None and each.answer is not None
    ]
    return (
        [stream for stream, _ in guards],
        [version for _, version in guards],
        _held(ordered),
        [event.stream for event in events],
        [event.version for event in events],
        [event.event_id for event in events],
        [event.type for event in events],
        [event.data for event in events],
        [event.metadata for event in events],
        [event.occurred_at for event in events],
        [state.stream for state in states],
        [state.version for state in states],
        [state.state for state in states],
        [state.at for state in states],
        [claim.kind for claim in claims],
        [claim.digest for claim in claims],
        [claim.target for claim in claims],
        [job.key for job, _ in jobs],
        [job.kind for job, _ in jobs],
        [codec.encode(job.arguments) for job, _ in jobs],
        [job.due_at for job, _ in jobs],
        [context for _, context in jobs],
        cancelled,
        [request.scope for request, _ in answers],
        [request.key for request, _ in answers],
        [request.fingerprint for request, _ in answers],
        [answer.status for _, answer in answers],
        [answer.body for _, answer in answers],
    )


def _held(batches: Sequence[Batch]) -> list[str]:
    held = dict.fromkeys(stream for each in batches for stream in each.guarded)
    if len(batches) > 1:
        held |= dict.fromkeys(
            event.stream for each in batches for event in each.events if event.version > 1
        )
    return list(held)
