import pytest

from adapters.memory.drift_log import InMemoryDriftLog
from tests.contracts.drift_log import DriftLogContract


class TestInMemoryDriftLog(DriftLogContract):
    @pytest.fixture
    def log(self):
        return InMemoryDriftLog()
