import json

import pytest

from domain.delivery.counts import RolloutCounts

POINTS = tuple(range(33))
COUNTS = RolloutCounts(pairs=1000, failed_candidate=3, squared_errors=POINTS, answers_baseline=90, answers_candidate=10)


def test_counts_survive_a_round_trip_through_json():
    assert RolloutCounts.from_values(json.loads(json.dumps(COUNTS.to_values()))) == COUNTS


def test_counts_add_up_and_scale_by_field():
    twice = COUNTS + COUNTS

    assert (twice.pairs, twice.failed_candidate, twice.squared_errors[32]) == (2000, 6, 64)
    assert twice - COUNTS == COUNTS
    assert COUNTS.scaled(2000, 1000) == twice
    assert COUNTS.scaled(1, 1000) == RolloutCounts(pairs=1)


def test_values_that_are_no_counts_are_refused():
    sound = COUNTS.to_values()
    for changed in (
        {**sound, "pairs": -1},
        {**sound, "pairs": 10**11 + 1},
        {**sound, "pairs": 10**400},
        {**sound, "pairs": 1.0},
        {**sound, "pairs": True},
        {**sound, "squared_errors": [0] * 32},
        {**sound, "squared_errors": [0] * 32 + ["0"]},
        {**sound, "squared_errors": "0" * 33},
        {**sound, "more": 1},
        {"pairs": 1},
        [],
    ):
        with pytest.raises(ValueError, match=r"count|expected"):
            RolloutCounts.from_values(changed)
