"""The demo as a person runs it: a file in, a summary out, and the same seed plays the same."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.command import keys, tenants
from services.command.administration import opened, urls_of
from services.command.databases import database_urls
from services.command.demo import comparison, hosting
from services.command.installation import Installation
from services.command.status import admin_url
from shared.vault.cached import CachedVault
from shared.vault.postgres import PostgresVault
from shared.vault.sealer import Sealer
from tests.integration.conftest import PROJECT, unused_ports

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

KEYS = """
accounts virtual_days permit_requests permits vetoes vetoes_by_rule attempts conversations disputes
plans payments reversals trial_balance audit_verified oracle_violations seconds
""".split()
ACCOUNTS, DAYS = 25, 9


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Return an installation that runs."""
    made = Installation(folder=tmp_path_factory.mktemp("demo") / "data", ports=unused_ports())
    with hosting.running(made):
        yield made


def play(installation: Installation, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "services", "demo", *arguments],
        cwd=PROJECT,
        env={
            **os.environ,
            "FORBEAR_PORT_BASE": str(installation.ports.start),
            "FORBEAR_DATA_DIR": str(installation.folder),
        },
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


def played(installation: Installation, seed: int) -> dict[str, Any]:
    arguments = ("--limit", str(ACCOUNTS), "--days", str(DAYS), "--seed", str(seed), "--json")
    done = play(installation, *arguments)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


async def logs(installation: Installation, seed: int) -> list[list[str]]:
    """Return the comparable logs of all plays of a seed."""
    own = keys.load(installation.secrets_file)
    admin = admin_url(installation)
    assert admin is not None
    vault_url = database_urls(admin, own.role_passwords).by_role["vault_app"]
    async with (
        asyncpg.create_pool(vault_url) as pool,
        opened(urls_of("owner", installation)) as stores,
    ):
        vault = PostgresVault(pool, [base64.b64decode(own.master_key)])
        sealer = Sealer(CachedVault(vault))
        return [
            comparison.comparable(await comparison.read(stores.connections, sealer, each.tenant_id))
            for each in await tenants.listed(stores)
            if f"seed {seed}," in each.name
        ]


class TestDemo:
    async def test_plays_the_same_for_the_same_seed(self, installation: Installation) -> None:
        first, second = (played(installation, 7) for _ in range(2))
        assert list(first) == KEYS
        assert first["accounts"] == ACCOUNTS
        assert first["permit_requests"] == first["permits"] + first["vetoes"] > 2 * ACCOUNTS
        for said in (first, second):
            assert said["trial_balance"] == said["oracle_violations"] == 0
            assert said["audit_verified"] is True
        assert first | {"seconds": 0} == second | {"seconds": 0}
        one, again = await logs(installation, 7)
        assert len(one) > 500
        assert one == again
        played(installation, 8)
        (other,) = await logs(installation, 8)
        assert one != other

    def test_refuses_a_file_that_it_does_not_understand(
        self, installation: Installation, tmp_path: Path
    ) -> None:
        file = tmp_path / "strange.csv"
        file.write_text("name,amount\nAda,1\n")
        done = play(installation, str(file))
        assert done.returncode == 2
        assert "Unknown: amount, name." in done.stderr
        assert "Traceback" not in done.stderr
