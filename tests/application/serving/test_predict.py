import threading

import numpy as np
import pytest

from application.serving.current_model import CurrentModel
from application.serving.predict import Predict
from domain.delivery.errors import NoModelLoaded
from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.model.errors import PredictionNotFinite
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.model.prediction_input import ColumnInput, MatrixInput
from tests.support.examples import a_lineage
from tests.support.rollouts import ARequest


def version(*coefficients: float, name: str = "1", intercept: float = 0.0) -> ModelVersion:
    names = ("bmi", "bp", "s1", "s2", "s5")[: len(coefficients)]
    return ModelVersion(name, LinearModel(np.array(coefficients), intercept, names), a_lineage())


def current_model(version: ModelVersion) -> CurrentModel:
    current = CurrentModel()
    current.replace(ServedModels(ServedModel(version, ModelOrigin.REGISTRY)))
    return current


def test_predictions_carry_the_model_that_made_them():
    predictions = Predict(current_model(version(2.0, name="7", intercept=3.0)))([0.5, 1], ARequest())

    assert predictions.values.tolist() == [4.0, 5.0]
    assert predictions.snapshot.version.name == "7"
    with pytest.raises(NoModelLoaded):
        Predict(CurrentModel())([0.5], ARequest())


def test_overflowing_prediction_is_refused_by_row():
    predict = Predict(current_model(version(1e300)))

    with pytest.raises(PredictionNotFinite) as caught:
        predict([1.0, 1e300, 2.0], ARequest())

    assert caught.value.row == 1
    assert predict([1.0], ARequest()).values.tolist() == [1e300]


def test_rows_matrix_and_columns_are_predicted_to_the_same_bits():
    random = np.random.default_rng(11)
    model = version(*random.normal(size=5) * 10.0 ** random.integers(-9, 9, 5), intercept=0.1)
    predict, names = Predict(current_model(model)), model.model.feature_names
    matrix = random.normal(size=(300, 5)) * 10.0 ** random.integers(-12, 12, (300, 5))
    backwards = {names[column]: matrix[:, column] for column in reversed(range(5))}

    rows = predict(matrix.tolist(), ARequest()).values

    for form in (MatrixInput(matrix), MatrixInput(np.asfortranarray(matrix)), ColumnInput(backwards)):
        assert predict(form, ARequest()).values.tobytes() == rows.tobytes()


def test_no_request_mixes_two_models():
    versions = [version(float(n), name=str(n), intercept=-float(n)) for n in range(2)]
    current, stop = current_model(versions[0]), threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for served in versions:
                current.replace(ServedModels(ServedModel(served, ModelOrigin.REGISTRY)))

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        seen = [Predict(current)([3.0], ARequest()) for _ in range(20_000)]
    finally:
        stop.set()
        swapper.join()

    # 3·n − n: 0 from the first model, 2 from the second; any other number is a mixture.
    assert {(p.snapshot.version.name, float(p.values[0])) for p in seen} <= {("0", 0.0), ("1", 2.0)}
