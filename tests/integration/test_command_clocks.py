"""Test clocks move all services together, stop at everything due, and wait until it is done."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from services.command import tenants
from services.command.administration import Stores
from services.command.clocks import ORDER, STALLED_S, ClockDriver, ClockRefused, NotQuiet
from services.command.clocks_administration import span
from services.command.terminal import Refused
from tests.databases import SERVICES, Database
from tests.integration.world import Running, ticks, world

pytestmark = pytest.mark.integration

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
async def tenant(stores: Stores, request: pytest.FixtureRequest) -> str:
    name = request.node.name
    made = await tenants.create(stores, name, livemode=False, frozen_at=MONDAY)
    return made.tenant_id


@pytest.fixture
async def running(databases: dict[str, Database], tenant: str) -> AsyncIterator[dict[str, Running]]:
    async with world(databases) as made:
        yield made


@pytest.fixture
def driver(stores: Stores) -> ClockDriver:
    return ClockDriver(stores)


@pytest.fixture
def hasty(stores: Stores) -> ClockDriver:
    """Return a driver that soon says what is in the way."""
    return ClockDriver(stores, stalled_s=1.5)


async def _freeze(stores: Stores, service: str, tenant: str, at: datetime) -> None:
    await stores.of(service).execute(
        "UPDATE clocks SET frozen_at = $2 WHERE tenant_id = $1", tenant, at
    )


class TestShow:
    async def test_tells_the_instant_in_each_service(
        self, driver: ClockDriver, tenant: str
    ) -> None:
        assert await driver.show(tenant) == dict.fromkeys(SERVICES, MONDAY)

    async def test_refuses_a_tenant_that_nobody_knows(self, driver: ClockDriver) -> None:
        with pytest.raises(ClockRefused, match="unknown to ledger"):
            await driver.show("agy_nobody")


class TestSet:
    async def test_moves_all_services(self, driver: ClockDriver, tenant: str) -> None:
        await driver.set(tenant, MONDAY + HOUR)
        assert set((await driver.show(tenant)).values()) == {MONDAY + HOUR}

    async def test_does_not_go_back(self, driver: ClockDriver, tenant: str) -> None:
        with pytest.raises(ClockRefused, match="does not go back"):
            await driver.set(tenant, MONDAY - HOUR)
        assert set((await driver.show(tenant)).values()) == {MONDAY}

    async def test_refuses_a_live_tenant(self, driver: ClockDriver, stores: Stores) -> None:
        live = await tenants.create(stores, "Live", livemode=True)
        with pytest.raises(ClockRefused, match="is live"):
            await driver.set(live.tenant_id, MONDAY)

    async def test_refuses_a_tenant_in_real_time(self, driver: ClockDriver, stores: Stores) -> None:
        real = await tenants.create(stores, "Real", livemode=False)
        with pytest.raises(ClockRefused, match="no test clock"):
            await driver.set(real.tenant_id, MONDAY)

    async def test_brings_together_what_an_interrupted_move_left_apart(
        self, driver: ClockDriver, stores: Stores, tenant: str
    ) -> None:
        await _freeze(stores, ORDER[0], tenant, MONDAY + 2 * HOUR)
        with pytest.raises(ClockRefused, match="does not go back"):
            await driver.set(tenant, MONDAY + HOUR)
        assert set((await driver.show(tenant)).values()) == {MONDAY + 2 * HOUR}

    async def test_lets_only_one_command_move_a_clock(
        self, driver: ClockDriver, databases: dict[str, Database], tenant: str
    ) -> None:
        other = await asyncpg.connect(databases["ledger"].owner)
        await other.execute("SELECT pg_advisory_lock(hashtextextended($1, 7))", tenant)
        with pytest.raises(ClockRefused, match="Another command"):
            await driver.set(tenant, MONDAY + HOUR)
        await other.close()


class TestAdvance:
    async def test_stops_at_each_due_instant_in_every_service(
        self,
        driver: ClockDriver,
        databases: dict[str, Database],
        running: dict[str, Running],
        tenant: str,
    ) -> None:
        await running["ledger"].tick(tenant, "clock-3600", every_s=3600, times=5)
        await running["disputes"].tick(tenant, "clock-5400", every_s=5400, times=3)
        reached: list[datetime] = []
        stops = await driver.advance(tenant, MONDAY + 6 * HOUR, reached=reached.append)

        hours = [MONDAY + n * HOUR for n in range(5)]
        assert await ticks(databases["ledger"], tenant, "clock-3600") == hours
        halves = [MONDAY + n * 1.5 * HOUR for n in range(3)]
        assert await ticks(databases["disputes"], tenant, "clock-5400") == halves
        # What follows from a tick happened at the tick, two services on as well.
        assert await ticks(databases["contact"], tenant, "echo-clock-3600") == hours
        assert await ticks(databases["compliance"], tenant, "echo-echo-clock-3600") == hours
        assert reached == sorted({*hours[1:], *halves[1:], MONDAY + 6 * HOUR})
        assert stops == len(reached)
        assert set((await driver.show(tenant)).values()) == {MONDAY + 6 * HOUR}

    async def test_wakes_services_of_its_own_process(
        self, databases: dict[str, Database], stores: Stores, tenant: str
    ) -> None:
        async with world(databases, jobs_poll_s=3600) as running:  # else only a wake is heard

            def wake() -> None:
                for each in running.values():
                    each.bell.ring()

            await running["ledger"].tick(tenant, "clock-60", every_s=60, times=31)
            await ClockDriver(stores, wake=wake).advance(tenant, MONDAY + HOUR)
            assert len(await ticks(databases["ledger"], tenant, "clock-60")) == 31

    async def test_leaves_other_tenants_alone(
        self,
        driver: ClockDriver,
        stores: Stores,
        databases: dict[str, Database],
        running: dict[str, Running],
        tenant: str,
    ) -> None:
        other = await tenants.create(stores, "Other", livemode=False, frozen_at=MONDAY)
        await running["ledger"].tick(other.tenant_id, "clock-60", every_s=60, times=5)
        assert await driver.advance(tenant, MONDAY + HOUR) == 1
        assert await ticks(databases["ledger"], other.tenant_id, "clock-60") == [MONDAY]

    async def test_does_nothing_when_it_is_that_late_already(
        self, driver: ClockDriver, running: dict[str, Running], tenant: str
    ) -> None:
        assert await driver.advance(tenant, MONDAY) == 0

    async def test_names_the_job_that_does_not_succeed(
        self, hasty: ClockDriver, running: dict[str, Running], tenant: str
    ) -> None:
        await running["ledger"].tick(tenant, "clock-60", every_s=60, times=3)
        running["ledger"].failing_jobs = True
        with pytest.raises(
            NotQuiet, match=r"ledger: job tick-60 \(tick\) is waiting.*RuntimeError"
        ):
            await hasty.advance(tenant, MONDAY + HOUR)
        assert set((await hasty.show(tenant)).values()) == {MONDAY + timedelta(seconds=60)}


class TestSettle:
    async def test_waits_for_all_that_an_event_gives_rise_to(
        self,
        driver: ClockDriver,
        databases: dict[str, Database],
        running: dict[str, Running],
        tenant: str,
    ) -> None:
        for n in range(20):
            await running["ledger"].tick(tenant, f"clock-{n}")
            await driver.settle(tenant)
            assert await ticks(databases["compliance"], tenant, f"echo-echo-clock-{n}") == [MONDAY]

    async def test_comes_to_an_end_while_another_tenant_is_busy(
        self, driver: ClockDriver, running: dict[str, Running], tenant: str
    ) -> None:
        async def be_busy() -> None:
            for n in range(10_000):
                await running["ledger"].tick("agy_busy", f"clock-{n % 7}")

        busy = asyncio.create_task(be_busy())
        await asyncio.sleep(0.1)
        await asyncio.wait_for(driver.settle(tenant), 60)
        assert not busy.done()
        busy.cancel()

    async def test_names_a_reader_that_does_not_read(
        self,
        driver: ClockDriver,
        hasty: ClockDriver,
        databases: dict[str, Database],
        tenant: str,
    ) -> None:
        async with world(databases) as running:
            await running["ledger"].tick(tenant, "clock-1")
            await driver.settle(tenant)
            await running["contact"].stop()
            await running["ledger"].tick(tenant, "clock-2")
            with pytest.raises(NotQuiet, match="contact-echoes-from-ledger has not come to"):
                await hasty.settle(tenant)

    async def test_names_services_that_never_ran(
        self, hasty: ClockDriver, stores: Stores, tenant: str
    ) -> None:
        await stores.execute("DELETE FROM checkpoints")
        with pytest.raises(NotQuiet, match="disputes has never read anything"):
            await hasty.settle(tenant)

    async def test_names_a_parked_event_at_once(
        self, driver: ClockDriver, stores: Stores, running: dict[str, Running], tenant: str
    ) -> None:
        await driver.settle(tenant)
        await stores.of("contact").execute(
            "INSERT INTO parked_events (tenant_id, subscription, key, partition, transaction_id,"
            " position, stream, version, event_id, type, error)"
            " VALUES ($1, 'contact-views', 'cns_1', '0', '5', 5, 's', 1, 'evt_9', 'a.type',"
            " 'KeyError')",
            tenant,
        )
        began = time.monotonic()
        with pytest.raises(NotQuiet, match="event evt_9 .*parked in contact-views: KeyError"):
            await driver.settle(tenant)
        assert time.monotonic() - began < STALLED_S / 2
        await ClockDriver(stores, despite_parked=True).settle(tenant)

    async def test_takes_no_time_when_all_is_quiet(
        self, driver: ClockDriver, running: dict[str, Running], tenant: str
    ) -> None:
        for n in range(50):
            await running["ledger"].tick(tenant, f"clock-{n}")
        await driver.settle(tenant)
        took = []
        for _ in range(20):
            began = time.perf_counter()
            await driver.settle(tenant)
            took.append(time.perf_counter() - began)
        assert min(took) < 0.025  # about 3 ms where nothing else runs


class TestSpan:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("1d2h", timedelta(days=1, hours=2)),
            ("90m", timedelta(minutes=90)),
            ("2w30s", timedelta(weeks=2, seconds=30)),
        ],
    )
    def test_reads_units(self, text: str, expected: timedelta) -> None:
        assert span(text) == expected

    @pytest.mark.parametrize("text", ["", "1", "d", "1d 2h", "-1d", "1y", "1.5h"])
    def test_refuses_anything_else(self, text: str) -> None:
        with pytest.raises(Refused):
            span(text)
