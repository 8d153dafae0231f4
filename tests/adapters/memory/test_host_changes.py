import pytest

from adapters.memory.host_changes import InMemoryHostChanges
from tests.contracts.host_changes import HostChangesContract


class TestInMemoryHostChanges(HostChangesContract):
    @pytest.fixture
    def changes(self):
        return InMemoryHostChanges()
