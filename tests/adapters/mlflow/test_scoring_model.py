"""Scoring model: registered versions predict in an MLflow without this project."""

import json
import pickle
import subprocess
import sys
import warnings

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.exceptions import MlflowException

from domain.features.category_column import CategoryColumn
from domain.features.datetime_column import DatetimeColumn
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.features.spline import Spline
from domain.features.target_transform import TargetTransform
from domain.model.calibration import Calibration
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.model.moments import Moments
from domain.model.prediction_intervals import prediction_intervals
from tests.support.examples import NOON, a_lineage, a_model
from tests.support.mlflow_server import environment

ROUNDING = 1e-12  # the project adds effects of columns, and the scoring code their terms

# The project may be installed in this environment, so it is hidden.
PREDICT = """
import json, pickle, sys
class Hidden:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in ("adapters", "application", "domain", "entrypoints", "tests"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Hidden)
import mlflow
for uri, frames in pickle.load(open(sys.argv[1], "rb")):
    model = mlflow.pyfunc.load_model(uri)
    print(json.dumps([model.predict(frame).tolist() for frame in frames]))
"""

ENCODING = Encoding(
    (
        NumberColumn("rooms", center=4.0, scale=1.5),
        NumberColumn(
            "area", fill=80.0, has_gaps=True, spline=Spline(10.0, 200.0, (50.0, 90.0)), center=85.0, scale=30.0
        ),
        NumberColumn("new", "boolean", fill=0.0, has_gaps=True),
        CategoryColumn("city", ("Bodø", "Moss", "Oslo"), pooled=("Hamar",), has_gaps=True),
        CategoryColumn("zip", ("150", "5003")),
        DatetimeColumn("sold", -1e9, 5e8, Spline(0.0, 3e4, (2e4,)), ("month", "weekday", "hour"), has_gaps=True),
        DatetimeColumn("built", 0.0, 0.0, Spline(0.0, 2e4)),
    ),
    products=((0, 1), (1, 6), (7, 12)),
)


def values_and_frame(rows=300):
    """Return values of all kinds, a quarter of them gaps where there were some, and the same as pandas reads them."""
    random = np.random.default_rng(0)
    gap = np.where(random.random((rows, 7)) < 0.25, np.nan, 0.0) * [column.has_gaps or 0 for column in ENCODING.columns]
    gap[:, [0, 4, 6]] = 0.0
    values = gap + np.column_stack(
        [
            random.integers(1, 9, rows),
            random.uniform(0, 250, rows).round(3),
            random.integers(0, 2, rows),
            random.integers(0, 5, rows),
            random.integers(0, 3, rows),
            random.integers(-2_000_000_000, 2_000_000_000, rows),
            random.integers(0, 20_000, rows) * 86_400,
        ]
    )
    texts = dict(enumerate((*ENCODING.columns[3].column.levels, "Gjøvik")))
    frame = pd.DataFrame(values, columns=list(ENCODING.feature_names)).astype({"rooms": int})
    frame["new"] = frame["new"].map({1.0: True, 0.0: False}).astype(object)
    frame["city"], frame["zip"] = frame["city"].map(texts), frame["zip"].map({0.0: 150, 1.0: 5003, 2.0: 7})
    for name in ("sold", "built"):
        frame[name] = pd.to_datetime(frame[name], unit="s")
    return values, frame


VALUES, FRAME = values_and_frame()
MODEL = LinearModel(
    np.random.default_rng(1).uniform(0.02, 0.2, len(ENCODING.term_names)) / np.abs(ENCODING.encode(VALUES)).max(axis=0),
    3.0,
    ENCODING,
    TargetTransform(log=True, correction=1.25, low=40.0, high=80.0),
)
SAME = (
    FRAME,
    FRAME[FRAME.columns[::-1]].assign(price="beside").rename(columns={"rooms": " rooms "}),
    FRAME.convert_dtypes(),
    FRAME.astype({"rooms": object, "city": "category", "zip": float, "new": float}).assign(
        sold=FRAME["sold"].dt.tz_localize("UTC").dt.tz_convert("Europe/Oslo"), built=FRAME["built"].dt.date
    ),
    FRAME.assign(
        rooms=FRAME["rooms"].astype(str),
        city=FRAME["city"].str.normalize("NFD") + " ",
        zip=FRAME["zip"].astype(str),
        new=FRAME["new"].astype("boolean"),
        sold=FRAME["sold"].map(pd.Timestamp.isoformat, na_action="ignore"),
        built=FRAME["built"].dt.strftime("%Y-%m-%d"),
    ),
)


@pytest.mark.integration
@pytest.mark.slow
def test_load_model_predicts_the_frame_that_was_trained_on_in_any_types(
    mlflow_server, open_store, model_name, tmp_path
):
    store = open_store(mlflow_server.uri)
    plain, mixed = a_model(0.1 + 0.2, np.pi), MODEL
    rows = [[1, 2], [3, -4], [100, 7]]
    version = store.save(ModelVersion("", plain, a_lineage())).name
    store.promote(store.save(ModelVersion("", mixed, a_lineage())).name, replacing=None, at=NOON)
    plain_frame = pd.DataFrame([row[::-1] for row in rows], columns=["bp", "bmi"])
    asked = [(f"models:/{model_name}/{version}", [plain_frame]), (f"models:/{model_name}@champion", SAME)]
    (tmp_path / "asked.pickle").write_bytes(pickle.dumps(asked))
    elsewhere = {"MLFLOW_TRACKING_URI": mlflow_server.uri, "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false"}

    finished = subprocess.run(
        [sys.executable, "-P", "-c", PREDICT, "asked.pickle"],
        cwd=tmp_path,
        env=environment() | elsewhere,
        capture_output=True,
        text=True,
        check=True,
    )

    of_plain, of_mixed = map(json.loads, finished.stdout.splitlines())
    assert of_plain == [plain.predict(np.array(rows, float)).tolist()]  # to the last bit
    for predictions in of_mixed:
        np.testing.assert_allclose(predictions, mixed.predict(VALUES), rtol=ROUNDING)


@pytest.fixture
def load_version(store, model_name):
    """A function that registers a version, and loads it with MLflow."""
    return lambda version: mlflow.pyfunc.load_model(f"models:/{model_name}/{store.save(version).name}")


@pytest.fixture
def load(load_version):
    """A function that registers a model and loads it with MLflow."""
    return lambda model: load_version(ModelVersion("", model, a_lineage()))


def test_scoring_server_predicts_every_form_of_a_request(load):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow warns of its own type hints when it is imported
        from mlflow.pyfunc.scoring_server import invocations

    model = load(MODEL)
    assert model.predict(model.input_example).shape == (2,)
    split = json.loads(FRAME.to_json(orient="split", date_format="iso"))
    records = json.loads(FRAME.to_json(orient="records", date_format="iso"))
    columns = {name: [record[name] for record in records] for name in FRAME}
    forms = [
        {"dataframe_split": split},
        {"dataframe_records": records},
        {"instances": records},
        {"inputs": records},
        {"inputs": columns},
        {"inputs": records[0]},
    ]
    bodies = [*((json.dumps(form), "application/json") for form in forms), (FRAME.to_csv(index=False), "text/csv")]

    for body, media_type in bodies:
        answer = json.loads(invocations(body, media_type, model, model.metadata.get_input_schema()).response)
        expected = MODEL.predict(VALUES)[: len(answer["predictions"])]
        np.testing.assert_allclose(answer["predictions"], expected, rtol=ROUNDING, err_msg=body[:40])


def test_intervals_by_parameter_are_those_of_the_project(load_version):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow warns of its own type hints when it is imported
        from mlflow.pyfunc.scoring_server import invocations

    random, terms = np.random.default_rng(2), ENCODING.encode(VALUES)
    factor = np.linalg.qr(terms - terms.mean(axis=0), mode="r") / np.sqrt(len(terms))
    moments = Moments(300, 300, terms.mean(axis=0), factor, None)
    calibration = Calibration(29, np.linspace(0, 0.5, 29))
    plain = LinearModel(random.normal(size=3), 1.0, ("a", "b", "c"), TargetTransform(low=0.0))
    numbers = random.normal(size=(2_000, 3))
    of_plain = Moments(300, 300, np.ones(3), np.triu(random.normal(size=(3, 3))), None)
    for model, spread, values, frame in (
        (MODEL, moments, VALUES, FRAME),
        (MODEL, None, VALUES, FRAME),
        (plain, of_plain, numbers, pd.DataFrame(numbers, columns=list("abc"))),
    ):
        version = ModelVersion("", model, a_lineage(), None, spread, calibration)
        loaded = load_version(version)

        found = loaded.predict(frame, params={"interval": 0.9})

        assert list(found) == ["prediction", "prediction_low", "prediction_high"]
        assert found["prediction"].tolist() == loaded.predict(frame).tolist()
        np.testing.assert_allclose(found.iloc[:, 1:], prediction_intervals(version, values, 0.9), rtol=1e-9)
    body = json.dumps({"dataframe_split": json.loads(frame.to_json(orient="split")), "params": {"interval": 0.9}})
    answer = json.loads(invocations(body, "application/json", loaded, None).response)["predictions"]
    pd.testing.assert_frame_equal(pd.DataFrame(answer), found, rtol=ROUNDING)
    for level, why in ((0.4, "from 0.5 to 0.99"), (float("nan"), "from 0.5 to 0.99"), (0.99, "too few")):
        with pytest.raises(MlflowException, match=why):
            loaded.predict(frame, params={"interval": level})
    with pytest.raises(MlflowException, match="without a calibration"):
        load_version(ModelVersion("", plain, a_lineage())).predict(frame, params={"interval": 0.9})


def test_absent_column_and_empty_cell_are_filled_where_a_value_is_known_and_other_cells_are_refused(load):
    model = load(MODEL)
    unusable = {
        "rooms": (None, "many", float("inf"), [3], pd.Timestamp(0)),
        "zip": ([150],),
        "sold": ("yesterday", True),
    }

    def predict(**columns):
        return model.predict(FRAME.assign(**columns)).tolist()

    assert model.predict(FRAME.drop(columns="city")).tolist() == predict(city=None)
    assert predict(built=None) == predict(built=pd.Timestamp(0))
    with pytest.raises(MlflowException, match="'built'"):
        model.predict(FRAME.drop(columns="built"))
    for name, cells in unusable.items():
        for cell in cells:
            with pytest.raises(MlflowException, match=repr(name)):
                predict(**{name: pd.Series([cell, *FRAME[name][1:]], dtype=object)})
