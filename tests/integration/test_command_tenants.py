"""Tenants and API keys: the same in all four databases, whatever was interrupted."""

import importlib
import importlib.util
from datetime import UTC, datetime

import asyncpg
import pytest

from services.command import keys_administration as keys
from services.command import tenants
from services.command.administration import Stores
from services.command.databases import DATABASES, DatabaseUrls
from services.command.sandbox import ensure_sandbox
from services.command.scopes import SCOPES
from services.command.terminal import Refused
from shared.http import api_key
from shared.http.api_key_registry import ApiKeyRegistry
from shared.http.routing import Route
from shared.kernel.ids import is_id
from tests.databases import SERVICES, Database

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


async def _forget(stores: Stores, service: str, tenant: str) -> None:
    for table in ("tenants", "clocks", "api_keys"):
        await stores.of(service).execute(f"DELETE FROM {table} WHERE tenant_id = $1", tenant)


@pytest.mark.integration
class TestCreateTenant:
    async def test_writes_it_to_all_databases(self, stores: Stores) -> None:
        made = await tenants.create(stores, "Acme", livemode=True)
        assert is_id("agy", made.tenant_id)
        rows = await stores.fetch("SELECT name FROM tenants WHERE tenant_id = $1", made.tenant_id)
        assert {each[0]["name"] for each in rows.values()} == {"Acme"}

    async def test_returns_the_one_that_has_the_name(self, stores: Stores) -> None:
        first = await tenants.create(stores, "Twice", livemode=True)
        assert await tenants.create(stores, "Twice", livemode=True) == first

    async def test_completes_what_was_interrupted(self, stores: Stores) -> None:
        made = await tenants.create(stores, "Half", livemode=False, frozen_at=MONDAY)
        await _forget(stores, "disputes", made.tenant_id)
        await stores.of("contact").execute("DELETE FROM clocks")
        half = await tenants.find(stores, made.tenant_id)
        assert half.missing == ("contact", "disputes")
        whole = await tenants.create(stores, "Half", livemode=False, frozen_at=MONDAY)
        assert whole == made

    async def test_leaves_a_clock_that_has_moved_on(self, stores: Stores) -> None:
        await tenants.create(stores, "Moved", livemode=False, frozen_at=MONDAY)
        later = datetime(2026, 4, 1, tzinfo=UTC)
        await stores.execute("UPDATE clocks SET frozen_at = $1", later)
        again = await tenants.create(stores, "Moved", livemode=False, frozen_at=MONDAY)
        assert again.frozen_at == later

    async def test_refuses_another_kind_under_the_same_name(self, stores: Stores) -> None:
        await tenants.create(stores, "Kind", livemode=False)
        with pytest.raises(tenants.TenantDiffers, match="is a sandbox"):
            await tenants.create(stores, "Kind", livemode=True)
        with pytest.raises(tenants.TenantDiffers, match="has no test clock"):
            await tenants.create(stores, "Kind", livemode=False, frozen_at=MONDAY)

    @pytest.mark.parametrize("name", ["", "  ", "two\nlines", "x" * 201])
    async def test_refuses_a_name_that_is_none(self, stores: Stores, name: str) -> None:
        with pytest.raises(ValueError, match="printable"):
            await tenants.create(stores, name, livemode=False)

    async def test_gives_no_live_tenant_a_test_clock(self, stores: Stores) -> None:
        with pytest.raises(ValueError, match="sandbox"):
            await tenants.create(stores, "Live", livemode=True, frozen_at=MONDAY)


@pytest.mark.integration
class TestCreateKey:
    async def test_lets_its_holder_into_all_services(
        self, stores: Stores, databases: dict[str, Database]
    ) -> None:
        tenant = await tenants.create(stores, "Keys", livemode=False)
        made = await keys.create(stores, tenant.tenant_id, "desk", ["audit:read"])
        assert api_key.parse(made.key.text).mode == "test"
        for service in SERVICES:
            pool = await asyncpg.create_pool(databases[service].app, min_size=1, max_size=1)
            holder = await ApiKeyRegistry(pool).find(made.key.digest)
            await pool.close()
            assert holder is not None
            assert holder.tenant == tenant.tenant_id
            assert holder.scopes == ("audit:read",)
            assert holder.livemode is False

    async def test_makes_live_keys_for_live_tenants(self, stores: Stores) -> None:
        tenant = await tenants.create(stores, "Live keys", livemode=True)
        made = await keys.create(stores, tenant.tenant_id, "desk", SCOPES)
        assert made.key.text.startswith("sk_live_")

    async def test_stores_no_key(self, stores: Stores) -> None:
        tenant = await tenants.create(stores, "Secret", livemode=True)
        made = await keys.create(stores, tenant.tenant_id, "desk", SCOPES)
        rows = await stores.fetch("SELECT api_keys::text AS row FROM api_keys")
        assert made.key.text[8:] not in str(rows)
        assert made.key.text not in repr(made)

    async def test_refuses_scopes_that_nothing_asks_for(self, stores: Stores) -> None:
        tenant = await tenants.create(stores, "Scopes", livemode=True)
        with pytest.raises(ValueError, match="everything:write"):
            await keys.create(stores, tenant.tenant_id, "desk", ["everything:write"])

    async def test_refuses_a_name_twice_until_it_is_revoked(self, stores: Stores) -> None:
        tenant = await tenants.create(stores, "Names", livemode=True)
        first = await keys.create(stores, tenant.tenant_id, "desk", SCOPES)
        with pytest.raises(keys.NameTaken, match=first.key_id):
            await keys.create(stores, tenant.tenant_id, "desk", SCOPES)
        await keys.revoke(stores, first.key_id)
        await keys.create(stores, tenant.tenant_id, "desk", SCOPES)

    async def test_refuses_a_tenant_that_is_not_everywhere(self, stores: Stores) -> None:
        tenant = await tenants.create(stores, "Not everywhere", livemode=True)
        await _forget(stores, "contact", tenant.tenant_id)
        with pytest.raises(Refused):
            await keys.create(stores, tenant.tenant_id, "desk", SCOPES)


@pytest.mark.integration
class TestRevokeKey:
    async def test_shuts_its_holder_out_everywhere(
        self, stores: Stores, databases: dict[str, Database]
    ) -> None:
        tenant = await tenants.create(stores, "Revoked", livemode=True)
        made = await keys.create(stores, tenant.tenant_id, "desk", SCOPES)
        await keys.revoke(stores, made.key_id)
        (entry,) = await keys.listed(stores, tenant.tenant_id)
        assert entry.revoked_at is not None
        await keys.revoke(stores, made.key_id)
        assert await keys.listed(stores, tenant.tenant_id) == [entry]
        for service in SERVICES:
            pool = await asyncpg.create_pool(databases[service].app, min_size=1, max_size=1)
            assert await ApiKeyRegistry(pool).find(made.key.digest) is None
            await pool.close()

    async def test_shows_one_that_was_interrupted_as_valid(self, stores: Stores) -> None:
        tenant = await tenants.create(stores, "Half revoked", livemode=True)
        made = await keys.create(stores, tenant.tenant_id, "desk", SCOPES)
        await stores.of("ledger").execute("UPDATE api_keys SET revoked_at = now()")
        (entry,) = await keys.listed(stores, tenant.tenant_id)
        assert (entry.revoked_at, entry.missing) == (None, ("ledger",))
        await keys.revoke(stores, made.key_id)
        (entry,) = await keys.listed(stores, tenant.tenant_id)
        assert entry.revoked_at is not None

    async def test_refuses_a_key_that_is_none(self, stores: Stores) -> None:
        with pytest.raises(Refused):
            await keys.revoke(stores, "key_unknown")


@pytest.mark.integration
class TestEnsureSandbox:
    async def test_makes_one_tenant_and_one_valid_key(
        self, stores: Stores, databases: dict[str, Database]
    ) -> None:
        urls = DatabaseUrls(
            admin="", by_role={f"{service}_owner": databases[service].owner for service in SERVICES}
        )
        first = await ensure_sandbox({}, urls)
        second = await ensure_sandbox({}, urls)
        assert first != second
        assert second.startswith("sk_test_")
        (tenant,) = [each for each in await tenants.listed(stores) if each.name == "Sandbox"]
        assert (tenant.livemode, tenant.frozen_at) == (False, None)
        valid = [
            each for each in await keys.listed(stores, tenant.tenant_id) if each.revoked_at is None
        ]
        assert [each.scopes for each in valid] == [SCOPES]


class TestScopes:
    @pytest.mark.parametrize("service", SERVICES)
    def test_hold_all_that_routes_ask_for(self, service: str) -> None:
        assert _asked_by(service) <= set(SCOPES)

    def test_hold_nothing_that_no_route_asks_for(self) -> None:
        assert set(SCOPES) == set().union(*(_asked_by(service) for service in SERVICES))

    def test_are_in_order(self) -> None:
        assert list(SCOPES) == sorted(set(SCOPES))


def _asked_by(service: str) -> set[str]:
    if importlib.util.find_spec(f"services.{service}.main") is None:
        pytest.skip(f"{service} is not served yet")
    routers = importlib.import_module(f"services.{service}.main").ROUTERS
    routes = [each for router in routers for each in router.routes if isinstance(each, Route)]
    return {each.policy.scope for each in routes if each.policy and each.policy.scope}


def test_owners_are_those_of_the_databases() -> None:
    assert {each.owner for each in DATABASES} == {f"{each}_owner" for each in (*SERVICES, "vault")}
