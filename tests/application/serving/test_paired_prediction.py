"""Paired prediction: both models of a rollout predict a row, if both can."""

from application.serving.current_model import CurrentModel
from application.serving.predict import Predict
from domain.delivery.routing import Role
from domain.model.linear_model import LinearModel
from tests.support.rollouts import ARequest, a_served_rollout, in_rollout


def paired(champion_slope: float, challenger_slope: float, weight: int):
    current = CurrentModel()
    champion, challenger = (LinearModel([slope], 0.0, ("bmi",)) for slope in (champion_slope, challenger_slope))
    current.replace(in_rollout(champion, a_served_rollout(challenger, weight)))
    predict, request = Predict(current), ARequest()
    pair = predict.paired(predict([2.0], request), [2.0])
    return request.roles[0], pair.version, pair.champion, pair.other


def test_both_models_predict_although_one_has_answered():
    assert paired(1.0, 3.0, 0) == (Role.CHAMPION, "1", 2.0, 6.0)
    assert paired(1.0, 3.0, 10_000) == (Role.CHALLENGER, "1", 2.0, 6.0)


def test_model_that_fails_leaves_the_prediction_of_the_other():
    assert paired(1.0, 1e308, 0) == (Role.CHAMPION, "1", 2.0, None)
    assert paired(1e308, 3.0, 10_000) == (Role.CHALLENGER, "2", 6.0, None)
