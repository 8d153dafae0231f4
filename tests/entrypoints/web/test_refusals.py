"""What is answered to requests that are not in order: the right status and code, and nothing the client sent."""

import re
from pathlib import Path

import numpy as np
import orjson
import pytest
import werkzeug.exceptions

from domain.linear_model import LinearModel
from entrypoints.web import body as body_module
from entrypoints.web import predictions, problems
from entrypoints.web.codes import CODES
from tests.entrypoints.web.conftest import MAX_BODY, MAX_ROWS

MEMBERS = {"type", "title", "status", "detail", "code", "request_id", "errors"}


def post(client, path, body, **kwargs):
    return client.post(path, data=body, **{"content_type": "application/json", **kwargs})


def problem(response):
    """Return the code after checking that the answer is a problem as promised."""
    told = orjson.loads(response.data)
    assert response.content_type == "application/problem+json"
    assert set(told) == MEMBERS
    assert told["status"] == response.status_code
    assert told["request_id"] == response.headers["X-Request-Id"]
    assert told["code"] in CODES[told["status"]]
    assert told["type"].endswith(told["code"])
    assert len(response.data) <= 4096
    return told["code"]


FORM = [
    (b"", "empty_body"),
    (b" \n ", "empty_body"),
    (b"{", "bad_json"),
    (b'{"X": 0.2} {}', "bad_json"),
    (b'{"X": 01}', "bad_json"),
    (b"{'X': 1}", "bad_json"),
    (b'{"X": NaN}', "bad_json"),
    (b'{"X": Infinity}', "bad_json"),
    (b'{"X": -Infinity}', "bad_json"),
    (b'{"X": 1e999, "Y": NaN}', "bad_json"),
    (b'{"X": "\xff"}', "invalid_encoding"),
    (b'\xef\xbb\xbf{"X": 1}', "invalid_encoding"),
    ('{"X": 1}'.encode("utf-16"), "invalid_encoding"),
    (b"[" * 2000 + b"]" * 2000, "too_deep"),
    (b'{"X": [1e999,' + b"[" * 1200 + b"]" * 1200 + b"]}", "too_deep"),
    (b"[" * 1100, "bad_json"),
    (b'{"X":' + b"[" * 1000 + b"]" * 1000 + b"}", "wrong_shape"),
    (b'{"X":' + b'{"a":' * 1000 + b"1" + b"}" * 1000 + b"}", "wrong_shape"),
    (b"[]", "not_object"),
    (b"0.2", "not_object"),
    (b'"X"', "not_object"),
    (b"null", "not_object"),
    (b"{}", "missing_field"),
    (b'{"x": 1}', "missing_field"),
    (b'{"X": [1], "Y": 2}', "unknown_field"),
    (b'{"X": null}', "wrong_type"),
    (b'{"X": true}', "wrong_type"),
    (b'{"X": "0.2"}', "wrong_type"),
    (b'{"X": [true]}', "wrong_type"),
    (b'{"X": [[[0.2]]]}', "wrong_shape"),
    (b'{"X": {"bmi": [0.2]}}', "wrong_shape"),
    (b'{"X": [null]}', "wrong_type"),
    (b'{"X": ["1_000"]}', "wrong_type"),
    (b'{"X": [1], "X": [2]}', "duplicate_key"),
    (b'{"X": "a", "X": [2]}', "duplicate_key"),
    (b'{"X": [2], "\\u0058": [2]}', "duplicate_key"),
]


@pytest.mark.parametrize("path", ["/stream", "/batch"])
@pytest.mark.parametrize(("body", "code"), FORM, ids=[f"{code}-{body[:20]!r}" for body, code in FORM])
def test_wrong_form_is_400(one_feature, path, body, code):
    response = post(one_feature, path, body)

    assert (response.status_code, problem(response)) == (400, code)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/stream", b'{"X": {"bmi": 1, "bmi": 1, "bp": 2}}'),
        ("/stream", b'{"X": {"bmi": 1, "b\\u006di": 1, "bp": 2}}'),
        ("/batch", b'{"X": [{"bmi": 1, "bp": 2}, {"bmi": 1, "bp": 2, "bp": 2}]}'),
        ("/batch", b'{"X": [[1, 2], {"bmi": 1, "bp": 2, "bp": 2}]}'),
        # An escaped colon in a key must not make up for the colon of a lost member.
        ("/stream", b'{"X": {"a\\u003ab": 1, "bmi": 1, "bmi": 2}}'),
    ],
)
def test_key_that_is_there_twice_is_refused_at_any_depth(two_features, path, body):
    response = post(two_features, path, body)

    assert (response.status_code, problem(response)) == (400, "duplicate_key")


@pytest.mark.parametrize(
    ("path", "body", "places"),
    [
        ("/batch", {"X": [0.2, "a", None, True]}, ["X[1]", "X[2]", "X[3]"]),
        ("/batch", {"X": [{"bmi": 1, "bp": 2}, {"bmi": None, "bp": "x"}]}, ["X[1].bmi", "X[1].bp"]),
        ("/batch", {"X": [[1, 2], [3, [4]]]}, ["X[1][1]"]),
        ("/stream", {"X": {"bmi": "a"}}, ["X.bmi"]),
        ("/stream", {"X": [1, "a"]}, ["X[1]"]),
        ("/stream", {}, ["X"]),
        ("/stream", {"Y": 1}, ["X", "Y"]),
        ("/batch", {"X": ["a"] * 1000}, [f"X[{row}]" for row in range(10)]),
        ("/stream", {"X": ["a"] * 1000}, [f"X[{row}]" for row in range(10)]),
    ],
)
def test_wrong_form_names_the_places(one_feature, path, body, places):
    errors = post(one_feature, path, orjson.dumps(body)).json["errors"]

    assert sorted(error["place"] for error in errors) == sorted(places)


@pytest.mark.parametrize(
    ("path", "body", "code", "place"),
    [
        ("/stream", {"X": 1}, "wrong_feature_count", "X"),
        ("/stream", {"X": []}, "wrong_feature_count", "X"),
        ("/stream", {"X": [1, 2, 3]}, "wrong_feature_count", "X"),
        ("/stream", {"X": {}}, "missing_field", "X.bmi"),
        ("/stream", {"X": {"bmi": 1}}, "missing_field", "X.bp"),
        ("/batch", {"X": [1, 2]}, "wrong_feature_count", "X[0]"),
        ("/batch", {"X": [[1, 2], [1]]}, "wrong_feature_count", "X[1]"),
        ("/batch", {"X": [{"bmi": 1, "bp": 1}, {"bmi": 1, "pb": 1}]}, "unknown_field", "X[1].pb"),
        ("/batch", {"X": [{"bmi": 1, "bp": 1, "more": 1}]}, "unknown_field", "X[0].more"),
        ("/stream", {"X": {"bmi": 1, "bp": 1, "<script>": 1}}, "unknown_field", "X.…"),
        ("/stream", {"X": [1, -1.1e300]}, "out_of_range", "X.bp"),
        ("/batch", {"X": [[1, 1], [1e301, 1]]}, "out_of_range", "X[1].bmi"),
        ("/batch", {"X": [[1, 1]] * (MAX_ROWS + 1)}, "too_many_rows", "the body"),
        ("/batch", {"X": [0] * (MAX_ROWS + 1)}, "too_many_rows", "X"),
    ],
)
def test_wrong_meaning_is_422_and_names_the_place(two_features, path, body, code, place):
    response = post(two_features, path, orjson.dumps(body))

    assert (response.status_code, problem(response)) == (422, code)
    assert [error["place"] for error in response.json["errors"]] == [place]


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [("/stream", {"X": [1e300, 1]}, "X"), ("/batch", {"X": [[1, 1], [1e299, 1]]}, "X[1]")],
)
def test_prediction_that_overflows_is_422(serving, path, body, place):
    client = serving(LinearModel(np.array([1e10, 1.0]), 0.0, ("bmi", "bp")))

    response = post(client, path, orjson.dumps(body))

    assert (response.status_code, problem(response)) == (422, "result_not_finite")
    assert [error["place"] for error in response.json["errors"]] == [place]


def test_wrong_shape_of_the_batch_itself_is_400(one_feature):
    assert [problem(post(one_feature, "/batch", body)) for body in (b'{"X": 1}', b'{"X": {"bmi": 1}}')] == [
        "wrong_shape",
        "wrong_shape",
    ]


def test_more_rows_than_allowed_are_refused_before_they_are_parsed(one_feature, mocker):
    parser = mocker.patch.object(body_module, "orjson", autospec=True)

    response = post(one_feature, "/batch", b'{"X": [' + b"[]," * MAX_ROWS + b"[]]}")

    assert (response.status_code, problem(response)) == (422, "too_many_rows")
    parser.loads.assert_not_called()


def test_brackets_in_names_are_not_taken_for_rows(serving):
    client = serving(LinearModel(np.array([1.0]), 0.0, ('[[["m"]]]{',)))
    rows = [{'[[["m"]]]{': 1}] * (MAX_ROWS - 1)

    assert post(client, "/batch", orjson.dumps({"X": rows})).status_code == 200


@pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"9" * 5000])
def test_number_beyond_a_float_is_named_by_row_and_field(two_features, number):
    response = post(two_features, "/batch", b'{"X": [[1, 2], {"bmi": 1, "bp": ' + number + b"}]}")

    assert (response.status_code, problem(response)) == (422, "not_finite")
    assert [error["place"] for error in response.json["errors"]] == ["X[1].bp"]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Content-Type": "text/plain"}, "unsupported_media_type"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, "unsupported_media_type"),
        ({"Content-Type": "application/jsonp"}, "unsupported_media_type"),
        ({"Content-Encoding": "gzip"}, "unsupported_encoding"),
        ({"Content-Encoding": "identity, gzip"}, "unsupported_encoding"),
    ],
)
def test_other_media_are_415(one_feature, headers, code):
    response = one_feature.post("/stream", data=b'{"X": 0.2}', headers=headers)

    assert (response.status_code, problem(response)) == (415, code)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/stream", b'{"X": 0.2}'),
        ("/batch", b'{"X": [0.2]}'),
        ("/invocations", b'{"inputs": [0.2]}'),
        (
            "/v2/models/endeavour/infer",
            b'{"inputs": [{"name": "X", "shape": [1, 1], "datatype": "FP64", "data": [0.2]}]}',
        ),
    ],
)
def test_body_without_a_type_is_json_but_from_a_page_it_is_415(one_feature, path, body):
    assert one_feature.post(path, data=body).status_code == 200

    response = one_feature.post(path, data=body, headers={"Origin": "https://shop.example"})

    assert response.status_code == 415
    assert b"Content-Type: application/json" in response.data


def test_body_of_the_greatest_length_is_read(one_feature):
    body = b'{"X": 0.2}'.ljust(MAX_BODY)

    assert post(one_feature, "/stream", body).status_code == 200


def test_longer_body_is_413(one_feature):
    response = post(one_feature, "/stream", b'{"X": 0.2}'.ljust(MAX_BODY + 1))

    assert (response.status_code, problem(response)) == (413, "body_too_large")


@pytest.mark.parametrize("length", ["9" * 30, "99999999", "-1", "+10", "0x10", "١٠", "ten"])
def test_length_that_cannot_be_is_refused_before_reading(one_feature, length):
    response = one_feature.post("/stream", data=b'{"X": 0.2}', environ_overrides={"CONTENT_LENGTH": length})

    assert (response.status_code, problem(response)) in [(413, "body_too_large"), (400, "length_mismatch")]


def test_body_that_ends_early_is_400(one_feature):
    response = one_feature.post("/stream", data=b'{"X": 0.2}', environ_overrides={"CONTENT_LENGTH": "11"})

    assert (response.status_code, problem(response)) == (400, "length_mismatch")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/stream", "POST"),
        ("OPTIONS", "/batch", "POST"),
        ("PUT", "/batch", "POST"),
        ("POST", "/health", "GET, HEAD"),
        ("DELETE", "/model", "GET, HEAD"),
    ],
)
def test_other_methods_are_405_and_told_which_are_allowed(one_feature, method, path, allowed):
    response = one_feature.open(path, method=method)

    assert (response.status_code, problem(response)) == (405, "method_not_allowed")
    assert response.headers["Allow"] == allowed


@pytest.mark.parametrize(
    "path", ["//", "/stream/", "//stream", "/static/x", "/\xff", "/model/../stream", "/favicon.ico"]
)
def test_other_paths_are_404(one_feature, path):
    # The client of Werkzeug takes the first word of //stream for a host.
    response = one_feature.post(environ_overrides={"PATH_INFO": path})

    assert (response.status_code, problem(response)) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/stream"), ("POST", "/batch"), ("GET", "/health"), ("GET", "/model")]
)
def test_without_a_model_everything_is_503(client, method, path):
    response = client.open(path, method=method, data=b'{"X": []}')

    assert (response.status_code, problem(response)) == (503, "no_model")
    assert response.headers["Retry-After"] == "1"


CANARY = "sent-by-the-client"


@pytest.mark.parametrize(
    "body",
    [
        {"X": CANARY},
        {"X": [CANARY] * 50},
        {"X": [{CANARY: "a"}]},
        {"X": {CANARY: 1}},
        {"X": {"bmi": 1, CANARY: 1}},
        {CANARY: 1, "X": 1},
        {"X": {"a" * 100: "b"}},
        {"X": [{"\u202e<script>": CANARY}] * 3},
        CANARY,
    ],
)
def test_nothing_the_client_sent_is_echoed(one_feature, body):
    told = post(one_feature, "/stream", orjson.dumps(body)).data + post(one_feature, "/batch", orjson.dumps(body)).data
    told += one_feature.get(f"/{CANARY}").data

    assert CANARY.encode() not in told
    assert b"script" not in told
    assert b"a" * 100 not in told


def test_unexpected_exception_is_500_without_details_and_logged(one_feature, mocker, caplog):
    mocker.patch.object(predictions, "read_json", autospec=True, side_effect=RuntimeError(CANARY))

    response = post(one_feature, "/stream", b'{"X": 0.2}', headers={"X-Request-Id": "mine"})

    assert (response.status_code, problem(response)) == (500, "internal_error")
    assert CANARY.encode() not in response.data
    failed = next(record for record in caplog.records if record.message == "request_failed")
    assert failed.request_id == "mine"
    assert CANARY in caplog.text


@pytest.mark.parametrize("error", [werkzeug.exceptions.BadRequest(CANARY), werkzeug.exceptions.Conflict(CANARY)])
def test_exception_of_flasks_that_nothing_here_raises_is_a_defect_and_no_code_of_its_own(
    one_feature, mocker, caplog, error
):
    mocker.patch.object(predictions, "read_json", autospec=True, side_effect=error)

    response = post(one_feature, "/stream", b'{"X": 0.2}')

    assert (response.status_code, problem(response)) == (500, "internal_error")
    assert CANARY.encode() not in response.data
    assert "request_failed" in caplog.messages


@pytest.mark.parametrize("scheme", ["http", "https", "ws", "wss"])
@pytest.mark.parametrize(("path", "status"), [("/stream", 405), ("/livez", 200), ("/nowhere", 404)])
def test_route_is_found_by_path_and_method_whatever_the_scheme(one_feature, scheme, path, status):
    assert one_feature.get(path, environ_overrides={"wsgi.url_scheme": scheme}).status_code == status


def test_page_of_errors_lists_every_code_of_this_file():
    page = (Path(__file__).parents[3] / "docs" / "errors.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    used = {code for _, code in problems.ERRORS.values()} | set(problems.STATUSES.values()) | {code for _, code in FORM}

    assert used <= listed
