"""Jobs over PostgreSQL: due by the tenant's clock, done once, retried, visible, cancellable."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from opentelemetry.trace import NonRecordingSpan

from shared.eventstore import codec
from shared.eventstore.postgres import PostgresEventStore, open_pool
from shared.eventstore.store import Metadata
from shared.eventstore.transact import Context, Issue, Moment, Transactor
from shared.kernel.clock import RandomIds
from shared.kernel.decider import Decider
from shared.kernel.jobs import Cancel, Job
from shared.kernel.records import event, record, replace
from shared.messaging import jobs
from shared.messaging.feed import Bell
from shared.messaging.jobs import DueJob, JobRunner
from shared.telemetry import tracing
from tests.databases import Database
from tests.waiting import until

pytestmark = pytest.mark.integration

METADATA = Metadata(actor="key_test", correlation_id="c-1")
FROZEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
POLL_S = 120.0  # of a runner that is to be woken


@record
class Ask:
    """Schedule or withdraw, as told."""

    changes: tuple[Job, ...]
    withdrawn: tuple[str, ...]
    now: datetime


@event("forbear.test.asked.v1")
class Asked:
    """Something became due later, or no longer."""

    changes: tuple[Job, ...]
    withdrawn: tuple[str, ...]
    at: datetime


def decide(command: Ask, state: int) -> tuple[Asked, ...]:
    return (Asked(changes=command.changes, withdrawn=command.withdrawn, at=command.now),)


def asked_for(event: Asked) -> tuple[Job | Cancel, ...]:
    return (*event.changes, *(Cancel(key=key) for key in event.withdrawn))


ASKING: Decider[Ask, int, Asked] = Decider(
    initial=0, evolve=lambda state, event: state + 1, decide=decide, events=(Asked,), jobs=asked_for
)


class Stopped(BaseException):
    """A process that ends here."""


class Office:
    """A service with jobs, and a notebook of those that were done."""

    def __init__(self, database: Database, pool: Any, jobs_pool: Any, owner: Any) -> None:
        self.done: list[tuple[str, str]] = []
        self.failing: set[str] = set()
        self._pool = jobs_pool
        self._owner = owner
        self._run = Transactor(PostgresEventStore(pool, lambda: None), RandomIds())

    async def ask(
        self,
        *changes: Job,
        withdrawn: Sequence[str] = (),
        tenant: str = "agy_1",
        metadata: Metadata = METADATA,
    ) -> None:
        """Schedule jobs and withdraw others, with one event."""

        def command(moment: Moment) -> Ask:
            return Ask(changes=changes, withdrawn=tuple(withdrawn), now=moment.now)

        issue = Issue(stream="asking-1", decider=ASKING, command=command)
        await self._run.transact(Context(tenant=tenant, metadata=metadata), [issue])

    def runner(self, name: str = "runner", *, lease_s: float = 30, work: Any = None) -> JobRunner:
        """Return a runner, as of another process."""
        handlers = {"remind": work or self.note}
        return JobRunner(self._pool, handlers, name, Bell(), lease_s=lease_s)

    async def note(self, job: DueJob) -> None:
        """Do a job."""
        if job.key in self.failing:
            raise RuntimeError("as told")
        self.done.append((job.tenant, job.key))

    async def freeze(self, tenant: str, instant: datetime) -> None:
        """Set a test clock."""
        await self._owner.execute(
            "INSERT INTO clocks VALUES ($1, $2) ON CONFLICT (tenant_id) DO UPDATE"
            " SET frozen_at = excluded.frozen_at",
            tenant,
            instant,
        )

    async def row(self, key: str, tenant: str = "agy_1") -> Any:
        """Return a job as an operator sees it."""
        return await self._owner.fetchrow(
            "SELECT *, run_after - clock_timestamp() AS wait FROM jobs"
            " WHERE tenant_id = $1 AND key = $2",
            tenant,
            key,
        )

    async def change(self, statement: str) -> None:
        """Do something to the table that only time or an operator would."""
        await self._owner.execute(statement)


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    pool, jobs_pool = await open_pool(database.app), await open_pool(database.jobs)
    owner = await asyncpg.connect(database.owner)
    yield Office(database, pool, jobs_pool, owner)
    for each in (pool, jobs_pool, owner):
        await each.close()


def remind(key: str, due_at: datetime) -> Job:
    return Job(key=key, kind="remind", due_at=due_at, arguments={"account_id": "acct_1"})


async def do_all(runner: JobRunner) -> None:
    while await runner.step():
        pass


class TestDue:
    async def test_by_the_database_clock_for_a_live_tenant(self, office: Office) -> None:
        soon = datetime.now(UTC) + timedelta(hours=1)
        await office.ask(remind("past", FROZEN), remind("soon", soon))
        await do_all(office.runner())
        assert office.done == [("agy_1", "past")]
        await office.change("UPDATE jobs SET due_at = clock_timestamp() WHERE key = 'soon'")
        await do_all(office.runner())
        assert office.done == [("agy_1", "past"), ("agy_1", "soon")]

    async def test_by_the_frozen_clock_for_a_sandbox_tenant(self, office: Office) -> None:
        await office.freeze("agy_1", FROZEN)
        await office.ask(
            remind("first", FROZEN),
            remind("second", FROZEN + timedelta(days=1)),
            remind("third", FROZEN + timedelta(days=400)),  # past by any other clock
        )
        await do_all(office.runner())
        assert office.done == [("agy_1", "first")]
        await office.freeze("agy_1", FROZEN + timedelta(days=1))
        await do_all(office.runner())
        assert office.done == [("agy_1", "first"), ("agy_1", "second")]

    async def test_in_the_order_of_being_due(self, office: Office) -> None:
        await office.ask(*(remind(f"j{n}", FROZEN - timedelta(hours=n)) for n in range(45)))
        await do_all(office.runner())
        assert office.done == [("agy_1", f"j{n}") for n in reversed(range(45))]

    async def test_one_tenants_backlog_does_not_keep_others_waiting(self, office: Office) -> None:
        await office.ask(*(remind(f"j{n}", FROZEN) for n in range(100)), tenant="agy_1")
        later = datetime.now(UTC) - timedelta(seconds=1)
        await office.ask(remind("only", later), tenant="agy_2")
        assert await office.runner().step() == jobs.CLAIM_MAX
        assert ("agy_2", "only") in office.done

    async def test_with_what_the_event_said(self, office: Office) -> None:
        seen: list[DueJob] = []

        async def look(job: DueJob) -> None:
            seen.append(job)

        await office.ask(remind("j", FROZEN))
        await do_all(office.runner(work=look))
        (job,) = seen
        assert (job.tenant, job.kind, job.due_at, job.attempts) == ("agy_1", "remind", FROZEN, 1)
        assert job.arguments == {"account_id": "acct_1"}
        assert job.metadata == METADATA

    async def test_below_what_asked_for_it(self, office: Office) -> None:
        seen: list[str | None] = []

        async def look(job: DueJob) -> None:
            seen.append(job.metadata.traceparent)

        with tracing.recording() as exporter:
            with tracing.span("asking"):
                asking = tracing.current_traceparent()
                metadata = replace(METADATA, traceparent=asking)
                await office.ask(remind("j", FROZEN), metadata=metadata)
            await do_all(office.runner(work=look))
        asked, done = exporter.get_finished_spans()
        assert done.name == "job remind"
        assert asked.context is not None
        assert done.context is not None
        assert done.parent is not None
        assert done.parent.span_id == asked.context.span_id
        assert seen == [tracing.traceparent_of(NonRecordingSpan(done.context))]


class TestClaim:
    async def test_two_runners_do_each_job_once(self, office: Office) -> None:
        await office.ask(*(remind(f"j{n}", FROZEN) for n in range(120)))
        await asyncio.gather(*(do_all(office.runner(f"runner-{n}")) for n in range(4)))
        await do_all(office.runner())
        assert Counter(office.done) == Counter(("agy_1", f"j{n}") for n in range(120))

    async def test_a_job_of_a_dead_runner_is_done_when_its_lease_ends(self, office: Office) -> None:
        await office.ask(remind("j", FROZEN))

        async def die(job: DueJob) -> None:
            raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await office.runner("dead", work=die).step()
        assert await office.runner("heir").step() == 0
        await office.change("UPDATE jobs SET lease_until = lease_until - interval '30 s'")
        assert await office.runner("heir").step() == 1
        assert office.done == [("agy_1", "j")]
        assert (await office.row("j"))["status"] == "done"

    @pytest.mark.parametrize("heir", ["heir", "slow"], ids=["another", "its own name"])
    async def test_a_runner_that_lost_its_lease_completes_nothing(
        self, office: Office, heir: str
    ) -> None:
        await office.ask(remind("j", FROZEN))

        async def lose(job: DueJob) -> None:
            await office.change("UPDATE jobs SET lease_until = clock_timestamp() - interval '1 s'")
            with suppress(Stopped):
                await office.runner(heir, work=end).step()

        async def end(job: DueJob) -> None:
            raise Stopped

        assert await office.runner("slow", work=lose).step() == 1
        row = await office.row("j")
        assert (row["status"], row["owner"], row["attempts"]) == ("waiting", heir, 2)

    async def test_a_handler_that_outlives_its_lease_is_stopped(self, office: Office) -> None:
        await office.ask(remind("j", FROZEN), remind("k", FROZEN))

        async def dawdle(job: DueJob) -> None:
            await asyncio.sleep(30)

        await office.runner(lease_s=0.5, work=dawdle).step()
        assert (await office.row("j"))["last_error"] == "TimeoutError"
        untouched = await office.row("k")  # its turn did not come: given back, no attempt counted
        assert (untouched["owner"], untouched["attempts"]) == (None, 0)


class TestRetry:
    async def test_waits_longer_each_time_then_fails_for_all_to_see(self, office: Office) -> None:
        await office.ask(remind("j", FROZEN))
        office.failing = {"j"}
        for attempt in range(1, jobs.ATTEMPTS_MAX + 1):
            began = time.monotonic()
            assert await office.runner().step() == 1
            row = await office.row("j")
            passed_s = time.monotonic() - began
            assert (row["attempts"], row["last_error"]) == (attempt, "RuntimeError")
            assert row["status"] == ("failed" if attempt == jobs.ATTEMPTS_MAX else "waiting")
            longest_s = min(jobs.BACKOFF_S * 2 ** (attempt - 1), jobs.BACKOFF_MAX_S)
            assert longest_s - passed_s - 0.01 < row["wait"].total_seconds() < longest_s + 0.01
            await office.change("UPDATE jobs SET run_after = run_after + interval '1 min'")
            assert await office.runner().step() == 0
            await office.change("UPDATE jobs SET run_after = clock_timestamp()")
        assert await office.runner().step() == 0
        assert office.done == []

    async def test_does_not_hold_others_up(self, office: Office) -> None:
        await office.ask(remind("bad", FROZEN - timedelta(hours=1)), remind("good", FROZEN))
        office.failing = {"bad"}
        await office.runner().step()
        assert office.done == [("agy_1", "good")]

    async def test_succeeds_and_forgets_the_error(self, office: Office) -> None:
        await office.ask(remind("j", FROZEN))
        office.failing = {"j"}
        await office.runner().step()
        office.failing = set()
        await office.change("UPDATE jobs SET run_after = clock_timestamp()")
        await office.runner().step()
        row = await office.row("j")
        assert (row["status"], row["last_error"], row["attempts"]) == ("done", None, 2)

    async def test_gives_up_on_a_job_that_ends_every_process(self, office: Office) -> None:
        await office.ask(remind("j", FROZEN))
        await office.change(f"UPDATE jobs SET attempts = {jobs.ATTEMPTS_MAX}")
        await office.runner().step()
        row = await office.row("j")
        assert (row["status"], row["last_error"]) == ("failed", "LeaseLost")
        assert office.done == []

    async def test_a_kind_nobody_knows_fails_visibly(self, office: Office) -> None:
        await office.ask(Job(key="j", kind="unheard-of", due_at=FROZEN))
        await office.runner().step()
        assert (await office.row("j"))["last_error"] == "KeyError"


class TestChange:
    async def test_a_withdrawn_job_is_not_done(self, office: Office) -> None:
        await office.ask(remind("j", FROZEN), remind("k", FROZEN))
        await office.ask(withdrawn=["j", "none"])
        await do_all(office.runner())
        assert office.done == [("agy_1", "k")]
        assert (await office.row("j"))["status"] == "cancelled"

    async def test_a_job_withdrawn_by_the_event_that_asked_for_it_is_not_done(
        self, office: Office
    ) -> None:
        await office.ask(remind("j", FROZEN), withdrawn=["j"])
        await do_all(office.runner())
        assert office.done == []

    async def test_a_withdrawal_while_it_is_done_stays_a_withdrawal(self, office: Office) -> None:
        await office.ask(remind("j", FROZEN))

        async def withdraw(job: DueJob) -> None:
            await office.ask(withdrawn=["j"])

        await office.runner(work=withdraw).step()
        assert (await office.row("j"))["status"] == "cancelled"

    async def test_the_last_of_several_dates_counts(self, office: Office) -> None:
        await office.freeze("agy_1", FROZEN)
        await office.ask(remind("j", FROZEN), remind("j", FROZEN + timedelta(days=2)))
        await do_all(office.runner())
        assert office.done == []
        assert (await office.row("j"))["due_at"] == FROZEN + timedelta(days=2)

    async def test_a_rescheduled_job_starts_anew(self, office: Office) -> None:
        await office.ask(remind("j", FROZEN))
        office.failing = {"j"}
        await office.runner().step()
        office.failing = set()
        await office.ask(remind("j", FROZEN + timedelta(days=1)))
        row = await office.row("j")
        assert (row["attempts"], row["last_error"], row["owner"]) == (0, None, None)
        assert await office.runner().step() == 1  # it waits for no earlier failure
        assert office.done == [("agy_1", "j")]

    async def test_a_date_set_while_the_job_is_done_is_kept(self, office: Office) -> None:
        await office.freeze("agy_1", FROZEN)
        await office.ask(remind("j", FROZEN))

        async def postpone(job: DueJob) -> None:
            await office.ask(remind("j", FROZEN + timedelta(days=1)))

        await office.runner(work=postpone).step()
        row = await office.row("j")
        assert (row["status"], row["due_at"]) == ("waiting", FROZEN + timedelta(days=1))


async def test_a_running_runner_wakes_when_the_bell_rings(
    office: Office, database: Database
) -> None:
    pool = await open_pool(database.jobs)
    bell = Bell()
    runner = JobRunner(pool, {"remind": office.note}, "runner", bell, poll_s=POLL_S)
    running = asyncio.create_task(runner.run())
    await asyncio.sleep(0.2)
    await office.ask(remind("j", FROZEN))
    bell.ring()

    async def is_done() -> bool:
        return bool(office.done)

    await until(is_done, POLL_S / 2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await pool.close()


async def test_looking_for_due_jobs_reads_no_jobs_that_are_not_due(
    office: Office, database: Database
) -> None:
    owner = await asyncpg.connect(database.owner)
    await owner.execute(
        "INSERT INTO jobs (tenant_id, key, kind, arguments, context, due_at)"
        " SELECT 'agy_' || n % 3, 'j' || n, 'remind', $1, $2, now() + interval '1 year'"
        " FROM generate_series(1, 20000) n",
        codec.encode({}),
        codec.encode(METADATA),
    )
    await owner.execute("ANALYZE jobs")
    await owner.execute("GRANT SELECT ON pg_stat_xact_user_tables TO PUBLIC")
    await owner.close()
    connection = await asyncpg.connect(database.jobs)
    async with connection.transaction():
        assert await connection.fetch(jobs._CLAIM, "runner", 30.0, 20) == []
        read = await connection.fetchval(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
            " WHERE relname = 'jobs'"
        )
    await connection.close()
    assert read <= 12  # a few looks at the index per tenant
