import math

import numpy as np
import pytest

from application.serving.current_model import CurrentModel
from application.serving.try_row import LEVEL, TryRow
from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.model.calibration import Calibration
from domain.model.errors import MissingFeature, WrongKind
from domain.model.model_version import ModelVersion
from tests.support.examples import a_lineage, a_model
from tests.support.mixed_tables import a_mixed_model
from tests.support.rollouts import a_served_rollout, in_rollout


@pytest.fixture
def current():
    return CurrentModel()


def test_row_is_predicted_and_explained_by_the_champion_alone(current):
    current.replace(in_rollout(a_model(3.0, 1.0), None))

    tried = TryRow(current)({"bmi": 2.0, "bp": 1.0})

    assert math.fsum([tried.explanation.base, *tried.explanation.contributions[0]]) == tried.champion.prediction
    assert (tried.challenger, tried.challenger_problem) == (None, "")
    assert tried.champion.interval is None
    assert tried.champion.why_no_interval
    with pytest.raises(MissingFeature):
        TryRow(current)({"bmi": 2.0})
    for cell in ("2.0", True, None):
        with pytest.raises(WrongKind):
            TryRow(current)({"bmi": 2.0, "bp": cell})


def test_interval_is_that_of_the_calibration(current):
    version = ModelVersion("1", a_model(3.0), a_lineage(), calibration=Calibration(99, np.arange(99.0)))
    current.replace(ServedModels(ServedModel(version, ModelOrigin.REGISTRY)))

    trial = TryRow(current)({"bmi": 0.0}).champion

    assert trial.interval == (trial.prediction - 100 * LEVEL + 1, trial.prediction + 100 * LEVEL - 1)
    assert (trial.why_no_interval, trial.scale) == ("", 1.0)


def test_challenger_predicts_the_same_row_and_its_refusal_is_no_error(current):
    current.replace(in_rollout(a_model(3.0), a_served_rollout(a_model(4.0))))
    assert TryRow(current)({"bmi": 1.0}).challenger.prediction == a_model(4.0).predict([[1.0]])[0]

    current.replace(in_rollout(a_model(3.0), a_served_rollout(a_model(1.0, 2.0))))
    tried = TryRow(current)({"bmi": 1.0})

    assert (tried.challenger, tried.challenger_problem) == (None, "missing")


def test_columns_beyond_the_training_rows_are_named(current):
    current.replace(in_rollout(a_mixed_model(), None))

    tried = TryRow(current)({"area": 80.0, "new": True, "home city": "Rome", "sold": "1999-01-01"})

    assert tried.outside == ("home city", "sold")
