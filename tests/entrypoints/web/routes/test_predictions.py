"""Our own prediction routes: responses to valid and invalid requests, and the law that binds the two routes."""

import re

import numpy as np
import orjson

from domain.model.linear_model import LinearModel
from tests.contracts.json_endpoint import CANARY, JsonEndpointContract
from tests.support.web.dependencies import MAX_ROWS

AT_02, AT_05 = 340.56643407641434, 622.0377924517934


def post(client, path, body, **kwargs):
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    return client.post(path, data=data, content_type="application/json", **kwargs)


def test_row_is_predicted_in_every_form(one_feature):
    for row in (0.2, [0.2], {"bmi": 0.2}):
        response = post(one_feature, "/stream", {"X": row})

        assert (response.status_code, response.json) == (200, {"result": AT_02})
        assert response.content_type == "application/json"


def test_batch_is_predicted_in_every_form(one_feature):
    for rows in ([0.2, 0.5], [[0.2], [0.5]], [{"bmi": 0.2}, {"bmi": 0.5}], [0.2, {"bmi": 0.5}], [[0.2], 0.5]):
        assert post(one_feature, "/batch", {"X": rows}).json == {"result": [AT_02, AT_05]}
    assert post(one_feature, "/batch", {"X": []}).json == {"result": []}


def test_last_of_two_equal_keys_counts(two_features):
    twice = post(two_features, "/batch", b'{"X": 1, "X": [{"bmi": 5, "bp": 2, "b\\u006di": 1}]}')

    assert twice.json == post(two_features, "/batch", {"X": [[1, 2]]}).json


def test_whole_numbers_of_any_length_are_numbers(serving):
    client = serving(LinearModel(np.array([1.0]), 0.0, ("bmi",)))

    for number in (b"1", b"18446744073709551615", b"18446744073709551616", b"-" + b"9" * 300):
        assert post(client, "/stream", b'{"X": ' + number + b"}").json == {"result": float(number)}


def test_batch_of_records_in_any_order_equals_stream_of_each_to_the_last_bit(serving):
    random = np.random.default_rng(5)
    names = ("Größe: m", 'the "x"', *(f"f{number}" for number in range(5)))
    client = serving(LinearModel(random.normal(size=7) * 10.0 ** random.integers(-9, 9, 7), 0.1, names))
    values = random.normal(size=(200, 7)) * 10.0 ** random.integers(-12, 12, (200, 7))
    records = [dict(zip(names[::-1], row[::-1], strict=True)) for row in values.tolist()]

    together = post(client, "/batch", {"X": records}).json["result"]

    assert together == [post(client, "/stream", {"X": record}).json["result"] for record in records]
    assert together == post(client, "/batch", {"X": values.tolist()}).json["result"]


def test_prediction_names_its_model(one_feature):
    headers = post(one_feature, "/batch", {"X": [1, 2]}).headers

    assert (headers["X-Model-Version"], headers["X-Model-Source"]) == ("7", "registry")
    assert re.fullmatch(r"[0-9a-f]{24}", headers["X-Request-Id"])


def test_body_is_json_in_any_case_and_identity_is_no_encoding(one_feature):
    for headers in ({"Content-Type": "Application/JSON; charset=utf-8"}, {"Content-Encoding": "identity"}):
        assert one_feature.post("/stream", data=b'{"X": 0.2}', headers=headers).status_code == 200


INVALID_FORMS = [
    ({"x": 1}, "missing_field", ["X", "x"]),
    ({"X": [1], "Y": 2}, "unknown_field", ["Y"]),
    ({"X": [1], CANARY: 2}, "unknown_field", ["…"]),
    ({"X": None}, "wrong_type", ["X"]),
    ({"X": True}, "wrong_type", ["X"]),
    ({"X": CANARY}, "wrong_type", ["X"]),
    ({"X": [True]}, "wrong_type", ["X[0]"]),
    ({"X": ["1_000"]}, "wrong_type", ["X[0]"]),
    ({"X": [CANARY] * 1000}, "wrong_type", [f"X[{row}]" for row in range(10)]),
]
CSV_TYPE = [({"Content-Type": "text/csv"}, "unsupported_media_type")]


class TestStream(JsonEndpointContract):
    path, valid, other_media = "/stream", {"X": {"bmi": 1, "bp": 2}}, CSV_TYPE
    invalid_forms = (
        *INVALID_FORMS,
        ({"X": [1, [2]]}, "wrong_shape", ["X[1]"]),
        ({"X": {"bmi": "a"}}, "wrong_type", ["X.bmi"]),
        ({"X": {"a" * 100: "b", "\u202e<script>": "c"}}, "wrong_type", ["X.…"]),
        ({"X": {"bmi": [0.2]}}, "wrong_shape", ["X.bmi"]),
        (b'{"X":' + b"[" * 1000 + b"]" * 1000 + b"}", "wrong_shape", ["X[0]"]),
    )
    invalid_values = (
        ({"X": 1}, "wrong_feature_count", ["X"]),
        ({"X": []}, "wrong_feature_count", ["X"]),
        ({"X": [1, 2, 3]}, "wrong_feature_count", ["X"]),
        ({"X": {}}, "missing_field", ["X.bmi"]),
        ({"X": {"bmi": 1, "bp": 1, CANARY: 1}}, "unknown_field", ["X.…"]),
        ({"X": [1, -1.1e300]}, "out_of_range", ["X.bp"]),
        ({"X": [1e300, 1]}, "result_not_finite", ["X"]),
    )


class RowsContract(JsonEndpointContract):
    """A subclass sets the path of a route that takes a list of rows."""

    valid, other_media = {"X": [[1, 2]]}, CSV_TYPE
    invalid_forms = (
        *INVALID_FORMS,
        ({"X": 1}, "wrong_shape", ["X"]),
        ({"X": {"bmi": 1}}, "wrong_shape", ["X"]),
        ({"X": [0.2, "a", None, True]}, "wrong_type", ["X[1]", "X[2]", "X[3]"]),
        ({"X": [{"bmi": 1, "bp": 2}, {"bmi": None, "bp": "x"}]}, "wrong_type", ["X[1].bmi", "X[1].bp"]),
        ({"X": [{CANARY: "a"}]}, "wrong_type", ["X[0].…"]),
        ({"X": [[1, 2], [3, [4]]]}, "wrong_shape", ["X[1][1]"]),
        ({"X": [[[0.2]]]}, "wrong_shape", ["X[0][0]"]),
    )
    invalid_values = (
        ({"X": [1, 2]}, "wrong_feature_count", ["X[0]"]),
        ({"X": [[1, 2], [1]]}, "wrong_feature_count", ["X[1]"]),
        ({"X": [{"bmi": 1, "bp": 1}, {"bmi": 1, "pb": 1}]}, "unknown_field", ["X[1].pb"]),
        ({"X": [{"bmi": 1}]}, "missing_field", ["X[0].bp"]),
        ({"X": [[1, 1], [1e301, 1]]}, "out_of_range", ["X[1].bmi"]),
        ({"X": [[1, 1], [1e300, 1]]}, "result_not_finite", ["X[1]"]),
        ({"X": [0] * (MAX_ROWS + 1)}, "too_many_rows", ["X"]),
        ({"X": [[1, 1]] * (MAX_ROWS + 1)}, "too_many_rows", ["the body"]),
    )

    def test_brackets_in_names_are_not_taken_for_rows(self, serving):
        client = serving(LinearModel([1.0], 0.0, ('[[["m"]]]{',)))

        assert self.post(client, {"X": [{'[[["m"]]]{': 1}] * (MAX_ROWS - 1)}).status_code == 200


class TestBatch(RowsContract):
    path = "/batch"


class TestExplain(RowsContract):
    path = "/explain"
