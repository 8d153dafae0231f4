import pytest

from adapters.shared_memory.drift_history import SharedDriftHistory
from tests.contracts.drift_history import DriftHistoryContract


class TestSharedDriftHistory(DriftHistoryContract):
    @pytest.fixture
    def history(self):
        return SharedDriftHistory()
