"""Total counts: what replicas count is added once, through restarts, additions and removals."""

from dataclasses import replace

from application.rollout.total_counts import total_counts
from domain.delivery.counts import RolloutCounts
from domain.delivery.rollout import Action
from domain.ports import ReplicaReport

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


def test_rise_of_a_replicas_requests_is_a_request():
    def asked(aborts, **more):
        return report(1, requests={Action.ABORT: aborts, Action.PAUSE: 3}, **more)

    readings = totals([asked(1)], [asked(1)], [asked(2)], [asked(1, started=2.0)], [replace(asked(9), problem="away")])

    both, abort = (Action.PAUSE, Action.ABORT), (Action.ABORT,)
    assert [reading.posted for reading in readings] == [(), (), abort, both, ()]
