"""Excluded harm: the bound agrees with the verdict of the test, and shrinks with evidence."""

from dataclasses import replace

from domain.delivery.analysis import Verdict, analyze
from domain.delivery.counts import RolloutCounts
from domain.delivery.excluded_harm import excluded_harms
from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Phase
from tests.support.rollouts import a_rollout

PLAN = RolloutPlan(truth="required")
STEP = replace(a_rollout(plan=PLAN), phase=Phase.CANARY, stage=2)


def counted(pairs, **more):
    return RolloutCounts(pairs=pairs, answers_candidate=pairs // 10, answers_baseline=pairs, **more)


def test_bound_is_below_the_limit_if_and_only_if_the_test_passes_unless_it_fails():
    for counts in (
        counted(0),
        counted(40),
        counted(200, failed_candidate=3, differences=4),
        counted(4_000, failed_candidate=30, slow_candidate=900, differences=150),
        counted(50_000, bad_candidate=3_000, failed_candidate=4_000, differences=30_000),
        counted(900, squared_errors=(0,) * 16 + (900,) + (0,) * 16),
    ):
        limits = {test.name: test.limit for test in PLAN.tests(STEP.stage)}
        verdicts = {result.name: result.verdict for result in analyze(counts, counts, PLAN, STEP.stage).results}

        bounds = excluded_harms(replace(STEP, counts=counts))

        assert bounds.keys() == limits.keys()
        for name, bound in bounds.items():
            is_below = bound is not None and bound <= limits[name]
            assert verdicts[name] in (Verdict.FAIL, Verdict.PASS if is_below else Verdict.INCONCLUSIVE), (name, counts)


def test_bound_shrinks_with_pairs_without_harm():
    bounds = [excluded_harms(replace(STEP, counts=counted(pairs)))["failures"] for pairs in (0, 100, 400, 1_600)]

    assert bounds[0] is None
    assert bounds[1] > bounds[2] > bounds[3] > 0


def test_watch_excludes_nothing_because_its_tests_may_only_fail():
    assert excluded_harms(replace(STEP, phase=Phase.WATCH, stage=6)) == {}
