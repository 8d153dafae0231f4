import numpy as np
import pytest

from domain.data.columns import Column
from domain.data.dataset import Dataset
from domain.data.errors import InvalidData
from domain.features.category_column import CategoryColumn
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.features.target_transform import TargetTransform
from domain.learning.encoded_fit import fit_encoded
from domain.learning.sgd import SGD
from domain.learning.terms.choice import TermChoice

ROWS, RANDOM = 4_000, np.random.default_rng(0)
CITY = Column("city", "category", ("Bergen", "Oslo"))
ENCODING = Encoding((NumberColumn("area"), CategoryColumn("city", ("Bergen", "Oslo"))))
FEATURES = np.column_stack([RANDOM.normal(size=ROWS), RANDOM.integers(0, 2, ROWS)])
LINEAR = 2 + 0.5 * FEATURES[:, 0] + FEATURES[:, 1]


def rows(target):
    return Dataset(FEATURES, target, (Column("area"), CITY), "price")


def test_model_of_terms_predicts_from_raw_columns():
    fit = fit_encoded(SGD(), rows(LINEAR), TermChoice(ENCODING, 0.0, TargetTransform()))

    assert fit.model.feature_names == ("area", "city")
    assert fit.model.predict(FEATURES) == pytest.approx(LINEAR, rel=1e-12)


def test_logarithmic_target_is_predicted_on_its_own_scale_and_right_on_average():
    target = np.exp(LINEAR + 0.5 * RANDOM.normal(size=ROWS))

    fit = fit_encoded(SGD(), rows(target), TermChoice(ENCODING, 0.0, TargetTransform(log=True)))

    # Twice the standard error of the mean of 4,000 such targets.
    assert fit.model.predict(FEATURES).mean() == pytest.approx(target.mean(), rel=0.03)
    with pytest.raises(InvalidData, match="a value of 0"):
        fit_encoded(SGD(), rows(target - target.min()), TermChoice(ENCODING, 0.0, TargetTransform(log=True)))
