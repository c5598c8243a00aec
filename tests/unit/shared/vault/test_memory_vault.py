import pytest

from shared.vault.keys import KeyVault
from shared.vault.memory import MemoryVault
from tests.unit.shared.vault.contract import VaultContract, tenant

__all__ = ["tenant"]


class TestMemoryVault(VaultContract):
    @pytest.fixture
    def vault(self) -> KeyVault:
        return MemoryVault()


class TestFixedEntropy:
    async def test_repeats_the_same_keys(self) -> None:
        def zeros(count: int) -> bytes:
            return bytes(count)

        keys = await MemoryVault(zeros).subject_keys("agy_1", ["cns_a"], create=True)
        assert keys == {"cns_a": bytes(32)}
