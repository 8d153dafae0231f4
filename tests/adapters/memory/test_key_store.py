import pytest

from adapters.memory.key_store import InMemoryKeyStore
from domain.access.errors import CorruptKeyFile, KeysUnavailable
from tests.contracts.key_store import KeyStoreContract


class TestMemoryKeyStore(KeyStoreContract):
    @pytest.fixture
    def store(self):
        return InMemoryKeyStore()

    @pytest.fixture
    def second(self, store):
        return store

    @pytest.fixture
    def unreachable(self):
        store = InMemoryKeyStore()
        store.failure = KeysUnavailable("the keys in memory", "out of reach")
        return store

    @pytest.fixture
    def damage(self, store):
        def damage():
            store.failure = CorruptKeyFile("memory", "damaged")

        return damage
