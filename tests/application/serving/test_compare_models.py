"""Comparison of models: what each outcome counts as, which requests are left out, and how much time it takes."""

from time import thread_time

import numpy as np
import pytest

from application.serving.compare_models import MAX_ROWS, MAX_SECONDS, CompareModels, Evaluation, comparison_counts
from application.serving.comparison_queue import ComparisonQueue
from application.serving.current_model import CurrentModel
from domain.model.linear_model import LinearModel
from domain.model.prediction_input import MatrixInput
from tests.support.examples import SettableClock, a_lineage
from tests.support.rollouts import a_served_rollout, in_rollout

BASELINE = LinearModel([1.0], 0.0, ("bmi",))
HALF_RMSE = a_lineage().scores.rmse / 2


class Recording(LinearModel):
    """A model that keeps the rows of each call, and fails where a test has it fail."""

    def __post_init__(self):
        super().__post_init__()
        CALLS.append([])

    def predict(self, values):
        CALLS[-1].append((self.intercept, values[:, 0].tolist()))
        return super().predict(values)


CALLS: list[list[tuple[float, list[float]]]] = []


class Costly(LinearModel):
    """A model whose predictions take some seconds of a clock."""

    def __init__(self, clock, seconds):
        super().__init__([1.0], 0.0, ("bmi",))
        object.__setattr__(self, "cost", (clock, seconds))

    def predict(self, values):
        clock, seconds = self.cost
        clock.seconds += seconds
        return super().predict(values)


class Comparing:
    """A host whose champion is compared with `candidate`."""

    def __init__(self, candidate, baseline=BASELINE, clock=thread_time, **changes):
        self.queue, self.current = ComparisonQueue(), CurrentModel()
        self.models = in_rollout(baseline, a_served_rollout(candidate, **changes))
        self.current.replace(self.models)
        self.compare = CompareModels(self.queue, self.current, False, np.random.default_rng(3).random, clock)

    def offer(self, rows):
        self.queue.offer(self.models.champion, self.models.rollout, rows, 100)

    def counts(self, *requests):
        for rows in requests:
            self.offer(rows)
            self.compare()
        found = self.queue.take_counts()
        assert found["sampled"] == len(requests)
        return {name: count for name, count in found.items() if count and name != "sampled"}


def test_difference_of_more_than_half_the_baseline_s_error_counts():
    for intercept, differing in ((0.0, 0), (HALF_RMSE - 0.1, 0), (-HALF_RMSE - 0.1, 5)):
        found = Comparing(LinearModel([1.0], intercept, ("bmi",))).counts(*[[0.2, 0.3]] * 5)

        assert found == {"pairs": 5, **({"differences": differing} if differing else {})}


def test_failure_of_one_model_is_a_pair_and_of_both_is_none():
    steep, wide = LinearModel([1e308], 0.0, ("bmi",)), LinearModel([1.0, 1.0], 0.0, ("bmi", "bp"))
    for baseline, candidate, rows, counts in (
        (BASELINE, steep, [1e10], {"pairs": 1, "failed_candidate": 1}),
        (steep, BASELINE, [1e10], {"pairs": 1, "failed_baseline": 1}),
        (BASELINE, wide, [0.2], {"pairs": 1, "failed_candidate": 1}),
        (BASELINE, BASELINE, ["text"], {"failed_both": 1}),
        (BASELINE, BASELINE, MatrixInput(np.array(0.2)), {"failed_both": 1}),
        (BASELINE, BASELINE, [], {}),
    ):
        assert Comparing(candidate, baseline).counts(rows) == counts


def test_names_are_those_of_the_start_after_the_promotion():
    watch = a_served_rollout(BASELINE).rollout.plan.watch
    old_champion = LinearModel([1e308], 0.0, ("bmi",))

    assert Comparing(old_champion, stage=watch).counts([1e10]) == {"pairs": 1, "failed_baseline": 1}


def test_slowness_counts_if_only_one_model_is_slow():
    values, slow, quick = np.zeros(1), 0.0011, 0.0009
    for baseline, candidate, counts in (
        (quick, slow, {"slow_candidate": 1}),
        (slow, quick, {"slow_baseline": 1}),
        (slow, slow, {}),
        (quick, quick, {}),
    ):
        found = comparison_counts(Evaluation(values, baseline), Evaluation(values, candidate), 0.001, 1.0, 0.5)

        assert found == {"pairs": 1, "differences": 0, **counts}


def test_both_models_evaluate_the_same_rows_from_a_random_place_in_a_random_order():
    CALLS.clear()
    models = [Recording([1.0], intercept, ("bmi",)) for intercept in (0.0, 1.0)]
    rows = np.arange(1000.0)

    Comparing(models[1], models[0]).counts(*[MatrixInput(rows.reshape(-1, 1))] * 40)

    calls = CALLS[-1]
    firsts, seconds = calls[::2], calls[1::2]
    assert [part for _, part in firsts] == [part for _, part in seconds]
    assert all(part == list(np.arange(part[0], part[0] + MAX_ROWS)) for _, part in calls)
    assert len({part[0] for _, part in firsts}) > 30
    assert 10 < sum(intercept for intercept, _ in firsts) < 30


def test_requests_of_another_rollout_are_left_out():
    comparing = Comparing(BASELINE)
    other = in_rollout(BASELINE, a_served_rollout(BASELINE, id="20261129T000000Z-2"))
    for leave in (
        lambda: comparing.current.replace(other),
        lambda: comparing.current.replace(in_rollout(BASELINE, None)),
        lambda: comparing.current.withdraw("gone"),
    ):
        comparing.offer([0.2])
        leave()
        comparing.compare()

        assert comparing.queue.take_counts() == {"sampled": 1}


def test_share_of_a_processor_is_bounded():
    for seconds, offered, compared in ((MAX_SECONDS * 20, 1, 100 // 20), (MAX_SECONDS / 8, 20, 100 * 8)):
        clock = SettableClock()
        comparing = Comparing(Costly(clock, seconds), clock=clock)
        for _ in range(100):
            for _ in range(offered):
                comparing.offer([0.2])
            comparing.compare()

        assert comparing.queue.take_counts()["pairs"] == pytest.approx(compared, abs=1)
