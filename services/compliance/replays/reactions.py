"""What a replay's job does: one slice, and the event that says how far it came."""

from collections.abc import Mapping

from services.compliance.replays import domain as replays
from services.compliance.replays.slices import SLICE_S, IsLeftOut, Slice, nobody
from shared.eventstore.transact import Context, Issue, Moment
from shared.http.call import first_event, read_states
from shared.messaging.jobs import DueJob, Handle
from shared.service.foundation import Foundation


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
        work = Slice(
            foundation,
            job.tenant,
            requested,
            tz_version=tz_version,
            is_left_out=is_left_out,
            slice_s=slice_s,
        )
        progress, is_complete = await work.run(state.progress)

        def command(moment: Moment) -> replays.AdvanceReplay:
            return replays.AdvanceReplay(
                replay_id=state.replay_id,
                number=state.number,
                progress=progress,
                is_complete=is_complete,
                now=moment.now,
            )

        issue = Issue(stream=stream, decider=replays.REPLAYS, command=command)
        context = Context(tenant=job.tenant, metadata=job.metadata)
        await foundation.transactor.transact(context, [issue])

    return {replays.JOB: advance}
