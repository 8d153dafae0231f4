"""What is answered to requests that are not in order: the right status and code, and nothing the client sent."""

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.linear_model import LinearModel
from entrypoints.web.open_inference import infer as infer_module
from entrypoints.web.open_inference.datatypes import DATATYPES
from tests.entrypoints.web.conftest import MAX_BODY, MAX_ROWS
from tests.entrypoints.web.open_inference.asking import INFER, infer, tensor

CANARY = "sent-by-the-client"
MEMBERS = {"error", "type", "title", "status", "detail", "code", "request_id", "errors"}


def post(client, body, path=INFER, **kwargs):
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    return client.post(path, data=data, **{"content_type": "application/json", **kwargs})


def told(response):
    """Return code and places after checking that the answer is an error as the protocol and we promise it."""
    body = orjson.loads(response.data)
    assert response.content_type == "application/json"
    assert set(body) == MEMBERS
    assert isinstance(body["error"], str)
    assert body["error"]
    assert body["status"] == response.status_code
    assert body["request_id"] == response.headers["X-Request-Id"]
    assert len(response.data) <= 4096
    assert CANARY.encode() not in response.data
    return body["code"], [error["place"] for error in body["errors"]]


def asking(*tensors, **more):
    return {"inputs": list(tensors), **more}


def but(**members):
    """Return a request whose one tensor is in order but for `members`; those that are None are left out."""
    whole = {**tensor([1, 2], [1, 2]), **members}
    return asking({name: value for name, value in whole.items() if value is not None})


GOOD = tensor([1, 2], [1, 2])
BMI, BP = tensor([1, 3], [2], "bmi"), tensor([2, 4], [2], "bp")

FORM = [
    (b"", "empty_body", []),
    (b"{", "bad_json", []),
    (b'{"inputs": [NaN]}', "bad_json", []),
    (b'{"inputs": "\xff"}', "invalid_encoding", []),
    (b"[" * 1500 + b"]" * 1500, "too_deep", []),
    ([], "not_object", ["the body"]),
    (None, "not_object", ["the body"]),
    (CANARY, "not_object", ["the body"]),
    ({}, "missing_field", ["inputs"]),
    ({"X": [1]}, "missing_field", ["inputs", "X"]),
    ({"inputs": [GOOD], CANARY: 1}, "unknown_field", ["…"]),
    ({"inputs": None}, "wrong_type", ["inputs"]),
    ({"inputs": CANARY}, "wrong_type", ["inputs"]),
    ({"inputs": GOOD}, "wrong_type", ["inputs"]),
    ({"inputs": []}, "missing_field", ["inputs"]),
    (asking([1, 2]), "wrong_type", ["inputs[0]"]),
    (asking(None), "wrong_type", ["inputs[0]"]),
    (asking(GOOD, CANARY), "wrong_type", ["inputs[1]"]),
    (asking({}), "missing_field", [f"inputs[0].{name}" for name in ("name", "shape", "datatype", "data")]),
    (but(data=None), "missing_field", ["inputs[0].data"]),
    (but(name=None), "missing_field", ["inputs[0].name"]),
    (but(shape=None), "missing_field", ["inputs[0].shape"]),
    (but(datatype=None), "missing_field", ["inputs[0].datatype"]),
    (but(dtype="FP64"), "unknown_field", ["inputs[0].dtype"]),
    (but(**{CANARY: 1}), "unknown_field", ["inputs[0].…"]),
    (but(name=1), "wrong_type", ["inputs[0].name"]),
    (but(name=["X"]), "wrong_type", ["inputs[0].name"]),
    (but(datatype="float64"), "wrong_type", ["inputs[0].datatype"]),
    (but(datatype="fp64"), "wrong_type", ["inputs[0].datatype"]),
    (but(datatype=CANARY), "wrong_type", ["inputs[0].datatype"]),
    (but(datatype=["FP64"]), "wrong_type", ["inputs[0].datatype"]),
    (but(datatype="FP16"), "wrong_type", ["inputs[0].datatype"]),
    (but(datatype="BOOL", data=[True, False]), "wrong_type", ["inputs[0].datatype"]),
    (but(datatype="BYTES", data=[CANARY, CANARY]), "wrong_type", ["inputs[0].datatype"]),
    (but(shape=2), "wrong_type", ["inputs[0].shape"]),
    (but(shape=[]), "wrong_type", ["inputs[0].shape"]),
    (but(shape=["1", "2"]), "wrong_type", ["inputs[0].shape"]),
    (but(shape=[1.0, 2.0]), "wrong_type", ["inputs[0].shape"]),
    (but(shape=[True, 2]), "wrong_type", ["inputs[0].shape"]),
    (but(shape=[-1, 2]), "wrong_type", ["inputs[0].shape"]),
    (but(shape=[-1, -2]), "wrong_type", ["inputs[0].shape"]),
    (but(shape=[1, 1, 2]), "wrong_shape", ["inputs[0].shape"]),
    (but(shape=[1, 3]), "wrong_shape", ["inputs[0].data"]),
    (but(shape=[2, 2]), "wrong_shape", ["inputs[0].data"]),
    (but(shape=[0, 2]), "wrong_shape", ["inputs[0].data"]),
    (but(shape=[1, 2**31 - 1]), "wrong_shape", ["inputs[0].data"]),
    (but(data={}), "wrong_type", ["inputs[0].data"]),
    (but(data=CANARY), "wrong_type", ["inputs[0].data"]),
    (but(data=1.5, shape=[1]), "wrong_type", ["inputs[0].data"]),
    (but(data=[]), "wrong_shape", ["inputs[0].data"]),
    (but(data=[1]), "wrong_shape", ["inputs[0].data"]),
    (but(data=[1, 2, 3]), "wrong_shape", ["inputs[0].data"]),
    (but(data=[True, 2]), "wrong_type", ["inputs[0].data[0]"]),
    (but(data=[1, None]), "wrong_type", ["inputs[0].data[1]"]),
    (but(data=[CANARY, "2"]), "wrong_type", ["inputs[0].data[0]", "inputs[0].data[1]"]),
    (but(data=[1, [2]]), "wrong_shape", ["inputs[0].data[1]"]),
    (but(data=[1, {CANARY: 2}]), "wrong_shape", ["inputs[0].data[1]"]),
    (but(data=[[1], [2]]), "wrong_shape", ["inputs[0].data"]),
    (but(data=[[1, 2], []]), "wrong_shape", ["inputs[0].data"]),
    (but(data=[[1, 2], [3, 4]]), "wrong_shape", ["inputs[0].data"]),
    (but(data=[[1, 2], [3, 4]], shape=[3, 2]), "wrong_shape", ["inputs[0].data"]),
    (but(data=[[1, 2], 3]), "wrong_shape", ["inputs[0].data[0]"]),
    (but(data=[[1, 2, 3]]), "wrong_shape", ["inputs[0].data"]),
    (but(data=[[1, CANARY]]), "wrong_type", ["inputs[0].data[0][1]"]),
    (but(data=[[[1, 2]]]), "wrong_shape", ["inputs[0].data"]),
    (but(data=[[1, [2]]]), "wrong_shape", ["inputs[0].data[0][1]"]),
    (but(data=[[1], [2]], shape=[2]), "wrong_shape", ["inputs[0].data[0]", "inputs[0].data[1]"]),
    (but(datatype="INT32", data=[1, 2.5]), "wrong_type", ["inputs[0].data[1]"]),
    (but(datatype="UINT8", data=[1, True]), "wrong_type", ["inputs[0].data[1]"]),
    (but(parameters=[]), "wrong_type", ["inputs[0].parameters"]),
    (but(parameters={"headers": {CANARY: 1}}), "wrong_type", ["inputs[0].parameters.headers"]),
    (
        asking({"name": "X", "shape": [1, 2], "datatype": "FP64", "parameters": {"binary_data_size": 16}}),
        "missing_field",
        ["inputs[0].data"],
    ),
    (asking(BMI, BMI), "duplicate_key", ["inputs[1].name"]),
    (asking(BMI, tensor([2], [1], "bp")), "wrong_shape", ["inputs[1].shape"]),
    (asking(BMI, tensor([1, 2, 3, 4], [2, 2], "bp")), "wrong_shape", ["inputs[1].shape"]),
    (asking(GOOD, GOOD), "wrong_shape", ["inputs[0].shape", "inputs[1].name", "inputs[1].shape"]),
    (asking(GOOD, id=42), "wrong_type", ["id"]),
    (asking(GOOD, id="<b>" + CANARY), "wrong_type", ["id"]),
    (asking(GOOD, id="a\n" + CANARY), "wrong_type", ["id"]),
    (asking(GOOD, id="é" + CANARY), "wrong_type", ["id"]),
    (asking(GOOD, id="x" * 129), "wrong_type", ["id"]),
    (asking(GOOD, id=["a"]), "wrong_type", ["id"]),
    (asking(GOOD, parameters=[1]), "wrong_type", ["parameters"]),
    (asking(GOOD, parameters={"a": None}), "wrong_type", ["parameters.a"]),
    (asking(GOOD, parameters={CANARY: []}), "wrong_type", ["parameters.…"]),
    (asking(GOOD, outputs={"name": "result"}), "wrong_type", ["outputs"]),
    (asking(GOOD, outputs=["result"]), "wrong_type", ["outputs[0]"]),
    (asking(GOOD, outputs=[{}]), "missing_field", ["outputs[0].name"]),
    (asking(GOOD, outputs=[{"name": 1}]), "wrong_type", ["outputs[0].name"]),
    (asking(GOOD, outputs=[{"name": CANARY}]), "unknown_field", ["outputs[0].name"]),
    (asking(GOOD, outputs=[{"name": "result", CANARY: 1}]), "unknown_field", ["outputs[0].…"]),
    (asking(GOOD, outputs=[{"name": "result"}, {"name": "y"}]), "unknown_field", ["outputs[1].name"]),
    (asking(GOOD, outputs=[{"name": "result", "parameters": 1}]), "wrong_type", ["outputs[0].parameters"]),
    (asking(GOOD, outputs=["x"] * 100), "wrong_type", [f"outputs[{number}]" for number in range(10)]),
]


@pytest.mark.parametrize(("body", "code", "places"), FORM, ids=[f"{n}-{code}" for n, (_, code, _) in enumerate(FORM)])
def test_wrong_form_is_400_and_names_the_places(two_features, body, code, places):
    response = post(two_features, body)

    got, where = told(response)
    assert (response.status_code, got) == (400, code)
    assert sorted(where) == sorted(places)


MEANING = [
    (but(shape=[2], data=[1, 2]), "wrong_feature_count", ["X[0]"]),
    (but(shape=[2, 1]), "wrong_feature_count", ["X[0]"]),
    (but(shape=[1, 3], data=[1, 2, 3]), "wrong_feature_count", ["X[0]"]),
    (but(shape=[0, 3], data=[]), "wrong_feature_count", ["X[0]"]),
    (but(shape=[0, 2**31 - 1], data=[]), "wrong_feature_count", ["X[0]"]),
    (but(shape=[7, 0], data=[]), "wrong_feature_count", ["X[0]"]),
    (asking(BMI), "missing_field", ["inputs.bp"]),
    (asking(BMI, tensor([2, 4], [2], "bq")), "unknown_field", ["inputs.bq"]),
    (asking(BMI, BP, tensor([2, 4], [2], "age")), "unknown_field", ["inputs.age"]),
    (asking(BMI, BP, tensor([2, 4], [2], CANARY)), "unknown_field", ["inputs.…"]),
    (asking(tensor([2, 4], [2], "input-0")), "unknown_field", ["inputs.…"]),
    (but(datatype="INT8", data=[1, 128]), "out_of_range", ["inputs[0].data[1]"]),
    (but(datatype="UINT64", data=[-1, 2]), "out_of_range", ["inputs[0].data[0]"]),
    (but(datatype="INT64", data=[[1, 2**63]]), "out_of_range", ["inputs[0].data[0][1]"]),
    (but(datatype="FP32", data=[1, 1e39]), "out_of_range", ["inputs[0].data[1]"]),
    (but(data=[1, 1.1e300]), "out_of_range", ["X[0].bp"]),
    (asking(BMI, tensor([0, -1e301], [2], "bp")), "out_of_range", ["X[1].bp"]),
    (but(data=[1e300, 1]), "result_not_finite", ["X[0]"]),
    (but(shape=[0, 2**31], data=[]), "out_of_range", ["inputs[0].shape"]),
    (but(shape=[0, 2**64 - 1], data=[]), "out_of_range", ["inputs[0].shape"]),
    (but(shape=[MAX_ROWS + 1, 2], data=[]), "too_many_rows", ["inputs[0].shape"]),
    (but(shape=[2**64 - 1, 0], data=[]), "too_many_rows", ["inputs[0].shape"]),
    (but(shape=[MAX_ROWS + 1, 1], data=[1] * (MAX_ROWS + 1)), "too_many_rows", ["inputs[0].shape"]),
]


@pytest.mark.parametrize(
    ("body", "code", "places"), MEANING, ids=[f"{n}-{code}" for n, (_, code, _) in enumerate(MEANING)]
)
def test_wrong_meaning_is_422_and_names_the_places(serving, body, code, places):
    # A steep slope: features that may be sent overflow the prediction.
    response = post(serving(LinearModel([1e9, -0.1], 0.0, ("bmi", "bp"))), body)

    assert (response.status_code, *told(response)) == (422, code, places)


def test_lists_that_no_number_of_rows_explains_are_refused_before_they_are_made(two_features, mocker):
    loads = mocker.patch("entrypoints.web.body.orjson.loads", autospec=True)

    response = post(two_features, b'{"inputs": [' + b"[]," * (MAX_ROWS + 5_000) + b"1]}")

    loads.assert_not_called()
    mocker.stopall()
    assert (response.status_code, *told(response)) == (422, "too_many_rows", ["the body"])


@pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"9" * 5000])
@pytest.mark.parametrize("datatype", [b"FP64", b"FP32"])
def test_number_beyond_a_float_is_named_by_row_and_feature(two_features, number, datatype):
    body = b'{"inputs": [{"name": "X", "shape": [2, 2], "datatype": "%b", "data": [1, 2, 3, %b]}]}' % (datatype, number)

    assert told(post(two_features, body)) == ("not_finite", ["X[1].bp"])


@pytest.mark.parametrize(
    "body",
    [
        b'{"inputs": [], "inputs": [{"name": "X", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]}]}',
        b'{"inputs": [{"name": "X", "name": "X", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]}]}',
        b'{"inputs": [{"name": "X", "shape": [1, 2], "datatype": "FP64", "data": [3, 4], "d\\u0061ta": [1, 2]}]}',
        b'{"inputs": [{"name": "X", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]}], "id": "a", "id": "b"}',
        b'{"parameters": {"a": 1, "a": 2}, '
        b'"inputs": [{"name": "X", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]}]}',
        b'{"outputs": [{"name": "result", "name": "result"}], '
        b'"inputs": [{"name": "X", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]}]}',
    ],
)
def test_key_that_is_there_twice_is_refused_at_any_depth(two_features, body):
    assert told(post(two_features, body)) == ("duplicate_key", [])


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        (
            {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": "10"},
            "unsupported_media_type",
        ),
        ({"Content-Type": "application/json", "Inference-Header-Content-Length": "10"}, "unsupported_media_type"),
        ({"Content-Type": "application/octet-stream"}, "unsupported_media_type"),
        ({"Content-Type": "text/csv"}, "unsupported_media_type"),
        ({"Content-Encoding": "gzip"}, "unsupported_encoding"),
    ],
)
def test_other_media_and_tensors_in_binary_are_415(two_features, headers, code):
    response = two_features.post(INFER, data=orjson.dumps(asking(GOOD)), headers=headers)

    assert (response.status_code, *told(response)) == (415, code, [])
    assert ("binary" in response.json["error"]) == ("Inference-Header-Content-Length" in headers)


def test_longer_body_is_413(two_features):
    response = post(two_features, orjson.dumps(asking(GOOD)).ljust(MAX_BODY + 1))

    assert (response.status_code, *told(response)) == (413, "body_too_large", [])


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", INFER, "POST"), ("POST", "/v2", "GET, HEAD"), ("DELETE", "/v2/models/endeavour", "GET, HEAD")],
)
def test_other_methods_are_405(two_features, method, path, allowed):
    response = two_features.open(path, method=method)

    assert (response.status_code, *told(response)) == (405, "method_not_allowed", [])
    assert response.headers["Allow"] == allowed


@pytest.mark.parametrize(
    "path",
    [f"/v2/{CANARY}", "/v2/models", "/v2/models/", f"/v2/models/{CANARY}", f"/v2/models/endeavour/versions/{CANARY}"],
)
def test_other_paths_are_404_in_the_protocols_words(two_features, path):
    response = two_features.get(path)

    assert (response.status_code, *told(response)) == (404, "not_found", [])


def test_path_that_only_begins_alike_is_answered_as_any_other(two_features):
    assert two_features.get("/v2x").content_type == "application/problem+json"


def test_without_a_model_the_body_is_not_read(client, mocker):
    read = mocker.patch.object(infer_module, "read_json", autospec=True)

    response = infer(client, GOOD)

    assert (response.status_code, *told(response)) == (503, "no_model", [])
    read.assert_not_called()


def test_unexpected_exception_is_500_without_details(two_features, mocker):
    mocker.patch.object(infer_module, "read_json", autospec=True, side_effect=RuntimeError(CANARY))

    response = infer(two_features, GOOD)

    assert (response.status_code, *told(response)) == (500, "internal_error", [])


words = st.sampled_from(["X", "bmi", "bp", "result", "FP64", "FP32", "INT8", "UINT64", "BOOL", CANARY, ""])
bounds = st.sampled_from([2.0**63, -(2.0**63), 2.0**64, 2.0**128, 2**63, 127, 128, -128, -129, 0, True])
numbers = (
    st.integers(-(2**63), 2**64 - 1) | st.integers(-3, 300) | st.floats(allow_nan=False, allow_infinity=False) | bounds
)
anything = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
tensors = st.fixed_dictionaries(
    {},
    optional={
        "name": words | anything,
        "shape": st.lists(st.integers(0, 4), max_size=3) | anything,
        "datatype": st.sampled_from(sorted(DATATYPES)) | words | anything,
        "data": st.lists(numbers, max_size=8) | st.lists(st.lists(numbers, max_size=3), max_size=3) | anything,
        "parameters": anything,
    },
)
requests = st.fixed_dictionaries(
    {"inputs": st.lists(tensors, max_size=3) | anything},
    optional={"id": words | anything, "outputs": anything, "parameters": anything},
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.lists(numbers, min_size=1, max_size=4), datatype=st.sampled_from(sorted(DATATYPES)))
def test_no_number_is_a_failure_of_the_server_whatever_the_datatype(one_feature, data, datatype):
    response = infer(one_feature, tensor(data, [len(data)], datatype=datatype))

    assert response.status_code in (200, 400, 422)
    if response.status_code != 200:
        assert told(response)[1]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=requests | anything)
def test_no_request_is_a_failure_of_the_server(two_features, body):
    response = post(two_features, body)

    assert response.status_code in (200, 400, 422)
    if response.status_code != 200:
        told(response)
