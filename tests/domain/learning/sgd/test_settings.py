import numpy as np
import pytest

from domain.data.dataset import Dataset
from domain.data.errors import InvalidData
from domain.errors import InvalidParameter
from domain.learning.sgd import SGD

WRONG = {
    "learning_rate": (0.0, -1.0, float("nan"), float("inf"), "0.1", True),
    "batch_size": (0, True, 2.5),
    "max_passes": (0, 1_000_001, None, 2.5),
    "tol": (0.0, "small"),
    "seed": (-1, 2**63, None, 1.5),
    "penalty": (-1.0, float("nan"), float("inf"), None, True),
}


def test_setting_outside_its_range_is_named():
    for name, value in ((name, value) for name, values in WRONG.items() for value in values):
        with pytest.raises(InvalidParameter) as caught:
            SGD(**{name: value})

        assert caught.value.name == name


def test_params_are_the_settings_by_name():
    expected = {"learning_rate": None, "batch_size": None, "max_passes": 30, "tol": 1e-6, "seed": 5, "penalty": 0.0}

    assert SGD(seed=5).params == expected


@pytest.mark.parametrize("learner", [SGD(), SGD.textbook()], ids=["whitened", "textbook"])
def test_no_features_or_rows_are_too_few(learner):
    with pytest.raises(InvalidData):
        learner.fit(Dataset(np.zeros((10, 0)), np.arange(10.0), (), "y"))
    with pytest.raises(InvalidData):
        learner.fit(Dataset(np.zeros((0, 2)), np.zeros(0), ("x0", "x1"), "y"))
