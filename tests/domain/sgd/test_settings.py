import numpy as np
import pytest

from domain.dataset import Dataset
from domain.errors import BadSetting, NoFeatures, TooFewRows
from domain.sgd import SGD
from tests.examples import a_table


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learning_rate", 0.0),
        ("learning_rate", -1.0),
        ("learning_rate", float("nan")),
        ("learning_rate", float("inf")),
        ("precondition", "whiten"),
        ("batch_size", 0),
        ("max_passes", 0),
        ("max_passes", 1_000_001),
        ("tol", 0.0),
        ("seed", -1),
        ("seed", 2**63),
        ("seed", None),
        ("seed", 1.5),
        ("max_passes", None),
        ("max_passes", 2.5),
        ("batch_size", True),
        ("batch_size", 2.5),
        ("tol", "small"),
        ("learning_rate", "0.1"),
        ("learning_rate", True),
        ("shuffle", "no"),
    ],
)
def test_setting_outside_its_range_is_named(name, value):
    with pytest.raises(BadSetting) as caught:
        SGD(**{name: value})

    assert caught.value.name == name


def test_without_a_preconditioner_a_rate_must_be_given():
    with pytest.raises(BadSetting, match="learning_rate"):
        SGD(precondition=None)


def test_params_are_the_settings_by_name():
    assert SGD(seed=5).params == {
        "learning_rate": None,
        "batch_size": None,
        "max_passes": 30,
        "tol": 1e-6,
        "precondition": "sample",
        "shuffle": True,
        "seed": 5,
    }


def test_exact_preconditioner_takes_a_pass_itself_and_two_to_make_use_of_it():
    with pytest.raises(BadSetting, match="max_passes"):
        SGD(precondition="exact", max_passes=2)

    report = SGD(precondition="exact", max_passes=3).fit(a_table(rows=20_000)).report
    assert report.stop_reason == "tol"


def test_no_features_are_too_few():
    with pytest.raises(NoFeatures):
        SGD().fit(Dataset(np.zeros((10, 0)), np.arange(10.0), (), "y"))


@pytest.mark.parametrize("learner", [SGD(), SGD.textbook()])
def test_no_rows_are_too_few(learner):
    nothing = Dataset(np.zeros((0, 2)), np.zeros(0), ("x0", "x1"), "y")

    with pytest.raises(TooFewRows):
        learner.fit(nothing)


def test_exact_preconditioner_of_more_features_than_it_can_hold_is_refused(monkeypatch):
    monkeypatch.setattr("domain.sgd.preconditioned.MOST_COLUMNS", 2)

    with pytest.raises(BadSetting, match="2 features"):
        SGD(precondition="exact").fit(a_table(rows=5_000, features=3))
