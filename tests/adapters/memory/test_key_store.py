import pytest

from adapters.memory.key_store import MemoryKeyStore
from tests.contracts.key_store import KeyStoreContract


class TestMemoryKeyStore(KeyStoreContract):
    @pytest.fixture
    def store(self):
        return MemoryKeyStore()

    @pytest.fixture
    def second(self, store):
        return store
