"""Prediction intervals and extrapolation, on every protocol."""

import json
from dataclasses import replace

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.model.calibration import Calibration
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.model.moments import Moments
from domain.model.prediction_input import input_values
from domain.model.prediction_intervals import prediction_intervals
from tests.contracts.json_endpoint import CANARY
from tests.support.examples import a_lineage, a_model
from tests.support.mixed_tables import a_mixed_model, moments_of
from tests.support.rollouts import a_served_rollout, in_rollout

SCORES = Calibration(19, np.arange(1.0, 20.0) / 1e3)
AREA, *OTHERS = a_mixed_model().encoding.columns
ENCODING = replace(a_mixed_model().encoding, columns=(replace(AREA, low=20.0, high=200.0), *OTHERS))
MODEL = replace(a_mixed_model(), encoding=ENCODING)
MIXED = ModelVersion("7", MODEL, a_lineage(), None, moments_of(MODEL), SCORES)
PLAIN = ModelVersion("7", a_model(2.0, -1.0), a_lineage(), None, Moments(9, 9, np.zeros(2), np.eye(2), 1.0), SCORES)
ROWS = [
    {"area": 120, "new": True, "home city": "Oslo", "sold": "2022-05-01"},
    {"area": None, "new": False, "home city": "elsewhere", "sold": "2023-01-31T10:00:00+02:00"},
    {"area": 1e9, "new": False, "home city": None, "sold": "1999-12-31"},
]
FIT = LinearModel([1.0], 0.0, Encoding((NumberColumn("x", low=-1.0, high=1.0),)))


@pytest.fixture
def serve(web, client):
    """A function that puts a version into service."""

    def replace_version(version):
        web.current_model.replace(ServedModels(ServedModel(version, ModelOrigin.REGISTRY)))
        return client

    return replace_version


def post(client, path, body):
    return client.post(path, data=orjson.dumps(body), content_type="application/json")


def test_every_route_has_the_same_interval_to_the_last_bit(serve):
    client = serve(MIXED)

    together = post(client, "/batch", {"interval": 0.9, "X": ROWS}).json

    expected = prediction_intervals(MIXED, input_values(ROWS, MIXED.model.encoding), 0.9).tolist()
    assert together["interval"] == expected
    assert [post(client, "/stream", {"X": row, "interval": 0.9}).json["interval"] for row in ROWS] == expected
    assert post(client, "/explain", {"X": ROWS, "interval": 0.9}).json["interval"] == expected
    scored = post(client, "/invocations", {"dataframe_records": ROWS, "params": {"interval": 0.9, "other": 1}})
    assert (scored.json["interval"], scored.json["predictions"]) == (expected, together["result"])


def test_interval_of_plain_numbers_is_an_output_tensor_of_the_open_inference_protocol(serve):
    client, rows = serve(PLAIN), [[0.5, 0.1], [2, -7]]
    tensor = {"name": "X", "shape": [2, 2], "datatype": "FP64", "data": rows}

    inferred = post(client, "/v2/models/endeavour/infer", {"inputs": [tensor], "parameters": {"interval": 0.5}})

    batch = post(client, "/batch", {"X": rows, "interval": 0.5}).json
    assert inferred.json["outputs"] == [
        {"name": "result", "datatype": "FP64", "shape": [2], "data": batch["result"]},
        {
            "name": "interval",
            "datatype": "FP64",
            "shape": [2, 2],
            "data": [end for row in batch["interval"] for end in row],
        },
    ]
    assert batch["interval"][0][0] < batch["result"][0] < batch["interval"][0][1]
    for parameters in (None, {}, {"binary_data_output": True}):
        plain = post(client, "/v2/models/endeavour/infer", {"inputs": [tensor], "parameters": parameters}).json
        assert [output["name"] for output in plain["outputs"]] == ["result"]


def test_interval_comes_with_a_feedback_token_and_for_no_rows(serve):
    client = serve(PLAIN)

    answer = client.post("/stream", json={"X": [1, 2], "interval": 0.5}, headers={"X-Feedback": "1"})

    assert "X-Feedback-Token" in answer.headers
    assert len(answer.json["interval"]) == 2
    assert post(client, "/batch", {"X": [], "interval": 0.5}).json == {"result": [], "interval": []}


def requests_for(level):
    """Return a request for an interval at this level by path, and the place of the level."""
    tensor = {"name": "X", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]}
    return {
        "/stream": ({"X": [1, 2], "interval": level}, "interval"),
        "/batch": ({"X": [[1, 2]], "interval": level}, "interval"),
        "/explain": ({"X": [[1, 2]], "interval": level}, "interval"),
        "/invocations": ({"inputs": [[1, 2]], "params": {"interval": level}}, "params.interval"),
        "/v2/models/endeavour/infer": ({"inputs": [tensor], "parameters": {"interval": level}}, "parameters.interval"),
    }


JUNK = st.recursive(
    st.none() | st.booleans() | st.just(CANARY) | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just(CANARY), inner, max_size=1),
    max_leaves=4,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(JUNK)
@pytest.mark.parametrize("path", requests_for(0))
def test_level_that_is_no_number_from_a_half_to_99_percent_is_located(serve, path, level):
    body, place = requests_for(level)[path]

    # orjson writes no integer of more than 64 bits.
    answer = serve(PLAIN).post(path, data=json.dumps(body), content_type="application/json")

    is_number = type(level) in (int, float)
    if is_number and 0.5 <= level <= 0.95:
        assert answer.status_code == 200
        return
    code = "wrong_type" if not is_number else "no_interval" if 0.95 < level <= 0.99 else "out_of_range"
    assert answer.json["code"] == code
    assert answer.status_code == (400 if path == "/invocations" or code == "wrong_type" else 422)
    assert CANARY not in answer.text
    if code != "no_interval":
        assert [error["place"] for error in answer.json["errors"]] == [place]


def test_params_of_an_invocation_are_an_object_or_null(serve):
    client = serve(PLAIN)

    answers = [post(client, "/invocations", {"inputs": [[1, 2]], "params": params}) for params in (None, {}, [0.9])]

    assert [answer.status_code for answer in answers] == [200, 200, 400]
    assert (answers[2].json["code"], answers[2].json["errors"][0]["place"]) == ("wrong_type", "params")


def test_version_without_calibration_is_refused_with_the_remedy(serve):
    client = serve(replace(PLAIN, calibration=None))

    for path, (body, _) in requests_for(0.9).items():
        answer = post(client, path, body)
        assert answer.json["code"] == "no_interval", path
        assert "train again" in answer.text


def test_interval_that_overflows_names_the_row(serve):
    answer = post(serve(PLAIN), "/batch", {"X": [[1, 1], [1e300, 1e300]], "interval": 0.5})
    assert answer.status_code == 200

    far = replace(PLAIN, calibration=Calibration(1, [1e10]))
    answer = post(serve(far), "/batch", {"X": [[1, 1], [1e300, 1e300]], "interval": 0.5})

    assert (answer.status_code, answer.json["code"]) == (422, "result_not_finite")
    assert answer.json["errors"][0]["place"] == "X[1]"


def test_champion_answers_where_the_challenger_has_no_interval_unless_it_is_chosen(web, client):
    served = a_served_rollout(a_model(3.0, -1.0), 10_000)
    models = in_rollout(PLAIN.model, served)
    web.current_model.replace(replace(models, champion=ServedModel(replace(PLAIN, name="1"), ModelOrigin.REGISTRY)))

    answers = [post(client, path, body) for path, (body, _) in requests_for(0.5).items()]

    assert [(answer.status_code, answer.headers["X-Model-Version"]) for answer in answers] == [(200, "1")] * 5
    chosen = client.post("/stream", json={"X": [1, 2], "interval": 0.5}, headers={"X-Endeavour-Model": "challenger"})
    assert (chosen.status_code, chosen.json["code"]) == (422, "no_interval")
    calibrated = replace(served, challenger=ServedModel(replace(PLAIN, name="2"), ModelOrigin.REGISTRY))
    web.current_model.replace(replace(models, rollout=calibrated))
    answers = [post(client, path, body) for path, (body, _) in requests_for(0.5).items()]
    assert [(answer.status_code, answer.headers["X-Model-Version"]) for answer in answers] == [(200, "2")] * 5


def test_model_has_the_highest_level_of_its_intervals(serve):
    for number, (calibration, level) in enumerate(((SCORES, 0.95), (None, None))):
        client = serve(replace(PLAIN, name=str(number), calibration=calibration))
        asked = client.get("/openapi.json").json["components"]["schemas"]["Stream"]["properties"].get("interval")

        assert client.get("/model").json["highest_level"] == level
        assert (asked and asked["maximum"]) == level


def test_columns_beyond_the_training_rows_are_named_with_intervals_and_explanations(serve):
    client = serve(MIXED)

    asked, explained = post(client, "/batch", {"X": ROWS, "interval": 0.9}), post(client, "/explain", {"X": ROWS})

    header = "area;rows=1, home%20city;rows=1, sold;rows=1"
    assert asked.headers["X-Extrapolating"] == explained.headers["X-Extrapolating"] == header
    assert explained.json["extrapolating"] == [[], ["home city"], ["area", "sold"]]
    within = post(client, "/explain", {"X": ROWS[:1]})
    assert "X-Extrapolating" not in within.headers
    assert "X-Extrapolating" not in post(client, "/batch", {"X": ROWS}).headers
    assert post(serve(replace(PLAIN, model=FIT)), "/explain", {"X": [-1, 1, 1.5]}).json["extrapolating"] == [
        [],
        [],
        ["x"],
    ]
