import pytest

from adapters.memory.model_store import InMemoryModelStore, InMemoryRegistryState
from adapters.memory.rollout_store import InMemoryRolloutStore
from tests.contracts.rollout_store import RolloutStoreContract


class TestMemoryRolloutStore(RolloutStoreContract):
    @pytest.fixture
    def state(self):
        return InMemoryRegistryState()

    @pytest.fixture
    def models(self, state):
        return InMemoryModelStore(state)

    @pytest.fixture
    def rollouts(self, state):
        return InMemoryRolloutStore(state)

    @pytest.fixture
    def second_rollouts(self, state):
        return InMemoryRolloutStore(state)

    @pytest.fixture
    def unreachable_rollouts(self):
        return InMemoryRolloutStore(InMemoryRegistryState(reachable=False))

    @pytest.fixture
    def keep(self, state):
        return state.rollouts.__setitem__
