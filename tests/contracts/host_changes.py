"""Contract of the changes of a host: held by files and memory."""

from domain.monitoring.change import MAX_CHANGES, What
from tests.support.monitoring import a_change


class HostChangesContract:
    """Subclasses give the fixture `changes`, which is empty."""

    def test_changes_are_read_in_their_order(self, changes):
        assert changes.read() == ()
        added = (a_change(0, host="web-1"), a_change(1, What.REGISTRY_AWAY, why="refused"))

        for change in added:
            changes.add(change)

        assert changes.read() == added

    def test_old_changes_go(self, changes):
        for minute in range(MAX_CHANGES + 1):
            changes.add(a_change(minute))

        assert changes.read() == tuple(a_change(minute) for minute in range(1, MAX_CHANGES + 1))
