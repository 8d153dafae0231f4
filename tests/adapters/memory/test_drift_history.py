import pytest

from adapters.memory.drift_history import InMemoryDriftHistory
from tests.contracts.drift_history import DriftHistoryContract


class TestInMemoryDriftHistory(DriftHistoryContract):
    @pytest.fixture
    def history(self):
        return InMemoryDriftHistory()
