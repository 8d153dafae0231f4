"""Comparison queue: bounds of requests and bytes, and counts that are reported once."""

from application.serving.comparison_queue import (
    MAX_QUEUED_BYTES,
    MAX_QUEUED_REQUESTS,
    ComparedRequest,
    ComparisonQueue,
)
from domain.delivery.plan import RolloutPlan
from domain.delivery.served_model import ModelOrigin, ServedModel
from tests.support.examples import a_model, a_version
from tests.support.rollouts import a_served_rollout

CHAMPION = ServedModel(a_version("1"), ModelOrigin.REGISTRY)


def a_request(body_bytes=100, **changes):
    return ComparedRequest(CHAMPION, a_served_rollout(a_model(), **changes), [0.2], body_bytes)


def test_r11_requests_beyond_the_bounds_are_dropped_and_counted():
    for body_bytes, queued in ((100, MAX_QUEUED_REQUESTS), (MAX_QUEUED_BYTES // 4, 4), (MAX_QUEUED_BYTES + 1, 1)):
        queue = ComparisonQueue()

        for _ in range(200):
            queue.offer(*a_request(body_bytes))

        assert queue.take_counts() == {"sampled": queued, "dropped": 200 - queued}
        assert queue.take_counts() == {}
        assert len(list(iter(queue.take, None))) == queued
        queue.offer(*a_request(body_bytes))
        assert queue.take_counts() == {"sampled": 1}


def test_baseline_and_candidate_keep_their_names_after_the_promotion():
    before, after = a_request(stage=1), a_request(stage=RolloutPlan().watch)

    assert (before.baseline, before.candidate) == (CHAMPION, before.served.challenger)
    assert (after.baseline, after.candidate) == (after.served.challenger, CHAMPION)
