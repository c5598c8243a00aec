"""A replay that is interrupted again and again comes to what an undisturbed one comes to."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import islice

import pytest

from services.compliance.books import domain as books
from services.compliance.replays import domain as replays
from services.compliance.replays import reactions
from services.compliance.replays.slices import PART_MAX, Slice
from services.compliance.rules.loading import read_pack
from shared.eventstore.store import StoreUnavailable
from shared.http.call import first_event, read_states
from shared.kernel.records import replace
from shared.messaging.jobs import DueJob, Handle
from shared.service.foundation import Foundation
from tests.databases import Server
from tests.replays import population, recount
from tests.replays.recorded import opened, replayed
from tests.system import TENANT

pytestmark = [pytest.mark.integration, pytest.mark.slow]

PACK = books.text_of(read_pack(recount.PACK, "house"))


def _stopping_short(foundation: Foundation) -> Mapping[str, Handle]:
    """Do the least that a slice may, and first do each one without noting that it was done."""
    whole = reactions.job_handlers(foundation, population.TZ, slice_s=0)[replays.JOB]

    async def advance(job: DueJob) -> None:
        name = replays.stream(job.arguments["replay_id"])
        state: replays.ReplayState
        (state,) = await read_states(foundation, TENANT, (name, replays.REPLAYS))
        requested = await first_event(foundation, TENANT, name, replays.ReplayRequested)
        assert requested is not None
        lost = Slice(foundation, TENANT, requested, tz_version=population.TZ, slice_s=0)
        await lost.run(state.progress)
        if job.attempts == 1 and state.number == 1:
            raise StoreUnavailable("as if the process had died")
        await whole(job)

    return {replays.JOB: advance}


async def test_comes_to_the_same_however_often_it_is_interrupted(postgres_server: Server) -> None:
    async with opened(postgres_server, _stopping_short) as (log, foundation):
        histories = islice(population.histories(12, days=220), 6)
        await log.fill(histories, decisions=100_000)
        assert max(map(len, await log.gates())) > PART_MAX  # it comes in parts
        async with log.admin() as connection:  # copies, which an upgrade may throw away
            await connection.execute("DELETE FROM states WHERE stream LIKE 'gate-%'")
        long = {"until": datetime(2026, 10, 1, tzinfo=UTC)}
        found = await replayed(foundation, packs=(PACK,), **long)
        assert found.status == "completed"
        assert found.number > 5
        kept = await log.differences(found.replay_id)
        assert len(kept) == found.progress.tally.listed == found.progress.tally.differing > 0
        requested = await first_event(
            foundation, TENANT, replays.stream(found.replay_id), replays.ReplayRequested
        )
        assert requested is not None
        whole = Slice(
            foundation,
            TENANT,
            replace(requested, replay_id="another"),
            tz_version=population.TZ,
            slice_s=600,
        )
        undisturbed, is_complete = await whole.run(replays.Progress())
        assert is_complete
        assert undisturbed.tally == found.progress.tally
        counted = recount.recount(await log.gates())
        assert len(counted.differing) == len(kept)


async def test_leaves_out_who_is_nobody(postgres_server: Server) -> None:
    async with opened(postgres_server) as (log, foundation):
        await log.fill(islice(population.histories(12), 4), decisions=100_000)
        gates = await log.gates()
        nobody = gates[1][0].stream.removeprefix("gate-")
        found = await replayed(foundation)
        requested = await first_event(
            foundation, TENANT, replays.stream(found.replay_id), replays.ReplayRequested
        )
        assert requested is not None
        without = Slice(
            foundation,
            TENANT,
            requested,
            tz_version=population.TZ,
            is_left_out=lambda consumer_id: consumer_id == nobody,
        )
        progress, _ = await without.run(replays.Progress())
        assert (progress.counted, progress.tally.consumers) == (3, 3)
        counted = recount.recount([gates[1]])
        assert found.progress.tally.decisions - progress.tally.decisions == counted.decisions > 0
