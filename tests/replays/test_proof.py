"""Replay over a recorded history: the same book changes nothing, a stricter pack what it must.

`make replay-proof` has at least 100,000 decisions; the test without it a few thousand.
"""

import os
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from services.compliance.books import domain as books
from services.compliance.replays.tally import Tally
from services.compliance.rules.loading import read_pack
from tests.databases import Server
from tests.replays import population, recount
from tests.replays.recorded import opened, replayed

pytestmark = [pytest.mark.integration, pytest.mark.slow]

DECISIONS = int(os.environ.get("DECISIONS", "3000"))
SEED = int(os.environ.get("SEED", "7"))


async def test_the_same_book_changes_nothing_and_a_stricter_pack_what_it_must(
    postgres_server: Server,
) -> None:
    async with opened(postgres_server) as (log, foundation):
        started = time.monotonic()
        await log.fill(population.histories(SEED), DECISIONS)
        _say(f"{log.decisions:,} decisions, {log.events:,} events", started)

        started = time.monotonic()
        same = await replayed(foundation)
        _say(f"identity: {_rate(log.decisions, started)}", started)
        tally = same.progress.tally
        assert same.status == "completed"
        assert tally.decisions == log.decisions
        assert tally.consumers == same.progress.counted
        assert (tally.differing, tally.undecided, tally.other_zone_data) == (0, 0, 0)

        pack = books.text_of(read_pack(recount.PACK, "house"))
        started = time.monotonic()
        stricter = await replayed(foundation, packs=(pack,))
        _say(f"stricter: {_rate(log.decisions, started)}", started)
        started = time.monotonic()
        counted = recount.recount(await log.gates())
        _say("recounted", started)
        assert counted.decisions == log.decisions == stricter.progress.tally.decisions
        expected = set(counted.differing)
        kept = await log.differences(stricter.replay_id)
        assert {_shown(each) for each in kept} == expected
        assert len(kept) == len(counted.differing)
        _agree(stricter.progress.tally, expected)
        assert {each.kind for each in expected} == {
            "granted_to_refused",
            "other_reasons",
            "other_earliest",
            "other_details",
        }


def _agree(tally: Tally, expected: set[recount.Expected]) -> None:
    """See that the sums are those of what differs."""
    by_kind = {(each.stage, each.kind): each.decisions for each in tally.differences}
    laws: dict[tuple[str, str, str], int] = {
        (each.stage, each.kind, each.law): each.decisions for each in tally.by_rule
    }
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


def _rate(decisions: int, started: float) -> str:
    return f"{decisions / (time.monotonic() - started):,.0f} decisions/s"


def _say(what: str, started: float | None = None) -> None:
    took = "" if started is None else f" in {time.monotonic() - started:.1f} s"
    sys.stderr.write(f"{what}{took}\n")
