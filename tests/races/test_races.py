"""Sixty-four callers race for the last calls of a few people, at processes that are killed.

With the whole rulebook: never an eighth call in seven days, nothing redeemed after a protective
fact is in force, and twins are answered alike. `make races` races for minutes.
"""

import os
import random
from datetime import timedelta

import pytest

from shared.eventstore.postgres import PostgresEventStore, open_pool
from shared.eventstore.transact import Transactor
from shared.kernel.clock import RandomIds
from tests.databases import Server
from tests.gates import Person
from tests.oracle import examine
from tests.races.logged import CALLS_MAX, Recount, recount
from tests.races.processes import Processes
from tests.races.race import NOON, Race, Seen
from tests.system import TENANT, Keys, System

pytestmark = [pytest.mark.integration, pytest.mark.slow]

IS_LONG = os.environ.get("FORBEAR_TEST_RACES") == "long"
PROCESSES = 3 if IS_LONG else 2
PEOPLE = 60 if IS_LONG else 12
CALLED = 3  # of seven, on earlier days
ASKS = 6_000 if IS_LONG else 300
KILLS = 12 if IS_LONG else 1
SEEDS = range(int(os.environ.get("FORBEAR_TEST_RACE_ROUNDS", "5")) if IS_LONG else 1)


async def _people(system: System) -> list[Person]:
    pool = await open_pool(system.databases["compliance"].app)
    transactor = Transactor(PostgresEventStore(pool, wake=lambda: None), RandomIds())
    people = [Person(TENANT) for _ in range(PEOPLE)]
    for person in people:
        history = person.known(NOON - timedelta(days=10))
        for days in range(CALLED, 0, -1):
            history += person.call(NOON - timedelta(days=days))
        await person.live(transactor, history)
    await pool.close()
    return people


@pytest.mark.parametrize("seed", SEEDS)
async def test_no_call_too_many_and_none_after_a_stop(
    postgres_server: Server, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(seed)
    async with postgres_server.databases() as databases:
        system = System(databases, Keys())
        await system.set_clock(TENANT, NOON)
        key = await system.key(scopes=["permits:write"])
        people = await _people(system)
        stopped = people[: PEOPLE // 3]
        processes = Processes(system, PROCESSES)
        try:
            await processes.ready()
            race = Race(system, processes, key, people, chance)
            seen = await race.run(ASKS, stopped, KILLS)
        finally:
            processes.stop()
        found = await recount(databases["compliance"].admin)
        with capsys.disabled():
            print(f"\nrace {seed}: {dict(seen.answers)}; {dict(found.seen)}")  # noqa: T201
        _check(seen, found, people, stopped)
        services = ("ledger", "contact", "disputes", "compliance")
        report = await examine({name: databases[name].admin for name in services}, TENANT)
        assert report.checked, "the oracle has looked at nothing"
        about_calls = [each for each in report.violations if "call" in each.code]
        assert about_calls == []


def _check(seen: Seen, found: Recount, people: list[Person], stopped: list[Person]) -> None:
    assert found.over == [], "an eighth call"
    assert found.redeemed_after_stop == [], "redeemed after a protective fact"
    assert seen.redeemed_late == [], "redeemed by a request that began after the stop was told"
    twins = [key for key, answers in seen.decisions.items() if len(answers) != 1]
    assert twins == [], "twins answered differently"
    # The race was one: the last call was reached and refused, stops came between.
    others = {f"gate-{each.consumer_id}" for each in people} - {
        f"gate-{each.consumer_id}" for each in stopped
    }
    assert {found.most[each] for each in others} == {CALLS_MAX}
    assert seen.verdicts["defer call-frequency"] > 0
    assert found.seen["permit-redeemed"] > CALLED * len(people)
    assert found.seen["redemption-refused"] + found.seen["permit-revoked"] > 0
    assert len(seen.effective_at) == len(stopped)
