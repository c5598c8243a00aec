"""What each process reads is told in full, and what does not fit is refused by name."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from pydantic_settings import BaseSettings
from typer.testing import CliRunner, Result

from services.command.cli import app
from services.command.installation import SERVICES
from services.command.new_secrets import by_process
from services.command.process_settings import PROCESSES, prefix_of, settings_of
from services.command.wiring import settings_class
from shared.service.relaying import databases_of

KAFKA = {"FORBEAR_KAFKA_BOOTSTRAP_SERVERS": "kafka:9092"}


def forbear(*words: str, env: Mapping[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, list(words), env=dict(env or {}), catch_exceptions=False)


def drawn(*words: str) -> dict[str, str]:
    lines = forbear("secrets", *words).stdout.splitlines()
    pairs = (line.split("=", 1) for line in lines)
    return {name: value.strip("'") for name, value in pairs}


class TestListing:
    @pytest.mark.parametrize("process", PROCESSES)
    def test_describes_every_setting(self, process: str) -> None:
        listed = settings_of(process, "ledger")
        assert [each.name for each in listed if len(each.description) < 8] == []
        assert len({each.name for each in listed}) == len(listed) > 3

    def test_is_the_same_for_people_and_for_programs(self) -> None:
        shown = forbear("settings").stdout
        parsed = json.loads(forbear("settings", "--json").stdout)
        assert list(parsed) == list(PROCESSES)
        for each in (setting for settings in parsed.values() for setting in settings):
            assert f"{each['name']}  (" in shown
            assert each["description"].removesuffix(".") in shown

    def test_says_what_is_required_and_what_else_holds(self) -> None:
        by_name = {each.name: each for each in settings_of("compliance")}
        assert by_name["FORBEAR_MASTER_KEY"].is_required
        assert by_name["FORBEAR_MASTER_KEY"].is_secret
        assert by_name["FORBEAR_STALENESS_BOUND_S"].default == 5.0
        assert by_name["FORBEAR_STALENESS_BOUND_S"].form == "number above 0 to 60"
        assert not by_name["FORBEAR_LEDGER_FEED_DATABASE_URL"].is_required

    def test_never_shows_what_is_set(self) -> None:
        told = forbear("settings", "ledger", env={"FORBEAR_MASTER_KEY": "of-this-installation"})
        assert "of-this-installation" not in told.stdout


class TestSecrets:
    def test_are_all_that_the_services_and_relays_require(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in (drawn() | KAFKA).items():
            monkeypatch.setenv(name, value)
        for service in SERVICES:
            read: BaseSettings = settings_class(service)()
            assert service in read.model_dump()["public_keys"]
            assert databases_of(service).app_database_url.get_secret_value().startswith("postgres")

    def test_differ_each_time(self) -> None:
        one, other = drawn(), drawn()
        assert one.keys() == other.keys()
        assert {name for name in one if one[name] == other[name]} == set()

    def test_keep_the_server_its_password_and_its_query(self) -> None:
        made = drawn("--server", "postgresql://root:p%40ss@db:6543/postgres?sslmode=require")
        assert made["DATABASE_URL"] == "postgresql://root:p%40ss@db:6543/postgres?sslmode=require"
        assert made["POSTGRES_PASSWORD"] == "p@ss"
        assert made["FORBEAR_VAULT_APP_DATABASE_URL"].startswith("postgresql://vault_app:")
        assert made["FORBEAR_VAULT_APP_DATABASE_URL"].endswith(
            "@db:6543/forbear_vault?sslmode=require"
        )

    def test_are_handed_out_to_who_needs_them_only(self) -> None:
        held = by_process(drawn())
        assert set(held["forbear-ledger-relay"]) == {
            "FORBEAR_LEDGER_APP_DATABASE_URL",
            "FORBEAR_LEDGER_FEED_DATABASE_URL",
        }
        for service in SERVICES:
            names = set(held[f"forbear-{service}"])
            required = {each.name for each in settings_of(service) if each.is_required}
            assert required <= names
            others = tuple(prefix_of(each) for each in SERVICES if each != service)
            assert [name for name in names if name.startswith(others)] == []
            assert not any("OWNER" in name or name == "DATABASE_URL" for name in names)

    def test_let_an_administrator_verify_the_audit_log(self) -> None:
        held = by_process(drawn())["forbear-migrate"]
        assert json.loads(held["FORBEAR_PUBLIC_KEYS"]).keys() >= {"audit"}

    def test_are_written_for_kubernetes_too(self) -> None:
        manifests = list(yaml.safe_load_all(forbear("secrets", "--kubernetes").stdout))
        names = {each["metadata"]["name"] for each in manifests}
        assert {each["kind"] for each in manifests} == {"Secret"}
        assert names == {*by_process(drawn()), "forbear-postgres-admin"}

    def test_are_not_made_for_what_is_no_server(self) -> None:
        told = forbear("secrets", "--server", "db:5432")
        assert told.exit_code == 2
        assert "postgresql://" in told.stderr


class TestMisfits:
    def test_name_the_variables_and_not_their_values(self) -> None:
        settings = drawn() | KAFKA | {"FORBEAR_MASTER_KEY": "c2hvcnQ=", "FORBEAR_LEDGER_PORT": "x"}
        del settings["FORBEAR_LEDGER_SIGNING_KEY"]
        told = forbear("serve", "ledger", env=settings)
        assert told.exit_code == 2
        assert "FORBEAR_MASTER_KEY: must be 32 bytes in base64" in told.stderr
        assert "FORBEAR_LEDGER_SIGNING_KEY: is not set" in told.stderr
        assert "FORBEAR_LEDGER_PORT: Input should be a valid integer" in told.stderr
        assert "c2hvcnQ" not in told.stderr

    def test_name_a_public_key_that_is_none(self) -> None:
        settings = drawn() | KAFKA | {"FORBEAR_PUBLIC_KEYS": '{"ledger": "AAAA"}'}
        told = forbear("serve", "ledger", env=settings)
        assert "FORBEAR_PUBLIC_KEYS: the key of ledger is not 32 bytes in base64" in told.stderr
        told = forbear("serve", "ledger", env=settings | {"FORBEAR_PUBLIC_KEYS": "ledger"})
        assert (told.exit_code, "public_keys" in told.stderr) == (2, True)

    def test_say_what_is_needed_without_brokers(self) -> None:
        settings = {name: value for name, value in drawn().items() if "DISPUTES_FEED" not in name}
        told = forbear("serve", "ledger", env=settings)
        assert told.exit_code == 2
        assert "set FORBEAR_DISPUTES_FEED_DATABASE_URL, or FORBEAR_KAFKA_BOOTSTRAP" in told.stderr

    def test_are_told_of_an_audit_without_keys(self, tmp_path: Path) -> None:
        verify = ("audit", "verify", "--data-dir", str(tmp_path))
        told = forbear(*verify, env=drawn() | {"FORBEAR_PUBLIC_KEYS": ""})
        assert (told.exit_code, "set FORBEAR_PUBLIC_KEYS" in told.stderr) == (2, True)
        told = forbear(*verify, env=drawn() | {"FORBEAR_PUBLIC_KEYS": "{}"})
        assert (told.exit_code, "has no key of 'audit'" in told.stderr) == (2, True)
        told = forbear(*verify, env=drawn() | {"FORBEAR_PUBLIC_KEYS": '{"audit": "AAAA"}'})
        assert (told.exit_code, "the key of audit is not" in told.stderr) == (2, True)

    def test_are_told_of_a_relay(self) -> None:
        told = forbear("relay", "ledger", env=KAFKA)
        assert told.exit_code == 2
        assert "FORBEAR_LEDGER_APP_DATABASE_URL: is not set" in told.stderr
