import pytest

from adapters.memory.ledger import InMemoryLedger
from adapters.memory.model_store import InMemoryRegistryState
from tests.contracts.ledger_store import LedgerStoreContract


class TestMemoryLedger(LedgerStoreContract):
    @pytest.fixture
    def state(self):
        return InMemoryRegistryState()

    @pytest.fixture
    def ledger(self, state):
        return InMemoryLedger(state)

    @pytest.fixture
    def second(self, state):
        return InMemoryLedger(state)

    @pytest.fixture
    def unreachable_ledger(self):
        return InMemoryLedger(InMemoryRegistryState(reachable=False))

    @pytest.fixture
    def tamper(self, state):
        def tamper(number, line):
            state.ledger[number - 1 : number] = [line] if line else []

        return tamper
