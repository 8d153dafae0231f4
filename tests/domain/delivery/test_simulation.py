import math
from dataclasses import replace

import numpy as np
import pytest

from domain.delivery.evidence import GRID
from domain.delivery.plan import RolloutPlan
from domain.delivery.scenarios import SCENARIOS, Scenario
from domain.delivery.simulation import simulate

PLAN = RolloutPlan()
# A level of evidence for an abort that takes hours to reach.
WITHOUT_ABORTS = {"false_abort": 1e-300, "max_step_seconds": 2 * 3600}
QUICK = RolloutPlan(
    steps=(20, 50), shadow_seconds=60, step_seconds=(200,), watch_seconds=60, max_step_seconds=900, max_slow=0.1
)
# Harm of both models alike is no evidence against the candidate, so that its limit alone stops it.
AT_LIMITS = {
    "failures": Scenario("", failed_candidate=PLAN.max_failures, failed_baseline=PLAN.max_failures, labels=0.0),
    "slow evaluations": Scenario("", slow_candidate=PLAN.max_slow, slow_baseline=PLAN.max_slow, labels=0.0),
    "differences": Scenario("", differences=PLAN.max_differences, labels=0.0),
    "answers": Scenario("", late_candidate=0.005 + PLAN.max_slow, labels=0.0),
    # With this bias, the mean squared error is 5 % larger.
    "error": Scenario("", bias=0.2255),
}


def run(scenario, plan=PLAN, *, requests_per_second=10.0, runs=1000, seed=7):
    return simulate(plan, requests_per_second=requests_per_second, runs=runs, scenario=scenario, seed=seed)


def test_rollouts_end_promoted_aborted_or_held():
    for name, requests_per_second, end in (
        ("equal", 20, "promoted"),
        ("clients", 20, "promoted"),
        ("incident", 20, "promoted"),
        ("bias-0.2-unlabeled", 20, "promoted"),
        ("many-failures", 20, "aborted"),
        ("equal", 0.01, "held"),
    ):
        summary = run(SCENARIOS[name], QUICK, requests_per_second=requests_per_second, runs=20)

        assert getattr(summary, end) >= 18, (name, end)
        assert summary.aborted + summary.promoted + summary.held == summary.runs == 20


def test_simulation_repeats_itself_for_a_seed():
    first, again, other = (run(SCENARIOS["slow-answers"], QUICK, runs=20, seed=seed) for seed in (1, 1, 2))

    assert first == again != other


def test_summary_is_readable():
    aborted = run(SCENARIOS["all-nan"], QUICK, runs=20)
    promoted = run(SCENARIOS["equal"], replace(QUICK, **WITHOUT_ABORTS), requests_per_second=20, runs=20)

    assert str(aborted).splitlines() == [
        "aborted  100.0 % [83.9, 100.0], half of them within 0 minutes and 0 answers by the candidate (90 %: 0)",
        "promoted   0.0 % [0.0, 16.1]",
        "held       0.0 % [0.0, 16.1]",
    ]
    assert str(promoted).splitlines()[1] == "promoted 100.0 % [83.9, 100.0], half of them within 9 minutes"
    assert math.isnan(promoted.answers)


def test_labels_of_a_scenario_have_its_increase_of_the_error():
    for bias, spread in ((0.0, 0.0), (0.2, 0.0), (0.0, 0.28)):
        shares = Scenario("", bias=bias, spread=spread).point_shares()

        # Differences beyond the ends of the grid are cut; they are rare.
        assert 4 * np.dot(shares, GRID) == pytest.approx((bias**2 + spread**2) / 1.01, abs=0.003)
    assert np.dot(Scenario("").point_shares(), GRID) == pytest.approx(0.0, abs=1e-12)
    assert 4 * np.dot(AT_LIMITS["error"].point_shares(), GRID) >= PLAN.max_error_increase


@pytest.mark.slow
@pytest.mark.parametrize(("name", "runs"), [("equal", 2000), ("incident", 1000), ("clients", 1000)])
def test_candidates_that_are_no_worse_are_seldom_aborted(name, runs):
    summary = run(SCENARIOS[name], runs=runs)

    assert summary.interval(summary.aborted)[1] <= PLAN.false_abort
    assert summary.aborted + summary.promoted == runs


@pytest.mark.slow
@pytest.mark.parametrize("name", AT_LIMITS)
def test_candidates_at_a_limit_are_seldom_promoted_without_aborts(name):
    plan = replace(PLAN, **WITHOUT_ABORTS, truth="required" if name == "error" else "used")
    summary = run(AT_LIMITS[name], plan)

    assert summary.interval(summary.promoted)[1] <= PLAN.false_promotion
    assert summary.promoted + summary.held == summary.runs


@pytest.mark.slow
def test_candidates_that_harm_pairs_answer_almost_nothing():
    for name in (
        "failures",
        "many-failures",
        "nan",
        "all-nan",
        "slow-model",
        "bias-0.5",
        "bias-1",
        "stretched",
    ):
        summary = run(SCENARIOS[name])

        assert summary.aborted == summary.runs, name
        assert summary.answers == 0, name
        assert summary.answers_at_worst <= 100, name


@pytest.mark.slow
def test_candidates_that_harm_labels_or_answers_answer_few_requests():
    for name in ("bias-0.2", "slow-answers"):
        summary = run(SCENARIOS[name])

        assert summary.aborted >= 0.99 * summary.runs, name
        assert summary.answers <= 250, name


@pytest.mark.slow
def test_one_request_a_minute_is_never_enough_for_a_promotion():
    three_days = 72 * 3600
    summary = run(SCENARIOS["equal"], replace(PLAN, max_step_seconds=three_days), requests_per_second=1 / 60, runs=300)

    assert summary.promoted == 0
    assert summary.interval(summary.aborted)[1] <= PLAN.false_abort
