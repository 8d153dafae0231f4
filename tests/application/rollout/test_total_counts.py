"""Total counts: what replicas count is added once, through restarts, additions and removals."""

from application.rollout.total_counts import total_counts
from domain.delivery.counts import RolloutCounts
from domain.ports import ReplicaReport
from tests.support.orders import an_order

ID = "20261128T090412Z-2"


def report(pairs, replica="a", started=1.0, rollout=ID, generation=5, **more):
    counts = RolloutCounts(pairs=pairs, failed_candidate=pairs // 10)
    return ReplicaReport(replica, started=started, rollout=rollout, generation=generation, counts=counts, **more)


def totals(*moments, generation=5):
    """Return the readings of successive moments."""
    latest, readings = {}, []
    for reports in moments:
        readings.append(total_counts(reports, latest, rollout=ID, generation=generation))
        latest = readings[-1].latest
    return readings


def test_r10_counts_rise_from_a_base_through_restarts_additions_and_removals():
    gone = ReplicaReport("a", problem="it does not answer")
    for moments, pairs in (
        ([[report(100)], [report(130)], [report(130)]], 30),
        ([[report(100)], [report(20, started=2.0)]], 20),
        ([[report(100)], [report(130), report(500, "b")], [report(140), report(510, "b")]], 50),
        ([[report(100)], [gone], [report(150)]], 50),
        ([[report(100)], [], [report(150)]], 50),
        ([[report(100)], [report(90)], [report(95)]], 5),
        ([[report(100)], [report(120, rollout="other")], [report(150)], [report(151)]], 1),
        ([[report(100)], [report(120, generation=4)], [report(150)]], 30),
        ([[report(100)], [report(20, started=2.0, rollout="")], [report(30, started=2.0)]], 0),
    ):
        readings = totals(*moments)

        total = sum((reading.counts.pairs for reading in readings), 0)
        assert total == pairs, moments
        assert min(reading.counts.failed_candidate for reading in readings) >= 0


def test_replicas_are_counted_by_what_they_report():
    reports = [report(1, ready=True), report(1, "b"), report(1, "c", rollout=""), ReplicaReport("d", problem="away")]

    (readings,) = totals(reports)

    assert (readings.replicas, readings.reporting, readings.ready) == (4, 2, 1)


def test_order_that_a_proxy_has_sent_to_two_replicas_is_one():
    first, second = an_order(1), an_order(2)

    (readings,) = totals([report(1, orders=(second,)), report(1, "b", orders=(first, second))])

    assert readings.orders == (first, second)
