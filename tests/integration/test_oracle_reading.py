"""The oracle reads real databases as feed roles do, and its command says what it found."""

import os
import subprocess
import sys
from collections.abc import Mapping

import asyncpg
import pytest

from tests.databases import Database
from tests.oracle import examine, examine_events
from tests.oracle.examination import SERVICES
from tests.oracle.history import TENANT, Log
from tests.oracle.lawful import clean
from tests.oracle.planted import FAULTS

pytestmark = pytest.mark.integration

_INSERT = """
INSERT INTO events (
  tenant_id, stream, version, event_id, type, data, metadata, occurred_at, recorded_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


async def store(log: Log, databases: Mapping[str, Database], tenant: str) -> None:
    """Write a history into real logs, as one tenant's."""
    for service in SERVICES:
        rows = [
            (
                tenant,
                each.stream,
                each.version,
                f"{each.event_id}_{tenant}",
                each.type,
                each.data,
                each.metadata,
                each.occurred_at,
                each.recorded_at,
            )
            for each in log.events
            if each.service == service
        ]
        connection = await asyncpg.connect(databases[service].admin)
        await connection.executemany(_INSERT, rows)
        await connection.close()


def feeds(databases: Mapping[str, Database]) -> dict[str, str]:
    return {service: databases[service].feed for service in SERVICES}


async def test_finds_in_databases_what_it_finds_in_memory(
    databases: Mapping[str, Database],
) -> None:
    faulty = clean()
    FAULTS["a number another consumer opted out"].plant(faulty)
    await store(clean(), databases, TENANT)
    await store(faulty, databases, "agy_2")

    everything = await examine(feeds(databases))
    one = await examine(feeds(databases), TENANT)

    in_memory = examine_events(faulty.events)
    assert one.violations == ()
    assert one.events == len(clean().events)
    assert everything.events == one.events + in_memory.events
    assert [each.code for each in everything.violations] == sorted(in_memory.codes)
    assert {each.tenant for each in everything.violations} == {"agy_2"}


async def test_the_command_exits_with_what_it_found(databases: Mapping[str, Database]) -> None:
    await store(clean(), databases, "agy_3")
    faulty = clean()
    FAULTS["contact after cease"].plant(faulty)
    await store(faulty, databases, "agy_4")
    environment = dict(os.environ)
    for service, url in feeds(databases).items():
        environment[f"FORBEAR_{service.upper()}_FEED_DATABASE_URL"] = url

    def run(tenant: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tests.oracle", "--tenant", tenant]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=180
        )

    good, bad = run("agy_3"), run("agy_4")
    assert (good.returncode, bad.returncode) == (0, 1), good.stderr + bad.stderr
    assert "0 violations" in good.stdout
    assert "contact-after-cease" in bad.stdout
