import pytest

from adapters.memory.traffic_log import InMemoryTrafficLog
from tests.contracts.traffic_log import TrafficLogContract


class TestInMemoryTrafficLog(TrafficLogContract):
    @pytest.fixture
    def new_log(self):
        return InMemoryTrafficLog
