"""Rows of numbers, texts, booleans, dates and empty cells on our own prediction routes, and their explanations."""

import math
from dataclasses import replace

import numpy as np
import orjson
import pytest

from application.serving.predict import Predict
from domain.data.table import LeftOut
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.model.linear_model import LinearModel
from domain.model.prediction_input import input_values
from entrypoints.web.app import create_app
from entrypoints.web.wire import prediction
from entrypoints.web.wire.prediction import MAX_HEADER_CHARACTERS, row_counts_header
from tests.contracts.json_endpoint import CANARY
from tests.support.mixed_tables import TARGET, example_encoding

MODEL = LinearModel(np.random.default_rng(3).normal(size=len(example_encoding().term_names)), 0.1, example_encoding())
ROWS = [[120, True, "Oslo", "2024-05-01"], [None, False, "elsewhere", "2023-01-31T10:00:00+02:00"]]


def post(client, path, body):
    return client.post(path, data=orjson.dumps(body), content_type="application/json")


@pytest.fixture
def mixed(serving):
    return serving(MODEL)


def test_cells_of_every_kind_are_predicted_in_every_form_and_counted(mixed, web):
    records = [dict(zip(MODEL.feature_names, row, strict=True)) | {TARGET: "not read"} for row in ROWS]
    del records[1]["area"]

    together, positional = (post(mixed, "/batch", {"X": each}) for each in (records, ROWS))

    assert together.json["result"] == MODEL.predict(input_values(ROWS, MODEL.encoding)).tolist()
    assert together.json == positional.json
    assert together.json["result"] == [post(mixed, "/stream", {"X": record}).json["result"] for record in records]
    assert together.headers["X-Unseen-Levels"] == "home%20city;rows=1"
    assert together.headers["X-Filled-Values"] == "area;rows=1"
    assert "X-Filled-Values" not in post(mixed, "/stream", {"X": records[0]}).headers
    web.request_recorder.flush()
    sums, _ = web.metrics.read()
    assert (sums["unseen_levels", "home city"], sums["filled_values", "area"]) == (3, 3)


def test_cell_of_another_kind_and_a_missing_one_are_located(mixed):
    usable = {"area": 1, "new": True, "home city": "Oslo", "sold": "2024-05-01"}
    for changed, problem in (
        ({"home city": True}, (400, "wrong_type", ["X[0].home city", "X[1].home city"])),
        ({"area": "1"}, (400, "wrong_type", ["X[0].area", "X[1].area"])),
        ({"sold": [CANARY]}, (400, "wrong_type", ["X[0].sold", "X[1].sold"])),
        ({"sold": None}, (422, "missing_field", ["X[0].sold"])),
        ({CANARY: 1}, (422, "unknown_field", ["X[0].…"])),
    ):
        response = post(mixed, "/batch", {"X": [usable | changed] * 2})
        body = response.json
        assert (response.status_code, body["code"], [error["place"] for error in body["errors"]]) == problem
        assert CANARY not in response.text


def test_error_of_plain_numbers_names_the_feature_and_not_what_is_left_out(serving):
    client = serving(
        LinearModel([1.0], 0.0, Encoding((NumberColumn("Größe: m"),), left_out=(LeftOut("note", "text"),)))
    )

    body = post(client, "/batch", {"X": [{"Größe: m": "1", "note": "text"}]}).json

    assert [error["place"] for error in body["errors"]] == ["X[0].Größe: m"]
    assert post(client, "/batch", {"X": [{"Größe: m": 1, "note": "text"}]}).json == {"result": [1.0]}


def test_unseen_level_is_refused_if_the_operator_wants_it(mixed, web):
    client = create_app(replace(web, predict=Predict(web.current_model, reject_unseen=True))).test_client()
    rows = [[1, True, city, "2024-05-01"] for city in ("Oslo", None, CANARY)]

    response = post(client, "/batch", {"X": rows})

    assert (response.status_code, response.json["code"]) == (422, "unknown_level")
    assert [error["place"] for error in response.json["errors"]] == ["X[2].home city"]
    assert post(client, "/batch", {"X": rows[:2]}).status_code == 200


def test_contributions_add_up_to_the_prediction(mixed):
    explained = post(mixed, "/explain", {"X": ROWS}).json

    assert explained["result"] == post(mixed, "/batch", {"X": ROWS}).json["result"]
    assert [math.fsum([explained["base"], *row.values()]) for row in explained["contributions"]] == explained["result"]
    assert explained["contributions"][1]["home city"] == 0


def test_more_contributions_than_a_response_has_room_for_are_refused(serving, mocker):
    client = serving(LinearModel([1.0, 2.0], 0.0, ("bmi", "bp")))
    mocker.patch.object(prediction, "MAX_EXPLANATION_BYTES", 200)

    assert post(client, "/explain", {"X": [[1, 2]] * 3}).status_code == 200
    assert post(client, "/explain", {"X": [[1, 2]] * 4}).json["code"] == "too_many_rows"


def test_header_of_many_long_names_is_bounded():
    names = [f"{number} \U0001f600 {'é' * 400}" for number in range(100)]
    short = [f"x{number}" for number in range(3)]

    assert row_counts_header(dict.fromkeys(names, 1)) == "*;features=100"
    value = row_counts_header(dict.fromkeys([*short, "1st, floor", *names], 7))

    assert value == 'x0;rows=7, x1;rows=7, x2;rows=7, "1st%2C%20floor";rows=7, *;features=100'
    assert len(value) < MAX_HEADER_CHARACTERS
