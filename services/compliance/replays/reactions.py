"""What a replay's job does: one slice, and the event that says how far it came, or why it ended."""

from collections.abc import Callable, Mapping
from functools import partial

from services.compliance.replays import domain as replays
from services.compliance.replays.slices import SLICE_S, IsLeftOut, Slice, nobody
from services.compliance.rules.pack import MalformedPack
from shared.eventstore.codec import UnreadableEvent
from shared.eventstore.store import StoreUnavailable
from shared.eventstore.transact import Context, Issue, Moment
from shared.http.call import first_event, read_states
from shared.messaging.jobs import DueJob, Handle
from shared.service.foundation import Foundation
from shared.telemetry.logging import get_logger

log = get_logger(__name__)

ATTEMPTS_MAX = 10
"""How often one slice is tried: waits between attempts double, to about four minutes in all."""
STOPPED_MAX = 100
"""How often a slice may be stopped before it says why: by a process that ends, or a store away."""


def job_handlers(
    foundation: Foundation,
    tz_version: str,
    is_left_out: IsLeftOut = nobody,
    slice_s: float = SLICE_S,
) -> Mapping[str, Handle]:
    """Return what takes a replay on by one slice.

    Args:
        tz_version: the time-zone data at hand.
        is_left_out: tells of a consumer whether their decisions are no part of the history.
        slice_s: how long a slice works.
    """

    async def advance(job: DueJob) -> None:
        stream = replays.stream(job.arguments["replay_id"])
        state: replays.ReplayState
        (state,) = await read_states(foundation, job.tenant, (stream, replays.REPLAYS))
        requested = await first_event(foundation, job.tenant, stream, replays.ReplayRequested)
        if requested is None or not state.is_open:
            return
        command: Callable[[Moment], replays.Command]
        try:
            if job.attempts > STOPPED_MAX:  # no attempt came as far as to say why
                raise TimeoutError("every slice was stopped")
            work = Slice(
                foundation,
                job.tenant,
                requested,
                tz_version=tz_version,
                is_left_out=is_left_out,
                slice_s=slice_s,
            )
            progress, is_complete = await work.run(state.progress)
        except StoreUnavailable:
            raise  # what is away comes back
        except Exception as error:
            if job.attempts < ATTEMPTS_MAX:
                raise
            log.error("replay-failed", replay_id=state.replay_id, error=error)
            command = partial(_failed, state, failure_of(error))
        else:
            command = partial(_advanced, state, progress, is_complete=is_complete)
        issue = Issue(stream=stream, decider=replays.REPLAYS, command=command)
        context = Context(tenant=job.tenant, metadata=job.metadata)
        await foundation.transactor.transact(context, [issue])

    return {replays.JOB: advance}


def failure_of(error: Exception) -> replays.Failure:
    """Say of an error what it means to those who asked."""
    match error:
        case MalformedPack():
            return "pack-unreadable"
        case UnreadableEvent():
            return "event-unreadable"
        case TimeoutError():
            return "too-slow"
        case _:
            return "unexpected"


def _advanced(
    state: replays.ReplayState, progress: replays.Progress, moment: Moment, *, is_complete: bool
) -> replays.AdvanceReplay:
    return replays.AdvanceReplay(
        replay_id=state.replay_id,
        number=state.number,
        progress=progress,
        is_complete=is_complete,
        now=moment.now,
    )


def _failed(
    state: replays.ReplayState, failure: replays.Failure, moment: Moment
) -> replays.FailReplay:
    return replays.FailReplay(
        replay_id=state.replay_id, number=state.number, failure=failure, now=moment.now
    )
