import pytest

from adapters.memory.key_store import InMemoryKeyStore
from tests.contracts.key_store import KeyStoreContract


class TestMemoryKeyStore(KeyStoreContract):
    @pytest.fixture
    def store(self):
        return InMemoryKeyStore()

    @pytest.fixture
    def second(self, store):
        return store
