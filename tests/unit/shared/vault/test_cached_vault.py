import asyncio
from collections.abc import Sequence

import pytest

from shared.vault.cached import CachedVault
from shared.vault.keys import Erased, KeyVault
from shared.vault.memory import MemoryVault
from tests.unit.shared.vault.contract import VaultContract, tenant

__all__ = ["tenant"]


class CountingVault(MemoryVault):
    """Counts what is asked of it, and can be made to wait or fail."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[list[str]] = []
        self.answer = asyncio.Event()
        self.answer.set()
        self.is_down = False

    async def subject_keys(
        self, tenant: str, subjects: Sequence[str], *, create: bool
    ) -> dict[str, bytes | Erased]:
        self.asked.append(list(subjects))
        keys = await super().subject_keys(tenant, subjects, create=create)
        await self.answer.wait()
        return keys

    async def erase(self, tenant: str, subject: str) -> None:
        await super().erase(tenant, subject)
        if self.is_down:
            raise ConnectionError


class Timer:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class TestCachedVaultContract(VaultContract):
    @pytest.fixture
    def vault(self) -> KeyVault:
        return CachedVault(MemoryVault())


class TestTinyCachedVaultContract(VaultContract):
    @pytest.fixture
    def vault(self) -> KeyVault:
        return CachedVault(MemoryVault(), keys_max=1)


class TestCachedVault:
    async def test_asks_only_for_what_it_does_not_remember(self) -> None:
        inner = CountingVault()
        vault = CachedVault(inner)
        await vault.subject_keys("agy_1", ["cns_a", "cns_b"], create=True)
        await vault.subject_keys("agy_1", ["cns_b", "cns_c", "cns_a"], create=True)
        await vault.subject_keys("agy_2", ["cns_a"], create=True)
        assert inner.asked == [["cns_a", "cns_b"], ["cns_c"], ["cns_a"]]

    async def test_reads_anew_after_sixty_seconds(self) -> None:
        inner, timer = CountingVault(), Timer()
        vault = CachedVault(inner, timer=timer)
        await vault.subject_keys("agy_1", ["cns_a"], create=True)
        await inner.erase("agy_1", "cns_a")
        timer.now += 59.9
        kept = await vault.subject_keys("agy_1", ["cns_a"], create=False)
        assert isinstance(kept["cns_a"], bytes)
        timer.now += 0.1
        read = await vault.subject_keys("agy_1", ["cns_a"], create=False)
        assert read == {"cns_a": Erased()}

    async def test_counts_the_minute_from_before_the_key_was_read(self) -> None:
        inner, timer = CountingVault(), Timer()
        vault = CachedVault(inner, timer=timer)
        inner.answer.clear()
        reading = asyncio.create_task(vault.subject_keys("agy_1", ["cns_a"], create=True))
        await asyncio.sleep(0)
        timer.now += 40
        inner.answer.set()
        await reading
        await inner.erase("agy_1", "cns_a")
        timer.now += 20
        assert await vault.subject_keys("agy_1", ["cns_a"], create=False) == {"cns_a": Erased()}

    async def test_does_not_remember_that_a_subject_is_unknown(self) -> None:
        inner = CountingVault()
        vault = CachedVault(inner)
        assert await vault.subject_keys("agy_1", ["cns_a"], create=False) == {}
        made = await inner.subject_keys("agy_1", ["cns_a"], create=True)
        assert await vault.subject_keys("agy_1", ["cns_a"], create=False) == made

    async def test_forgets_an_erased_key_at_once(self) -> None:
        vault = CachedVault(MemoryVault())
        await vault.subject_keys("agy_1", ["cns_a"], create=True)
        await vault.erase("agy_1", "cns_a")
        assert await vault.subject_keys("agy_1", ["cns_a"], create=True) == {"cns_a": Erased()}

    async def test_does_not_remember_what_was_read_before_an_erasure(self) -> None:
        inner = CountingVault()
        vault = CachedVault(inner)
        inner.answer.clear()
        reading = asyncio.create_task(vault.subject_keys("agy_1", ["cns_a"], create=True))
        await asyncio.sleep(0)
        await vault.erase("agy_1", "cns_a")
        inner.answer.set()
        assert isinstance((await reading)["cns_a"], bytes)
        assert await vault.subject_keys("agy_1", ["cns_a"], create=False) == {"cns_a": Erased()}

    async def test_forgets_a_key_when_the_erasure_was_not_answered(self) -> None:
        inner = CountingVault()
        vault = CachedVault(inner)
        await vault.subject_keys("agy_1", ["cns_a"], create=True)
        inner.is_down = True
        with pytest.raises(ConnectionError):
            await vault.erase("agy_1", "cns_a")
        assert await vault.subject_keys("agy_1", ["cns_a"], create=False) == {"cns_a": Erased()}

    async def test_is_bounded(self) -> None:
        inner = CountingVault()
        vault = CachedVault(inner, keys_max=2)
        await vault.subject_keys("agy_1", ["cns_a", "cns_b", "cns_c"], create=True)
        await vault.subject_keys("agy_1", ["cns_a", "cns_b", "cns_c"], create=True)
        assert len(inner.asked[1]) >= 1

    @pytest.mark.parametrize("lifetime_s", [0, -1, 60.1])
    async def test_refuses_to_remember_longer_than_a_minute(self, lifetime_s: float) -> None:
        with pytest.raises(ValueError, match="minute"):
            CachedVault(MemoryVault(), lifetime_s=lifetime_s)
