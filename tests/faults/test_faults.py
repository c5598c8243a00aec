"""A cluster of real processes and servers is killed, stopped and shaken while clients work.

Every part ends with all that was acknowledged read back, the books, the audit trail and the oracle.
`FORBEAR_TEST_FAULTS=long` (`make faults`) kills 100 times and takes an hour; else a handful.
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from services.command.installation import SERVICES
from shared.eventstore.store import StoreUnavailable
from shared.kernel.records import record
from shared.messaging.kafka.feed import KafkaFeed
from tests.faults.cluster import Cluster
from tests.faults.load import CLIENTS, Load
from tests.integration.conftest import unused_ports, wait_until
from tests.kafka.local import cluster as brokers
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

BROKERS = 3
TARGETS = (
    *(f"serve {each}" for each in SERVICES),
    *(f"relay {each}" for each in SERVICES),
    "postgres",
    *(f"broker {each}" for each in range(BROKERS)),
)


@record
class Size:
    """How much is done."""

    kills: int
    stopped: tuple[str, ...]
    stopped_s: float
    outage_s: float
    rebalances: int


HANDFUL = Size(kills=6, stopped=("contact",), stopped_s=13, outage_s=10, rebalances=9)
LONG = Size(kills=100, stopped=SERVICES, stopped_s=20, outage_s=120, rebalances=90)
SIZE = LONG if os.environ.get("FORBEAR_TEST_FAULTS") == "long" else HANDFUL
REBALANCE_EVERY_S = 2.0
POISONED_S = 180.0
REBALANCED_S = 10.0
TAKEN_OVER_S = 120.0
GROUPS = (
    ("ledger", "compliance-facts-from-ledger"),
    ("contact", "compliance-facts-from-contact"),
    ("contact", "compliance-audit-from-contact"),
)
FRESHNESS = "SELECT min(fresh_as_of) FROM watermarks"
LEADER = "SELECT owner FROM leases WHERE name = 'relay-0'"
STALE = (
    "SELECT count(*) FROM events WHERE type = 'forbear.compliance.permit-refused.v1'"
    " AND convert_from(data, 'UTF8') LIKE '%facts-stale%'"
)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Return a running cluster over three brokers."""
    folder = tmp_path_factory.mktemp("faults")
    nodes = brokers(folder / "kafka", BROKERS)
    made = Cluster(folder / "installation", unused_ports(), nodes)
    try:
        made.start()
        yield made
        made.stop()
    finally:
        for node in nodes:
            node.stop()


@pytest.fixture(scope="module")
def load(cluster: Cluster) -> Load:
    """Return clients of the cluster, and say at the end what they were told."""
    made = Load(cluster)
    made.recover(time.monotonic())
    made.recoveries_s.clear()
    return made


@pytest.fixture(autouse=True)
def said(load: Load, capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Say after each part how much was acknowledged and how long recoveries took."""
    yield
    with capsys.disabled():
        longest = max(load.recoveries_s, default=0)
        print(  # noqa: T201
            f"\n{len(load.stories)} whole stories, {len(load.recoveries_s)} recoveries,"
            f" the longest {longest:.0f} s"
        )


def test_kills(cluster: Cluster, load: Load) -> None:
    """Anything is killed at any time, with two relays of each service at once."""
    chance = random.Random(3)
    targets = [TARGETS[number % len(TARGETS)] for number in range(SIZE.kills)]
    if SIZE is HANDFUL:
        targets = chance.sample(TARGETS, SIZE.kills)
    chance.shuffle(targets)
    with contextlib.ExitStack() as stack:
        for service in SERVICES:
            stack.enter_context(cluster.standing_by("relay", service))
        with load.running("kills"):
            for target in targets:
                time.sleep(chance.uniform(0.2, 3))
                killed_at = time.monotonic()
                cluster.strike(target)
                load.recover(killed_at)


@pytest.mark.parametrize("service", SIZE.stopped)
def test_a_stopped_consumer_is_replaced_and_comes_back(
    cluster: Cluster, load: Load, service: str
) -> None:
    """It sleeps beyond its session's end; on waking it must not write what another has."""
    with cluster.standing_by("serve", service), load.running(f"stopped-{service}"):
        load.recover(time.monotonic())
        pid = cluster.pid_of("serve", service)
        with cluster.stopped(pid):
            stopped_at = cluster.fetch(service, "SELECT clock_timestamp()")
            time.sleep(SIZE.stopped_s)
            wait_until(lambda: cluster.fetch(service, FRESHNESS) > stopped_at, TAKEN_OVER_S)
        load.recover(time.monotonic())


def test_a_stopped_relay_wakes_while_another_publishes(cluster: Cluster, load: Load) -> None:
    with cluster.standing_by("relay", "ledger"), load.running("stopped-relay"):
        pid = cluster.pid_of("relay", "ledger")
        stopped_at = time.monotonic()
        with cluster.stopped(pid):
            leader = cluster.fetch("ledger", LEADER)
            load.recover(stopped_at)
            assert cluster.fetch("ledger", LEADER) != leader
        load.recover(time.monotonic())


def test_poison_is_set_aside_and_handled_once_mended(cluster: Cluster, load: Load) -> None:
    """Some accounts cannot be taken in; each client meets one, and none is passed over."""

    def parked() -> list[Any]:
        found: list[Any] = json.loads(cluster.forbear("dlq", "list", "--json").stdout)
        return found

    with load.running("poison"):
        cluster.execute(
            "contact",
            "ALTER TABLE accounts ADD CONSTRAINT poison CHECK (account_id !~ '[0-9]$') NOT VALID",
        )
        wait_until(lambda: len(parked()) >= CLIENTS, POISONED_S)
        cluster.execute("contact", "ALTER TABLE accounts DROP CONSTRAINT poison")
        mended_at = time.monotonic()
        done = cluster.forbear("dlq", "retry", "--all", "--by", "Ada Operator")
        assert done.returncode == 0, done.stdout + done.stderr
        load.recover(mended_at)
        assert parked() == []


def test_all_brokers_are_away(cluster: Cluster, load: Load) -> None:
    """What is placed meanwhile is acknowledged, and everything arrives afterwards."""
    with load.running("outage"):
        for node in cluster.nodes:
            node.signal(signal.SIGKILL)
        with cluster.client() as client:
            cluster.post(client, "ledger", "/creditors", {"name": "Meanwhile Bank"}, "meanwhile")
        time.sleep(SIZE.outage_s)
        for node in cluster.nodes:
            node.start()
        back_at = time.monotonic()
        for node in cluster.nodes:
            node.await_ready()
        load.recover(back_at)


async def test_a_rebalance_every_two_seconds(cluster: Cluster, load: Load) -> None:
    """Somebody takes partitions and leaves, group after group; no permit is refused for it.

    The guest reads nothing of what it takes. One that came back to a group at once could keep the
    same partitions from their reader for ever, and then permits are rightly refused.
    """
    stale = await asyncio.to_thread(cluster.fetch, "compliance", STALE)
    with load.running("rebalances"):
        joining = asyncio.create_task(_join_and_leave(cluster))
        while not joining.done():
            await asyncio.to_thread(load.recover, time.monotonic())
        assert await joining > SIZE.rebalances / 2
        await asyncio.to_thread(load.recover, time.monotonic())
    assert await asyncio.to_thread(cluster.fetch, "compliance", STALE) == stale


async def _join_and_leave(cluster: Cluster) -> int:
    """Return how often the guest was given partitions."""
    taken = 0
    for nth in range(SIZE.rebalances):
        source, group = GROUPS[nth % len(GROUPS)]
        feed = KafkaFeed(source, cluster.brokers, group)

        async def is_given_some(feed: KafkaFeed = feed) -> bool:
            return bool(await feed.partitions())

        with contextlib.suppress(StoreUnavailable, TimeoutError):
            await until(is_given_some, REBALANCED_S)
            taken += 1
        await feed.close()
        await asyncio.sleep(REBALANCE_EVERY_S / 2)
    return taken
