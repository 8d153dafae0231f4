import time
from dataclasses import replace

import pytest

from adapters.memory.replica_counts import InMemoryReplicaCounts
from domain.delivery.errors import ReplicasUnavailable
from domain.delivery.plan import RolloutPlan
from domain.ports import ReplicaReport
from entrypoints.cli.rollout import traffic
from entrypoints.cli.rollout.traffic import expected_times, measured_traffic

UNREAD = ReplicaReport("b:1", "no answer in time")


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(traffic, "SECONDS", 0.05)


def test_idle_servers_have_the_traffic_since_their_start():
    replicas = InMemoryReplicaCounts([ReplicaReport("a:1", started=time.time() - 100, answers=500), UNREAD])

    found = measured_traffic(replicas)

    assert found.per_second == pytest.approx(5, rel=0.05)
    assert found.unread == (UNREAD,)


def test_traffic_of_now_comes_before_that_since_the_start():
    class Rising(InMemoryReplicaCounts):
        def read(self):
            before, self.reports = self.reports, tuple(replace(each, answers=each.answers + 7) for each in self.reports)
            return before

    rising = ReplicaReport("a:1", started=1.0, answers=9)

    assert 10 < measured_traffic(Rising([rising])).per_second <= 7 / 0.05
    with pytest.raises(ReplicasUnavailable, match="b:1 is not available: no answer in time"):
        measured_traffic(InMemoryReplicaCounts([UNREAD]))


def test_expected_times_name_stages_that_take_too_long_and_steps_that_do_not():
    plan = RolloutPlan(truth="off")

    (quick,) = expected_times(plan, 10.0)
    assert quick.startswith("at 10 requests a second: shadow 10 min, 1 % 16.7 min, 5 % 10 min, ")
    assert quick.endswith("watch 30 min; 107 min in all")
    _, held, fewer = expected_times(plan, 0.2)
    assert held == "with so few requests, the rollout is held after 6 h in a stage: 1 %"
    assert fewer.startswith("with --steps 10,50: ")
    assert len(expected_times(plan, 1e-4)) == 2
    assert expected_times(plan, 0.0) == [
        "no prediction was asked for yet, so that the duration is unknown; each stage needs requests"
    ]
