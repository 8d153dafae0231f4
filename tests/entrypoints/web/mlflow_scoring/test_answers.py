"""What an invocation says beside its numbers: who made them, what was wrong, and nothing the client sent."""

import logging

import orjson
import pytest

from entrypoints.web import body as body_module
from entrypoints.web.mlflow_scoring import routes
from entrypoints.web.mlflow_scoring.forms import from_json
from entrypoints.web.problems import Refused
from tests.entrypoints.web.conftest import MAX_BODY, MAX_ROWS

MEMBERS = {"error_code", "message", "code", "request_id", "errors"}
CSV = "text/csv"
FORM, MEANING = "BAD_REQUEST", "INVALID_PARAMETER_VALUE"
FIRST_TEN = [f"rows[{row}].{name}" for row in range(5) for name in ("bmi", "bp")]


def invoke(client, body, **kwargs):
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    return client.post("/invocations", data=data, **{"content_type": "application/json", **kwargs})


def refused(response):
    """Return error_code and code after checking that the answer is an error as promised."""
    told = orjson.loads(response.data)
    assert response.content_type == "application/json"
    assert set(told) == MEMBERS
    assert told["request_id"] == response.headers["X-Request-Id"]
    assert len(response.data) <= 4096
    return told["error_code"], told["code"]


def test_prediction_says_which_model_made_it(two_features, objects, caplog):
    caplog.set_level(logging.INFO, logger="endeavour.access")

    response = invoke(two_features, {"inputs": {"bmi": [1, 2], "bp": [3, 4]}}, headers={"X-Request-Id": "mine"})

    assert response.content_type == "application/json"
    assert (response.headers["X-Model-Version"], response.headers["X-Model-Source"]) == ("7", "registry")
    assert response.headers["X-Request-Id"] == "mine"
    objects.books().enter()
    (line,) = (record for record in caplog.records if record.name == "endeavour.access")
    assert (line.path, line.status, line.rows, line.version) == ("/invocations", 200, 2, "7")


@pytest.mark.parametrize(
    "body",
    [
        {"inputs": [1] * (MAX_ROWS + 1)},
        {"inputs": {"bmi": [1] * (MAX_ROWS + 1)}},
        {"dataframe_split": {"columns": ["bmi"], "data": [[1]] * (MAX_ROWS + 1)}},
        b"bmi\n" + b"1\n" * (MAX_ROWS + 1),
    ],
    ids=["flat", "columns", "split", "csv"],
)
def test_more_rows_than_there_may_be_are_refused_in_every_form(one_feature, body):
    kind = "text/csv" if isinstance(body, bytes) else "application/json"

    response = invoke(one_feature, body, content_type=kind)

    assert (response.status_code, refused(response)[1]) == (400, "too_many_rows")


def test_columns_of_too_many_rows_are_refused_before_they_become_a_matrix():
    with pytest.raises(Refused) as refusal:
        from_json(b'{"inputs": {"bmi": [1, 2, 3], "bp": 1}}', 2)

    assert refusal.value.code == "too_many_rows"


@pytest.mark.parametrize(
    ("body", "error_code", "code", "places"),
    [
        (b"", FORM, "empty_body", []),
        (b" \r\n", FORM, "empty_body", []),
        (b"{", FORM, "bad_json", []),
        (b'{"inputs": "\xff"}', FORM, "invalid_encoding", []),
        (b'{"params": ' + b"[" * 1000 + b"]" * 1000 + b', "inputs": [[1, 2]], "a:b": 1}', FORM, "too_deep", []),
        (b'{"inputs": [[1, 2]], "a": {"b": {"c": 1, "c": 1}}}', FORM, "duplicate_key", []),
        ([], FORM, "not_object", []),
        ({}, FORM, "missing_field", []),
        ({"inputs": [], "instances": []}, FORM, "unknown_field", []),
        ({"inputs": 1}, FORM, "wrong_type", ["inputs"]),
        ({"instances": None}, FORM, "wrong_type", ["instances"]),
        ({"dataframe_records": [{}, 1]}, FORM, "wrong_type", ["dataframe_records"]),
        ({"dataframe_split": []}, FORM, "wrong_type", ["dataframe_split"]),
        ({"dataframe_split": {}}, FORM, "missing_field", ["dataframe_split.data"]),
        ({"dataframe_split": {"data": [], "dtype": 1}}, FORM, "unknown_field", []),
        ({"dataframe_split": {"data": {}}}, FORM, "wrong_type", ["dataframe_split.data"]),
        ({"dataframe_split": {"data": [], "columns": "bmi"}}, FORM, "wrong_type", ["dataframe_split.columns"]),
        ({"dataframe_split": {"data": [], "columns": [["bmi"], "bp"]}}, FORM, "wrong_type", []),
        ({"dataframe_split": {"data": [[1, 2]], "index": []}}, FORM, "wrong_shape", []),
        ({"dataframe_split": {"data": [], "columns": ["bp", "bmi", "bp"]}}, FORM, "duplicate_key", []),
        ({"dataframe_split": {"data": [], "columns": ["age"]}}, MEANING, "missing_field", ["bmi", "bp"]),
        ({"dataframe_split": {"data": [[1, 2], [3]], "columns": ["bmi", "bp"]}}, FORM, "wrong_shape", ["rows[1]"]),
        ({"dataframe_split": {"data": [3], "columns": ["bmi", "bp"]}}, FORM, "wrong_shape", ["rows[0]"]),
        ({"inputs": [[1, None], ["a", True]]}, FORM, "wrong_type", ["rows[0].bp", "rows[1].bmi", "rows[1].bp"]),
        ({"inputs": [[1, 2], [3]]}, MEANING, "wrong_feature_count", ["rows[1]"]),
        ({"inputs": [1, 2]}, MEANING, "wrong_feature_count", ["rows[0]"]),
        ({"inputs": [[1, 2], "a"]}, FORM, "wrong_type", ["rows[1]"]),
        ({"inputs": [["a", "b"]] * 50}, FORM, "wrong_type", FIRST_TEN),
        ({"inputs": {"bmi": [1, 2], "bp": [3]}}, FORM, "wrong_shape", []),
        ({"inputs": {"bmi": [1, 2], "bp": [3, "a"]}}, FORM, "wrong_type", ["rows[1].bp"]),
        ({"inputs": {"bmi": [1, 2]}}, MEANING, "missing_field", ["bp"]),
        ({"instances": {"bmi": [], "bp": 1e301}}, MEANING, "out_of_range", ["rows[0].bp"]),
        (b'{"inputs": {"bmi": -1e999, "bp": []}}', MEANING, "not_finite", ["rows[0].bmi"]),
        ({"inputs": {"bmi": [], "bp": "1"}}, FORM, "wrong_type", ["rows[0].bp"]),
        ({"instances": [{"bmi": 1, "bp": 2}, {"bp": 2}]}, MEANING, "missing_field", ["rows[1].bmi"]),
        (b'{"inputs": [[1, 2], [1e999, 2]]}', MEANING, "not_finite", ["rows[1].bmi"]),
        ({"inputs": [[1, 2], [1e308, 2]]}, MEANING, "out_of_range", ["rows[1].bmi"]),
    ],
)
def test_wrong_request_is_told_in_mlflows_words_with_our_code_and_places(two_features, body, error_code, code, places):
    response = invoke(two_features, body)

    assert (response.status_code, *refused(response)) == (400, error_code, code)
    assert [error["place"] for error in response.json["errors"]] == places


@pytest.mark.parametrize(
    ("body", "error_code", "code", "places"),
    [
        (b"bmi,bp\n1,2\n\xff,1", FORM, "invalid_encoding", []),
        (b'bmi,bp\n1,"2\n', FORM, "bad_csv", []),
        (b'bmi,bp\nx,2\n1,"2\n', FORM, "bad_csv", []),
        (b'bmi,bp,name\n1,2,"' + b"a" * 60_000 + b'","' + b"a" * 10, FORM, "bad_csv", []),
        (b"bmi,bp\n1,2\n3\n", FORM, "wrong_shape", ["rows[1]"]),
        (b'bmi,bp\n1,2\n"3"\n', FORM, "wrong_shape", ["rows[1]"]),
        (b"bmi,bmi,bp\n1,2,3\n", FORM, "duplicate_key", []),
        (b"bmi,bp\n1,2\n\n3,four\n", FORM, "wrong_type", ["rows[1].bp"]),
        (b"bmi,bp\n1,2\n3,\n,4\n", FORM, "wrong_type", ["rows[1].bp", "rows[2].bmi"]),
        (b'bmi,bp\n"1,5",2\n', FORM, "wrong_type", ["rows[0].bmi"]),
        (b"bmi,bp\n[1,2]\n", FORM, "wrong_type", ["rows[0].bmi", "rows[0].bp"]),
        (b"bmi,bp\n1,true\n", FORM, "wrong_type", ["rows[0].bp"]),
        (b'bmi,bp\n1,"""2"""\n', FORM, "wrong_type", ["rows[0].bp"]),
        (b"bmi,bp\n1,inf\n", MEANING, "not_finite", ["rows[0].bp"]),
        (b"1,2\n3,4\n", MEANING, "missing_field", ["bmi", "bp"]),
    ],
)
def test_wrong_csv_is_told_in_the_same_way(two_features, body, error_code, code, places):
    response = invoke(two_features, body, content_type=CSV)

    assert (response.status_code, *refused(response)) == (400, error_code, code)
    assert [error["place"] for error in response.json["errors"]] == places


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Content-Type": "text/plain"}, "unsupported_media_type"),
        ({"Content-Type": "application/json; charset=latin-1"}, "unsupported_media_type"),
        ({"Content-Type": "text/csv; header=present"}, "unsupported_media_type"),
        ({"Content-Type": "text/csv", "Content-Encoding": "gzip"}, "unsupported_encoding"),
    ],
)
def test_other_media_are_415(two_features, headers, code):
    response = two_features.post("/invocations", data=b"bmi,bp\n1,2\n", headers=headers)

    assert (response.status_code, *refused(response)) == (415, "BAD_REQUEST", code)


@pytest.mark.parametrize("content_type", ["application/json", CSV])
def test_longer_body_is_413(two_features, content_type):
    response = invoke(two_features, b"bmi,bp\n1,2\n".ljust(MAX_BODY + 1), content_type=content_type)

    assert (response.status_code, *refused(response)) == (413, "BAD_REQUEST", "body_too_large")


@pytest.mark.parametrize(("method", "path"), [("GET", "/ping"), ("POST", "/invocations")])
def test_without_a_model_the_server_says_to_come_back(client, method, path):
    response = client.open(path, method=method, data=b'{"inputs": [1]}')

    assert (response.status_code, *refused(response)) == (503, "TEMPORARILY_UNAVAILABLE", "no_model")
    assert response.headers["Retry-After"] == "1"


def test_version_is_told_without_a_model(client):
    assert client.get("/version").status_code == 200


def test_unexpected_exception_is_500_without_details(two_features, mocker):
    mocker.patch.object(routes, "posted", autospec=True, side_effect=RuntimeError("a secret"))

    response = invoke(two_features, {"inputs": []})

    assert (response.status_code, *refused(response)) == (500, "INTERNAL_ERROR", "internal_error")
    assert b"secret" not in response.data


def test_own_routes_still_answer_with_problems(two_features):
    response = two_features.post("/batch", data=b"{")

    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [
        {"dataframe_split": {"columns": ["bmi", "bp"], "data": [[1, 2]], "index": [0]}, "params": {"a": 1}},
        {"dataframe_records": [{"bmi": 1, "bp": 2}] * 3},
        {"instances": [{"bmi": 1, "bp": 2, "age": 3}] * 3},
        {"inputs": {"bmi": [1], "bp": [2]}},
        {"inputs": [[1, 2]]},
    ],
)
def test_request_in_order_is_parsed_once(two_features, mocker, body):
    slow = mocker.patch.object(body_module.json, "loads", autospec=True)

    response = two_features.post("/invocations", data=orjson.dumps(body))

    assert response.status_code == 200
    slow.assert_not_called()


CANARY = "sent-by-the-client"


@pytest.mark.parametrize(
    "body",
    [
        {CANARY: [[1, 2]]},
        {"inputs": CANARY},
        {"inputs": [[CANARY, 1]]},
        {"inputs": {CANARY: [1]}},
        {"instances": [{CANARY: 1}]},
        {"dataframe_split": {CANARY: 1, "data": []}},
        {"dataframe_split": {"columns": [CANARY], "data": [[1]]}},
    ],
)
def test_nothing_the_client_sent_is_echoed(two_features, body):
    assert CANARY.encode() not in invoke(two_features, body).data


@pytest.mark.parametrize("body", [f"{CANARY},bp\n1,2\n", f"bmi,bp\n{CANARY},2\n", f'bmi,bp\n1,"{CANARY}'])
def test_nothing_of_a_csv_is_echoed(two_features, body):
    assert CANARY.encode() not in invoke(two_features, body.encode(), content_type=CSV).data
