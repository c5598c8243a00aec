"""Plays of the demo in an installation, and their logs made comparable."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg

from services.command import keys, tenants
from services.command.administration import opened, urls_of
from services.command.databases import database_urls
from services.command.demo import comparison
from services.command.installation import Installation
from services.command.status import admin_url
from shared.vault.cached import CachedVault
from shared.vault.postgres import PostgresVault
from shared.vault.sealer import Sealer

PROJECT = Path(__file__).resolve().parents[2]


class PlayFailed(Exception):
    """The demo ended with an error; the text is what it said."""


def play(installation: Installation, *arguments: str, timeout_s: float) -> dict[str, Any]:
    """Play the demo as a person would, its progress on our error stream.

    Raises:
        PlayFailed: it did not end well.
    """
    done = subprocess.run(
        [sys.executable, "-m", "services", "demo", "--json", *arguments],
        cwd=PROJECT,
        env={
            **os.environ,
            "FORBEAR_PORT_BASE": str(installation.ports.start),
            "FORBEAR_DATA_DIR": str(installation.folder),
        },
        stdout=subprocess.PIPE,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    if done.returncode:
        raise PlayFailed(f"The demo ended with {done.returncode}: {done.stdout[-2000:]}")
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


async def logs(installation: Installation, seed: int) -> list[list[str]]:
    """Return the comparable logs of all plays of a seed, the oldest first."""
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
