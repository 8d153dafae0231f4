"""Answers to requests in order, and the law that binds the two routes."""

import json
import re

import numpy as np
import orjson

from domain.model.linear_model import LinearModel

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


def test_named_record_is_read_by_name_and_not_by_order(two_features):
    named = post(two_features, "/stream", {"X": {"bp": 2.0, "bmi": 1.0}})

    assert named.json == post(two_features, "/stream", {"X": [1.0, 2.0]}).json


def test_last_of_two_equal_keys_counts(two_features):
    twice = post(two_features, "/batch", b'{"X": 1, "X": [{"bmi": 5, "bp": 2, "b\\u006di": 1}]}')

    assert twice.json == post(two_features, "/batch", {"X": [[1, 2]]}).json


def test_whole_numbers_of_any_length_are_numbers(serving):
    client = serving(LinearModel(np.array([1.0]), 0.0, ("bmi",)))

    for number in (b"1", b"18446744073709551615", b"18446744073709551616", b"-" + b"9" * 300):
        assert post(client, "/stream", b'{"X": ' + number + b"}").json == {"result": float(number)}


def test_feature_names_of_any_script_and_with_colons_can_be_sent(serving):
    client = serving(LinearModel(np.array([1.0, 2.0]), 0.0, ("Größe: m", 'the "x"')))

    response = post(client, "/batch", {"X": [{"Größe: m": 1.0, 'the "x"': 1.0}]})

    assert response.json == {"result": [3.0]}


def test_batch_of_records_equals_stream_of_each_to_the_last_bit(serving):
    random = np.random.default_rng(5)
    names = tuple(f"f{number}" for number in range(7))
    client = serving(LinearModel(random.normal(size=7) * 10.0 ** random.integers(-9, 9, 7), 0.1, names))
    values = random.normal(size=(200, 7)) * 10.0 ** random.integers(-12, 12, (200, 7))
    records = [dict(zip(names, row, strict=True)) for row in values.tolist()]

    together = post(client, "/batch", {"X": records}).json["result"]

    assert together == [post(client, "/stream", {"X": record}).json["result"] for record in records]
    assert together == post(client, "/batch", {"X": values.tolist()}).json["result"]


def test_prediction_says_which_model_made_it(one_feature):
    headers = post(one_feature, "/batch", {"X": [1, 2]}).headers

    assert (headers["X-Model-Version"], headers["X-Model-Source"]) == ("7", "registry")
    assert re.fullmatch(r"[0-9a-f]{24}", headers["X-Request-Id"])


def test_body_is_json_in_any_case_and_identity_is_no_encoding(one_feature):
    for headers in ({"Content-Type": "Application/JSON; charset=utf-8"}, {"Content-Encoding": "identity"}):
        assert one_feature.post("/stream", data=b'{"X": 0.2}', headers=headers).status_code == 200


def test_health_is_ok_while_there_is_a_model(one_feature):
    response = one_feature.get("/health")

    assert (response.status_code, response.json) == (200, {"status": "ok", "version": "7", "source": "registry"})


def test_model_is_described_with_its_origin(two_features):
    told = two_features.get("/model").json

    assert (told["version"], told["source"], told["features"]) == ("7", "registry", ["bmi", "bp"])
    assert told["target"] == "progression"
    assert told["scores"] == {"r2": 0.4726, "mse": 2548.07, "rmse": 50.4784, "mae": 41.2271}
    assert told["lineage"] == {
        "run_id": "run-1",
        "data_fingerprint": "0" * 64,
        "settings": {"learning_rate": None, "batch_size": 32, "tol": 1e-6, "seed": 0},
        "code_revision": "8df0ea5+dirty",
        "created_at": "2026-11-23T12:00:00+00:00",
    }


def test_every_answer_is_strict_json(one_feature):
    def refuse(word):
        raise AssertionError(word)

    for path in ("/health", "/model"):
        json.loads(one_feature.get(path).data, parse_constant=refuse)
