"""Answers to requests that are not in order, over every protocol: status, code, places, and no text of the client's."""

import orjson
import pytest
import werkzeug.exceptions

from domain.model.linear_model import LinearModel
from entrypoints.web.protocols.mlflow_scoring import routes
from entrypoints.web.protocols.mlflow_scoring.schemas import parse_json_table
from entrypoints.web.protocols.open_inference import infer as infer_module
from entrypoints.web.routes import predictions
from entrypoints.web.wire import json_body as body_module
from entrypoints.web.wire.error_codes import CODES
from entrypoints.web.wire.problems import ProblemError
from tests.support.web.dependencies import MAX_BODY_BYTES, MAX_ROWS
from tests.support.web.open_inference import INFER
from tests.support.web.refusals import (
    BATCH,
    CANARY,
    CSV,
    FORM,
    GOOD,
    INVOCATIONS,
    MEANING,
    NOT_JSON,
    PATHS,
    STREAM,
    asking,
)

RFC_9457 = {"type", "title", "status", "detail", "code", "request_id", "errors"}
ERROR_CODES = {
    401: "UNAUTHENTICATED",
    422: "INVALID_PARAMETER_VALUE",
    500: "INTERNAL_ERROR",
    503: "TEMPORARILY_UNAVAILABLE",
}
IN_ORDER = {
    STREAM: {"X": {"bmi": 1, "bp": 2}},
    BATCH: {"X": [[1, 2]]},
    INVOCATIONS: {"inputs": [[1, 2]]},
    INFER: asking(GOOD),
}


@pytest.fixture
def steep(serving):
    return serving(LinearModel([1e9, -0.1], 0.0, ("bmi", "bp")))


def post(client, path, body, **kwargs):
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    return client.post(path, data=data, **{"content_type": "application/json", **kwargs})


def told(response):
    """Return status, code and places after checking that the answer is an error as its protocol has it.

    The status is that of ours for the code: MLflow's protocol has no 422.
    """
    body, path = orjson.loads(response.data), response.request.path
    status = response.status_code
    if "error_code" in body:
        assert path in (INVOCATIONS, "/ping")
        assert set(body) == {"error_code", "message", "code", "request_id", "errors"}
        status = 422 if body["error_code"] == ERROR_CODES[422] else status
        assert body["error_code"] == ERROR_CODES.get(status, "BAD_REQUEST")
        assert response.content_type == "application/json"
    else:
        is_v2 = path.startswith("/v2/")
        assert set(body) == ({*RFC_9457, "error"} if is_v2 else RFC_9457)
        assert response.content_type == ("application/json" if is_v2 else "application/problem+json")
        assert body["status"] == status
        assert body["type"].endswith(body["code"])
        assert body.get("error", body["detail"]) == body["detail"]
    assert body["code"] in CODES[status]
    assert body["request_id"] == response.headers["X-Request-Id"]
    assert len(response.data) <= 4096
    assert CANARY.encode() not in response.data
    return status, body["code"], sorted(error["place"] for error in body["errors"])


def differing(client, status, cases, **kwargs):
    """Return the cases that are not answered with `status`, and with their code and places."""
    answers = [(case, told(post(client, case[0], case[1], **kwargs))) for case in cases]
    return [
        (path, str(body)[:80], answer)
        for (path, body, code, places), answer in answers
        if answer != (status, code, sorted(places))
    ]


def test_body_that_is_not_json_is_400_on_every_path(steep):
    answers = [(path, body, code, told(post(steep, path, body))) for path in PATHS for body, code in NOT_JSON]

    assert [(path, body[:40], answer) for path, body, code, answer in answers if answer[:2] != (400, code)] == []


def test_wrong_form_is_400_and_names_the_places(steep):
    assert differing(steep, 400, FORM) == []


def test_wrong_meaning_is_422_and_names_the_places(steep):
    assert differing(steep, 422, MEANING) == []


def test_wrong_csv_is_400_and_names_the_places(steep):
    answers = [told(post(steep, INVOCATIONS, body, content_type="text/csv")) for body, _, _ in CSV]

    assert [answer[1:] for answer in answers] == [(code, places) for _, code, places in CSV]


def test_more_rows_than_allowed_are_refused_before_they_are_parsed(steep, mocker):
    bodies = {
        BATCH: b'{"X": [' + b"[]," * MAX_ROWS + b"[]]}",
        INFER: b'{"inputs": [' + b"[]," * (MAX_ROWS + 5_000) + b"1]}",
    }
    parser = mocker.patch.object(body_module.orjson, "loads", autospec=True)

    responses = [post(steep, path, body) for path, body in bodies.items()]

    parser.assert_not_called()
    mocker.stopall()
    assert [told(response) for response in responses] == [(422, "too_many_rows", ["the body"])] * 2


def test_columns_of_too_many_rows_are_refused_before_they_become_a_matrix():
    with pytest.raises(ProblemError) as refusal:
        parse_json_table(b'{"inputs": {"bmi": [1, 2, 3], "bp": 1}}', 2)

    assert refusal.value.code == "too_many_rows"


def test_brackets_in_names_are_not_taken_for_rows(serving):
    client = serving(LinearModel([1.0], 0.0, ('[[["m"]]]{',)))
    rows = [{'[[["m"]]]{': 1}] * (MAX_ROWS - 1)

    assert post(client, BATCH, {"X": rows}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "code", "paths"),
    [
        ({"Content-Type": "text/plain"}, "unsupported_media_type", PATHS),
        ({"Content-Type": "application/jsonp"}, "unsupported_media_type", PATHS),
        ({"Content-Type": "application/octet-stream"}, "unsupported_media_type", PATHS),
        ({"Content-Encoding": "gzip"}, "unsupported_encoding", PATHS),
        ({"Content-Encoding": "identity, gzip"}, "unsupported_encoding", PATHS),
        ({"Content-Type": "text/csv"}, "unsupported_media_type", (STREAM, BATCH, INFER)),
        ({"Content-Type": "application/json; charset=latin-1"}, "unsupported_media_type", [INVOCATIONS]),
        ({"Content-Type": "text/csv; header=present"}, "unsupported_media_type", [INVOCATIONS]),
        ({"Content-Type": "text/csv", "Content-Encoding": "gzip"}, "unsupported_encoding", [INVOCATIONS]),
        ({"Inference-Header-Content-Length": "10"}, "unsupported_media_type", [INFER]),
    ],
)
def test_other_media_are_415(steep, headers, code, paths):
    for path in paths:
        response = steep.post(path, data=orjson.dumps(IN_ORDER[path]), headers=headers)

        assert told(response) == (415, code, [])
        assert (b"binary" in response.data) == ("Inference-Header-Content-Length" in headers)


@pytest.mark.parametrize("path", PATHS)
def test_body_without_a_type_is_json_but_from_a_page_it_is_415(steep, path):
    body = orjson.dumps(IN_ORDER[path])

    assert steep.post(path, data=body).status_code == 200
    assert told(steep.post(path, data=body, headers={"Origin": "https://shop.example"}))[0] == 415


@pytest.mark.parametrize("path", PATHS)
def test_body_of_the_greatest_length_is_read_and_a_longer_one_is_413(steep, path):
    body = orjson.dumps(IN_ORDER[path])

    assert post(steep, path, body.ljust(MAX_BODY_BYTES)).status_code == 200
    assert told(post(steep, path, body.ljust(MAX_BODY_BYTES + 1))) == (413, "body_too_large", [])


@pytest.mark.parametrize("length", ["9" * 30, "99999999", "-1", "+10", "0x10", "١٠", "ten", "23"])
def test_length_that_is_not_that_of_the_body_is_refused(steep, length):
    response = steep.post(STREAM, data=b'{"X": [0.2, 1]}', environ_overrides={"CONTENT_LENGTH": length})

    assert told(response)[:2] in [(413, "body_too_large"), (400, "length_mismatch")]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", STREAM, "POST"),
        ("OPTIONS", BATCH, "POST"),
        ("POST", "/health", "GET, HEAD"),
        ("GET", INFER, "POST"),
        ("DELETE", "/v2/models/endeavour", "GET, HEAD"),
    ],
)
def test_other_methods_are_405_and_the_answer_lists_those_that_are_allowed(steep, method, path, allowed):
    response = steep.open(path, method=method)

    assert told(response) == (405, "method_not_allowed", [])
    assert response.headers["Allow"] == allowed


@pytest.mark.parametrize(
    "path",
    [
        *("//", "/stream/", "//stream", "/static/x", "/\xff", "/model/../stream", "/v2x"),
        *(f"/v2/{CANARY}", "/v2/models/", f"/v2/models/{CANARY}", f"/v2/models/endeavour/versions/{CANARY}"),
    ],
)
def test_other_paths_are_404(steep, path):
    # The client of Werkzeug takes the first word of //stream for a host.
    response = steep.get(environ_overrides={"PATH_INFO": path})

    assert told(response) == (404, "not_found", [])


@pytest.mark.parametrize(
    ("method", "path"),
    [*(("POST", path) for path in PATHS), *(("GET", path) for path in ("/health", "/model", "/ping"))],
)
def test_without_a_model_everything_is_503(client, method, path):
    response = client.open(path, method=method, data=orjson.dumps(IN_ORDER.get(path)))

    assert told(response) == (503, "no_model", [])
    assert response.headers["Retry-After"] == "1"


@pytest.mark.parametrize("error", [RuntimeError(CANARY), werkzeug.exceptions.Conflict(CANARY)])
@pytest.mark.parametrize(
    ("path", "module", "function"),
    [
        (STREAM, predictions, "read_json_body"),
        (INVOCATIONS, routes, "read_table"),
        (INFER, infer_module, "read_json_body"),
    ],
)
def test_unexpected_exception_is_500_without_details_and_logged(steep, mocker, caplog, path, module, function, error):
    mocker.patch.object(module, function, autospec=True, side_effect=error)

    response = post(steep, path, {}, headers={"X-Request-Id": "mine"})

    assert told(response) == (500, "internal_error", [])
    failed = next(record for record in caplog.records if record.message == "request_failed")
    assert failed.request_id == "mine"
    assert CANARY in caplog.text


@pytest.mark.parametrize(("path", "status"), [(STREAM, 405), ("/livez", 200), ("/nowhere", 404)])
def test_route_is_found_by_path_and_method_with_any_scheme(steep, path, status):
    for scheme in ("http", "https", "ws", "wss"):
        assert steep.get(path, environ_overrides={"wsgi.url_scheme": scheme}).status_code == status
