import numpy as np

from domain.monitoring.drift_window import DriftWindow
from domain.monitoring.replica_drift import ReplicaDrift, total_window, unread


def host(name, version="7", since=10.0, looks=2, counts=(1, 2)):
    return ReplicaDrift(name, DriftWindow(version, since, looks, sum(counts), np.array(counts)))


def test_windows_of_a_version_add_up():
    hosts = (host("a"), host("b", since=5.0, looks=3, counts=(1, 0, 4)), host("c", version="8"), ReplicaDrift("d"))

    total = total_window("7", hosts)

    assert (total.version, total.since, total.looks, total.rows) == ("7", 5.0, 4, 8)
    assert total.counts.tolist() == [2, 2, 4]
    assert total_window("9", hosts) is None


def test_hosts_are_unread_if_none_of_them_was_read():
    silent = ReplicaDrift("a", problem="the connection was refused")

    assert unread([silent])
    assert not unread([silent, ReplicaDrift("b")])
