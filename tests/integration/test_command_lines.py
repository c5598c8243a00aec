"""The sub-commands that administer all four databases, as somebody types them."""

from typing import Any

import pytest

from tests.databases import SERVICES, Database
from tests.integration.shell import Shell

pytestmark = pytest.mark.integration


@pytest.fixture
def shell(databases: dict[str, Database]) -> Shell:
    return Shell(databases)


class TestTenants:
    async def test_are_created_once_and_listed(self, shell: Shell) -> None:
        first = await shell.run("tenants create --name", "Acme Recovery")
        again = await shell.run("tenants create --name", "Acme Recovery")
        assert (first.exit_code, first.stdout) == (0, again.stdout)
        assert first.stdout.startswith("agy_")
        listed = await shell.json("tenants list")
        (one,) = [each for each in listed if each["name"] == "Acme Recovery"]
        assert one["tenant_id"] == first.stdout.strip()
        assert (one["livemode"], one["test_clock"], one["missing"]) == (True, None, [])

    async def test_take_a_test_clock(self, shell: Shell) -> None:
        made = await shell.json(
            "tenants create --name Clocked --test-clock 2026-03-02T09:00:00-05:00"
        )
        assert (made["livemode"], made["test_clock"]) == (False, "2026-03-02T14:00:00Z")

    @pytest.mark.parametrize("at", ["noon", "2026-03-02", "2026-03-02T09:00:00"])
    async def test_refuse_an_instant_without_a_zone(self, shell: Shell, at: str) -> None:
        result = await shell.run("tenants create --name Zoneless --test-clock", at)
        assert result.exit_code == 2
        assert "is not an instant" in result.stderr


class TestKeys:
    async def test_are_shown_once_listed_and_revoked(self, shell: Shell) -> None:
        tenant = (await shell.run("tenants create --sandbox --name Keyed")).stdout.strip()
        made = await shell.json(f"keys create --name desk --all-scopes --tenant {tenant}")
        assert made["api_key"].startswith("sk_test_")
        (listed,) = await shell.json(f"keys list --tenant {tenant}")
        assert (listed["key_id"], listed["state"]) == (made["key_id"], "valid")
        shown = (await shell.run("keys list")).stdout
        assert made["key_id"] in shown  # whole, however narrow the terminal is
        assert made["api_key"] not in shown
        assert (await shell.run(f"keys revoke {made['key_id']}")).exit_code == 0
        (listed,) = await shell.json(f"keys list --tenant {tenant}")
        assert listed["state"].startswith("revoked")

    async def test_take_some_scopes_only(self, shell: Shell) -> None:
        tenant = (await shell.run("tenants create --name Some")).stdout.strip()
        made = await shell.json(
            f"keys create --name desk --tenant {tenant} --scopes", "plans:read, accounts:read"
        )
        assert made["api_key"].startswith("sk_live_")
        assert made["scopes"] == ["accounts:read", "plans:read"]

    @pytest.mark.parametrize("scopes", ["", "--scopes nothing:read", "--all-scopes --scopes a:b"])
    async def test_refuse_what_is_no_choice_of_scopes(self, shell: Shell, scopes: str) -> None:
        tenant = (await shell.run("tenants create --name Some")).stdout.strip()
        result = await shell.run(f"keys create --name other --tenant {tenant} {scopes}")
        assert result.exit_code == 2
        assert "scopes" in result.stderr

    async def test_refuse_an_unknown_tenant(self, shell: Shell) -> None:
        result = await shell.run("keys create --name desk --all-scopes --tenant agy_nobody")
        assert result.exit_code == 2
        assert "no tenant agy_nobody" in result.stderr


class TestClocks:
    async def test_are_shown_and_set(self, shell: Shell) -> None:
        made = await shell.json("tenants create --name Timed --test-clock 2026-03-02T14:00:00Z")
        tenant = made["tenant_id"]
        result = await shell.run(f"clocks set --tenant {tenant} --by 1d2h")
        assert result.stdout.strip() == f"It is 2026-03-03T16:00:00Z for {tenant}."
        shown = await shell.json(f"clocks show --tenant {tenant}")
        assert shown == dict.fromkeys(SERVICES, "2026-03-03T16:00:00Z")

    async def test_refuse_to_go_back(self, shell: Shell) -> None:
        made = await shell.json("tenants create --name Back --test-clock 2026-03-02T14:00:00Z")
        result = await shell.run(
            f"clocks advance --tenant {made['tenant_id']} --to 2026-03-01T14:00:00Z"
        )
        assert result.exit_code == 2
        assert "does not go back" in result.stderr

    @pytest.mark.parametrize("when", ["", "--by 1d --to 2026-03-02T14:00:00Z"])
    async def test_want_one_way_to_say_when(self, shell: Shell, when: str) -> None:
        made = await shell.json("tenants create --name When --test-clock 2026-03-02T14:00:00Z")
        result = await shell.run(f"clocks set --tenant {made['tenant_id']} {when}")
        assert result.exit_code == 2
        assert "either --to INSTANT or --by SPAN" in result.stderr


class TestWithoutDatabases:
    async def test_says_how_to_get_one(self, tmp_path: Any) -> None:
        shell = Shell.__new__(Shell)
        shell._environment = {}
        result = await shell.run("tenants list --data-dir", str(tmp_path / "nowhere"))
        assert result.exit_code == 2
        assert "There is no installation" in result.stderr
