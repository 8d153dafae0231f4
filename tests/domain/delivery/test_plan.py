import json
from math import inf, nan

import pytest

from domain.delivery.counts import RolloutCounts
from domain.delivery.plan import RolloutPlan
from domain.errors import InvalidParameter


def test_plan_survives_a_round_trip_through_json():
    plan = RolloutPlan(steps=(10, 50.5), truth="required", false_abort=0.01)

    assert RolloutPlan.from_values(json.loads(json.dumps(plan.to_values()))) == plan


def test_stages_are_the_shadow_the_steps_and_the_watch():
    plan = RolloutPlan()

    assert [plan.weight(stage) for stage in range(7)] == [0, 100, 500, 1000, 2500, 5000, 10_000]
    assert [plan.next_weight(stage) for stage in range(7)] == [100, 500, 1000, 2500, 5000, 10_000, 10_000]
    assert [plan.least_seconds(stage) for stage in range(7)] == [600, 600, 600, 600, 900, 900, 1800]


def test_step_seconds_default_to_the_weights_and_one_number_is_for_all_steps():
    assert RolloutPlan(steps=(10, 50)).step_seconds == (600, 900)
    assert RolloutPlan(steps=(10, 50), step_seconds=(5,)).step_seconds == (5, 5)


def test_tests_read_answers_in_steps_only_and_labels_unless_they_are_off():
    for truth, stage, names in (
        ("off", 0, ["failures", "slow evaluations", "differences"]),
        ("used", 1, ["failures", "slow evaluations", "differences", "error", "answers"]),
        ("required", 6, ["failures", "slow evaluations", "differences", "error"]),
    ):
        assert [test.name for test in RolloutPlan(truth=truth).tests(stage)] == names


def test_smallest_counts_that_pass_are_those_of_the_weight():
    needed = [[test.needed(RolloutCounts()) for test in RolloutPlan().tests(stage)] for stage in range(6)]

    assert [of_stage[0] for of_stage in needed] == [30, 30, 64, 181, 409, 946]
    assert [of_stage[1] for of_stage in needed] == [15, 15, 15, 44, 101, 235]


def test_expected_seconds_are_those_of_time_answers_and_evidence():
    plan = RolloutPlan()

    assert plan.expected_seconds(100) == (600, 600, 600, 600, 900, 900, 1800)
    assert plan.expected_seconds(10)[1] == 100 / 0.1  # 100 answers at 1 % of 10 requests per second
    assert plan.expected_seconds(0.1)[0] == 100 / 0.1  # 100 pairs, when all requests are pairs
    assert plan.expected_seconds(1)[5] == 464 / 0.5  # of the test of answers
    assert RolloutPlan(shadow_seconds=0, min_answers=1).expected_seconds(1)[0] == 92  # of the test of differences
    with pytest.raises(InvalidParameter, match="requests_per_second is 0"):
        plan.expected_seconds(0)


def test_options_out_of_range_are_named():
    for options, name in (
        ({"steps": []}, "steps"),
        ({"steps": [5, 5.001]}, "steps"),
        ({"steps": [10, 5]}, "steps"),
        ({"steps": [100]}, "steps"),
        ({"steps": [0]}, "steps"),
        ({"steps": ["5"]}, "steps"),
        ({"steps": [nan]}, "steps"),
        ({"steps": [10**400]}, "steps"),
        ({"steps": [*range(1, 52)]}, "steps"),
        ({"steps": 5}, "steps"),
        ({"step_seconds": [1, 2]}, "step_seconds"),
        ({"step_seconds": [-1]}, "step_seconds"),
        ({"step_seconds": 60}, "step_seconds"),
        ({"shadow_seconds": True}, "shadow_seconds"),
        ({"watch_seconds": inf}, "watch_seconds"),
        ({"min_answers": 1.5}, "min_answers"),
        ({"max_failures": 0}, "max_failures"),
        ({"max_slow": "1"}, "max_slow"),
        ({"false_abort": 0.6}, "false_abort"),
        ({"truth": "on"}, "truth"),
        ({"truth": []}, "truth"),
        ({"max_step_seconds": 60}, "max_step_seconds"),
        ({"speed": 1}, "the option"),
    ):
        with pytest.raises(InvalidParameter) as error:
            RolloutPlan.from_values(options)
        assert error.value.name == name, options
