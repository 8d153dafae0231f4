"""Prediction during a rollout: the model that answers, and what a failure of the challenger changes."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from application.serving.comparison_queue import ComparisonQueue
from application.serving.current_model import CurrentModel
from application.serving.predict import Predict
from domain.delivery.rollout import Phase
from domain.delivery.routing import Role
from domain.delivery.served_model import ServedRollout
from domain.features.category_column import CategoryColumn
from domain.features.encoding import Encoding
from domain.model.errors import PredictionNotFinite, UnknownLevel
from domain.model.linear_model import LinearModel
from tests.support.examples import SettableClock
from tests.support.rollouts import ARequest, a_served_rollout, in_rollout

CHAMPION, CHALLENGER, FALLBACK = Role


class Raising(LinearModel):
    def predict(self, values):
        raise RuntimeError("a defect")


class NotFinite(LinearModel):
    def predict(self, values):
        return np.full(len(values), np.nan)


def a_slope(slope: float, kind: type[LinearModel] = LinearModel) -> LinearModel:
    return kind([slope], 0.0, ("bmi",))


def of_levels(*levels: str) -> LinearModel:
    return LinearModel([1.0] * len(levels), 0.0, Encoding((CategoryColumn("city", levels),)))


class Host:
    """A host with version 1 as champion, and the decisions about its requests."""

    def __init__(self, champion: LinearModel, served: ServedRollout | None = None, **options) -> None:
        self.current, self.queue, self.routed = CurrentModel(), ComparisonQueue(), []
        self.champion = champion
        self.serve(served)
        self.predict = Predict(self.current, comparisons=self.queue, **options)

    def serve(self, served: ServedRollout | None) -> None:
        self.current.replace(in_rollout(self.champion, served))

    def ask(self, rows, key="k", pin=None):
        request = ARequest(key, pin)
        try:
            return self.predict(rows, request)
        finally:
            self.routed += request.roles


def test_no_key_is_computed_without_a_rollout():
    host, request = Host(a_slope(1.0)), ARequest()
    request.routing_key = lambda: pytest.fail("a key was computed")

    predictions = host.predict([2.0], request)

    assert (predictions.values.tolist(), predictions.role) == ([2.0], None)


def test_model_of_a_request_follows_weight_trust_phase_and_pin():
    watch = a_served_rollout(a_slope(2.0)).rollout.plan.watch
    for weight, seconds, pin, changes, role in (
        (0, 0, None, {}, CHAMPION),
        (10_000, 0, None, {}, CHALLENGER),
        (10_000, 5, None, {}, CHAMPION),  # no controller was seen for too long
        (10_000, 0, CHAMPION, {}, CHAMPION),
        (0, 5, CHALLENGER, {}, CHALLENGER),
        (0, 0, CHALLENGER, {"phase": Phase.WATCH, "stage": watch}, CHAMPION),
    ):
        clock = SettableClock()
        served = replace(a_served_rollout(a_slope(2.0), weight, **changes), trusted_until=clock.seconds + 5)
        host = Host(a_slope(1.0), served, monotonic=clock)
        clock.seconds += seconds

        predictions = host.ask([3.0], pin=pin)

        slope, version = (2.0, "2") if role is CHALLENGER else (1.0, "1")
        assert (predictions.values.tolist(), predictions.role) == ([3.0 * slope], role), (weight, seconds, pin)
        assert predictions.snapshot.version.name == version
        assert host.routed == [role]


def test_share_of_keys_that_the_challenger_answers_is_the_weight():
    host = Host(a_slope(1.0), a_served_rollout(a_slope(2.0), 1000))

    roles = [host.ask([1.0], f"user-{number}").role for number in range(20_000)]

    assert roles.count(CHALLENGER) == 1936  # 968 of 10,000, as the routing has it
    assert [host.ask([1.0], f"user-{number}").role for number in range(200)] == roles[:200]


def test_r02_champion_answers_what_the_challenger_fails():
    for champion, challenger, rows in (
        (a_slope(1.0), a_slope(2.0, Raising), [3.0]),
        (a_slope(1.0), a_slope(2.0, NotFinite), [3.0]),
        (a_slope(1.0), a_slope(1e308), [3.0, 1e10]),
        (a_slope(1.0), LinearModel([1.0, 1.0], 0.0, ("bmi", "bp")), [3.0]),
        (of_levels("Oslo", "Moss"), of_levels("Oslo"), [["Moss"], ["Oslo"]]),
    ):
        host = Host(champion, a_served_rollout(challenger, 5000), reject_unseen=True)
        expected = Host(champion, reject_unseen=True).ask(rows).values.tolist()

        answers = [host.ask(rows, f"user-{number}") for number in range(100)]

        assert {answer.role for answer in answers} == {CHAMPION, FALLBACK}
        assert all(answer.values.tolist() == expected for answer in answers)
        assert {answer.snapshot.version.name for answer in answers} == {"1"}


def test_error_of_both_models_is_the_champion_s_and_the_request_is_compared():
    for champion, challenger, rows, error in (
        (a_slope(1e308), a_slope(1e308), [1e10], PredictionNotFinite),
        (of_levels("Oslo"), of_levels("Oslo", "Bergen"), [["Moss"]], UnknownLevel),
    ):
        for weight, role in ((0, CHAMPION), (10_000, FALLBACK)):
            host = Host(champion, a_served_rollout(challenger, weight), reject_unseen=True)

            with pytest.raises(error):
                host.ask(rows)

            assert host.routed == [role]
            assert host.queue.take().rows == rows


def test_pinned_requests_and_those_of_a_preflight_are_not_compared():
    host = Host(a_slope(1.0), a_served_rollout(a_slope(2.0)))
    host.ask([1.0], pin=CHALLENGER)
    assert host.queue.take() is None

    host.serve(a_served_rollout(a_slope(2.0), phase=Phase.PREFLIGHT))
    host.ask([1.0])
    assert host.queue.take() is None

    host.serve(a_served_rollout(a_slope(2.0), phase=Phase.SHADOW))
    host.ask([1.0])
    assert host.queue.take().body_bytes == 10


def test_one_model_predicts_all_rows_while_rollouts_start_and_end():
    host, stop = Host(a_slope(1.0)), threading.Event()
    rollouts = [None, a_served_rollout(a_slope(2.0), 5000), a_served_rollout(a_slope(3.0, Raising), 5000)]

    def swap() -> None:
        while not stop.is_set():
            for served in rollouts:
                host.serve(served)

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        seen = [host.ask([1.0, 2.0], str(number)) for number in range(20_000)]
    finally:
        stop.set()
        swapper.join()

    found = {(answer.snapshot.version.name, answer.role, *answer.values.tolist()) for answer in seen}
    assert found == {("1", None, 1, 2), ("1", CHAMPION, 1, 2), ("2", CHALLENGER, 2, 4), ("1", FALLBACK, 1, 2)}
