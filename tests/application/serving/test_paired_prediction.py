"""Paired prediction: both models of a rollout predict a row, if both can."""

from collections.abc import Sequence

from application.serving.current_model import CurrentModel
from application.serving.predict import Predict
from domain.delivery.routing import Role
from domain.model.linear_model import LinearModel
from domain.model.prediction_input import Row
from tests.support.rollouts import ARequest, a_served_rollout, in_rollout


def paired(champion_slope: float, challenger_slope: float, weight: int):
    champion, challenger = (LinearModel([slope], 0.0, ("bmi",)) for slope in (champion_slope, challenger_slope))
    return paired_models(champion, challenger, weight, [2.0])


def paired_models(champion: LinearModel, challenger: LinearModel, weight: int, rows: Sequence[Row]):
    current = CurrentModel()
    current.replace(in_rollout(champion, a_served_rollout(challenger, weight)))
    predict, request = Predict(current), ARequest()
    pair = predict.paired(predict(rows, request), rows)
    return request.roles[0], pair.version, pair.champion, pair.other


def test_both_models_predict_although_one_has_answered():
    assert paired(1.0, 3.0, 0) == (Role.CHAMPION, "1", 2.0, 6.0)
    assert paired(1.0, 3.0, 10_000) == (Role.CHALLENGER, "1", 2.0, 6.0)


def test_models_with_columns_in_another_order_read_the_row_by_its_names():
    champion, challenger = (LinearModel([1.0, 10.0], 0.0, names) for names in (("age", "bmi"), ("bmi", "age")))

    assert paired_models(champion, challenger, 0, [{"age": 1.0, "bmi": 2.0}]) == (Role.CHAMPION, "1", 21.0, 12.0)


def test_model_that_fails_leaves_the_prediction_of_the_other():
    assert paired(1.0, 1e308, 0) == (Role.CHAMPION, "1", 2.0, None)
    assert paired(1e308, 3.0, 10_000) == (Role.CHALLENGER, "2", 6.0, None)
