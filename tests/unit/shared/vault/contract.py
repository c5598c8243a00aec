"""What every key vault promises, whatever keeps its keys."""

import asyncio
from itertools import count

import pytest

from shared.vault.keys import KEY_BYTES, Erased, KeyVault

_TENANTS = (f"agy_{number:026d}" for number in count())


@pytest.fixture
def tenant() -> str:
    """A tenant nobody else uses."""
    return next(_TENANTS)


class VaultContract:
    """Inherit and give a `vault` fixture."""

    async def test_makes_a_key_for_each_subject(self, vault: KeyVault, tenant: str) -> None:
        keys = await vault.subject_keys(tenant, ["cns_a", "cns_b"], create=True)
        lengths = [len(key) for key in keys.values() if isinstance(key, bytes)]
        assert set(keys) == {"cns_a", "cns_b"}
        assert lengths == [KEY_BYTES, KEY_BYTES]
        assert keys["cns_a"] != keys["cns_b"]

    async def test_gives_the_same_key_again(self, vault: KeyVault, tenant: str) -> None:
        made = await vault.subject_keys(tenant, ["cns_a"], create=True)
        assert await vault.subject_keys(tenant, ["cns_a"], create=True) == made
        assert await vault.subject_keys(tenant, ["cns_a"], create=False) == made

    async def test_leaves_unknown_subjects_out_unless_asked_to_make_them(
        self, vault: KeyVault, tenant: str
    ) -> None:
        assert await vault.subject_keys(tenant, ["cns_a"], create=False) == {}
        made = await vault.subject_keys(tenant, ["cns_b"], create=True)
        assert await vault.subject_keys(tenant, ["cns_a", "cns_b"], create=False) == made

    async def test_answers_nothing_for_no_subjects(self, vault: KeyVault, tenant: str) -> None:
        assert await vault.subject_keys(tenant, [], create=True) == {}

    async def test_takes_a_subject_named_twice(self, vault: KeyVault, tenant: str) -> None:
        assert len(await vault.subject_keys(tenant, ["cns_a", "cns_a"], create=True)) == 1

    async def test_takes_more_subjects_than_fit_one_statement(
        self, vault: KeyVault, tenant: str
    ) -> None:
        subjects = [f"cns_{number}" for number in range(4_100)]
        made = await vault.subject_keys(tenant, subjects, create=True)
        assert len({key for key in made.values() if isinstance(key, bytes)}) == 4_100
        assert await vault.subject_keys(tenant, subjects, create=False) == made

    async def test_keeps_tenants_apart(self, vault: KeyVault, tenant: str) -> None:
        made = await vault.subject_keys(tenant, ["cns_a"], create=True)
        other = next(_TENANTS)
        assert await vault.subject_keys(other, ["cns_a"], create=False) == {}
        assert (await vault.subject_keys(other, ["cns_a"], create=True))["cns_a"] != made["cns_a"]
        await vault.erase(other, "cns_a")
        assert await vault.subject_keys(tenant, ["cns_a"], create=False) == made

    async def test_has_one_key_for_each_tenant(self, vault: KeyVault, tenant: str) -> None:
        key = await vault.tenant_key(tenant)
        assert len(key) == KEY_BYTES
        assert await vault.tenant_key(tenant) == key
        assert await vault.tenant_key(next(_TENANTS)) != key

    async def test_forgets_an_erased_subject_for_ever(self, vault: KeyVault, tenant: str) -> None:
        await vault.subject_keys(tenant, ["cns_a", "cns_b"], create=True)
        await vault.erase(tenant, "cns_a")
        await vault.erase(tenant, "cns_a")
        for create in (False, True):
            keys = await vault.subject_keys(tenant, ["cns_a", "cns_b"], create=create)
            assert keys["cns_a"] == Erased()
            assert isinstance(keys["cns_b"], bytes)

    async def test_remembers_an_erasure_that_came_before_the_subject(
        self, vault: KeyVault, tenant: str
    ) -> None:
        await vault.erase(tenant, "cns_a")
        assert await vault.subject_keys(tenant, ["cns_a"], create=True) == {"cns_a": Erased()}

    async def test_gives_racing_callers_the_same_keys(self, vault: KeyVault, tenant: str) -> None:
        subjects = [f"cns_{number}" for number in range(50)]
        orders = [subjects, subjects[::-1], subjects[25:] + subjects[:25]] * 4
        answers = await asyncio.gather(
            *(vault.subject_keys(tenant, order, create=True) for order in orders)
        )
        assert all(answer == answers[0] for answer in answers)

    async def test_refuses_to_work_for_no_tenant(self, vault: KeyVault) -> None:
        with pytest.raises(ValueError, match="tenant"):
            await vault.subject_keys("", ["cns_a"], create=True)
        with pytest.raises(ValueError, match="tenant"):
            await vault.tenant_key("")
        with pytest.raises(ValueError, match="tenant"):
            await vault.erase("", "cns_a")
