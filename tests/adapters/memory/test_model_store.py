import pytest

from adapters.memory.model_store import InMemoryModelStore, InMemoryRegistryState
from tests.contracts.model_store import ModelStoreContract


class TestMemoryModelStore(ModelStoreContract):
    @pytest.fixture
    def state(self):
        return InMemoryRegistryState()

    @pytest.fixture
    def store(self, state):
        return InMemoryModelStore(state)

    @pytest.fixture
    def second(self, state):
        return InMemoryModelStore(state)

    @pytest.fixture
    def unreachable(self):
        return InMemoryModelStore(InMemoryRegistryState(reachable=False))

    @pytest.fixture
    def damage(self, state):
        return state.damaged.add
