"""`forbear migrate`: from an empty server to one that serves, and again without change."""

import asyncio
from collections.abc import Mapping

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from services.command.cli import app
from services.command.databases import DATABASES, ROLES, database_urls
from services.command.environment import database_settings
from shared.postgres.embedded import EmbeddedPostgres, free_port
from shared.postgres.urls import url_for

pytestmark = pytest.mark.integration

PASSWORDS = {role: f"password of {role}: @/?" for role in ROLES}


def migrate(settings: Mapping[str, str], *words: str) -> Result:
    return CliRunner().invoke(app, ["migrate", *words], env=dict(settings), catch_exceptions=False)


def settings_for(admin_url: str) -> dict[str, str]:
    urls = database_urls(admin_url, PASSWORDS)
    return {"DATABASE_URL": admin_url, **database_settings(urls.by_role)}


def without(settings: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in settings.items() if name not in names}


@pytest.fixture
def settings(server: EmbeddedPostgres) -> dict[str, str]:
    return settings_for(server.admin_url)


def test_makes_everything_and_then_nothing(settings: dict[str, str]) -> None:
    first = migrate(settings)
    assert first.exit_code == 0, first.output
    assert first.stdout.count("brought from nothing") == len(DATABASES)
    again = migrate(settings)
    assert (again.exit_code, again.stdout.count("up to date")) == (0, len(DATABASES))
    # Databases that are there need no administrator, and one of them needs no other.
    owner = without(settings, "DATABASE_URL", "FORBEAR_CONTACT_OWNER_DATABASE_URL")
    alone = migrate(owner, "ledger")
    assert (alone.exit_code, alone.stdout.count("up to date")) == (0, 1)


async def test_serves_an_administrator_who_is_no_superuser(
    server: EmbeddedPostgres, settings: dict[str, str]
) -> None:
    connection = await asyncpg.connect(server.admin_url)
    await connection.execute("CREATE ROLE maker LOGIN CREATEROLE CREATEDB PASSWORD 'of-maker'")
    await connection.close()
    maker = url_for(server.admin_url, database="postgres", role="maker", password="of-maker")
    for _ in range(2):
        done = await asyncio.to_thread(migrate, settings | {"DATABASE_URL": maker})
        assert done.exit_code == 0, done.output


def test_names_every_setting_that_does_not_fit() -> None:
    settings = settings_for("postgresql://admin:secret@127.0.0.1:1/postgres")
    wrong = without(
        settings, "FORBEAR_CONTACT_OWNER_DATABASE_URL", "FORBEAR_LEDGER_JOBS_DATABASE_URL"
    )
    wrong["FORBEAR_VAULT_APP_DATABASE_URL"] = settings["FORBEAR_LEDGER_APP_DATABASE_URL"]
    told = migrate(wrong)
    assert told.exit_code == 2
    assert "FORBEAR_CONTACT_OWNER_DATABASE_URL: is not set" in told.stderr
    assert "FORBEAR_LEDGER_JOBS_DATABASE_URL: is not set" in told.stderr
    assert "APP_DATABASE_URL: must be of role vault_app in database forbear_vault" in told.stderr
    assert "password of" not in told.stderr


def test_says_which_server_does_not_let_it_in(shared_server: EmbeddedPostgres) -> None:
    settings = settings_for(shared_server.admin_url)
    wrong = settings["DATABASE_URL"].replace("only-for-tests", "another")
    told = migrate(settings | {"DATABASE_URL": wrong})
    assert told.exit_code == 2
    assert "DATABASE_URL: 127.0.0.1" in told.stderr
    assert "another" not in told.stderr
    unknown = url_for(
        shared_server.admin_url, database="forbear_ledger", role="ledger_owner", password="wrong"
    )
    told = migrate({"FORBEAR_LEDGER_OWNER_DATABASE_URL": unknown}, "ledger")
    assert told.exit_code == 2
    assert "FORBEAR_LEDGER_OWNER_DATABASE_URL" in told.stderr


def test_waits_no_longer_than_it_may() -> None:
    away = settings_for(f"postgresql://admin:secret@127.0.0.1:{free_port()}/postgres")
    told = migrate(away, "--wait", "0.2")
    assert told.exit_code == 2
    assert "DATABASE_URL: no server answered at 127.0.0.1:" in told.stderr
    assert "secret" not in told.stderr
