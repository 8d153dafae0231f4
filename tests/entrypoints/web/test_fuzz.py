"""Random bytes, JSON and tensors are answered with 200, or with a problem that blames the client."""

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st

from entrypoints.web.protocols.open_inference.datatypes import DATATYPES
from tests.entrypoints.web.test_refusals import post, told
from tests.support.web.open_inference import INFER, infer, tensor
from tests.support.web.refusals import CANARY

numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**64 - 1)
scalars = st.none() | st.booleans() | numbers | st.text(max_size=5)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
)
rows = numbers | st.lists(numbers, max_size=3) | st.dictionaries(st.sampled_from(["bmi", "bp", "more"]), numbers)
bodies = st.binary(max_size=64) | st.builds(
    orjson.dumps, values | st.fixed_dictionaries({"X": values | rows | st.lists(rows, max_size=4)})
)
pieces = st.lists(
    st.sampled_from([b'"X"', b":", b"{", b"}", b"[", b"]", b",", b"1e308", b"-0", b'"bmi"', b"null"]), max_size=12
)

quickly = settings(max_examples=200)


@quickly
@given(body=bodies | pieces.map(b"".join))
@example(b'{"X": {"bmi": 1e400}}')
def test_no_body_is_a_failure_of_the_server(two_features, body):
    for path in ("/stream", "/batch"):
        response = two_features.post(path, data=body)

        assert response.status_code in (200, 400, 422)
        if response.status_code == 200:
            assert set(orjson.loads(response.data)) == {"result"}
        else:
            told(response)


@quickly
@given(batch=st.lists(st.lists(st.floats(-1e300, 1e300), min_size=2, max_size=2), max_size=5))
def test_batch_is_stream_of_each(two_features, batch):
    together = two_features.post("/batch", data=orjson.dumps({"X": batch}))
    apart = [two_features.post("/stream", data=orjson.dumps({"X": row})) for row in batch]

    assert together.json["result"] == [one.json["result"] for one in apart]


words = st.sampled_from(["X", "bmi", "bp", "result", "FP64", "FP32", "INT8", "INT32", "INT64", "BOOL", CANARY, ""])
bounds = st.sampled_from([2.0**63, -(2.0**63), 2.0**64, 2.0**128, 2**63, 127, 128, -128, -129, 0, True])
of_datatypes = (
    st.integers(-(2**63), 2**64 - 1) | st.integers(-3, 300) | st.floats(allow_nan=False, allow_infinity=False) | bounds
)
anything = st.recursive(
    st.none() | st.booleans() | of_datatypes | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
flat = st.lists(of_datatypes, max_size=8)
tensors = st.fixed_dictionaries(
    {},
    optional={
        "name": words | anything,
        "shape": st.lists(st.integers(0, 4), max_size=3) | anything,
        "datatype": st.sampled_from(sorted(DATATYPES)) | words | anything,
        "data": st.lists(of_datatypes, max_size=8)
        | st.lists(st.lists(of_datatypes, max_size=3), max_size=3)
        | anything,
        "parameters": anything,
    },
)
requests = st.fixed_dictionaries(
    {"inputs": st.lists(tensors, max_size=3) | anything},
    optional={"id": words | anything, "outputs": anything, "parameters": anything},
)


@quickly
@given(data=st.lists(of_datatypes, min_size=1, max_size=4), datatype=st.sampled_from(sorted(DATATYPES)))
def test_no_number_is_a_failure_of_the_server_with_any_datatype(one_feature, data, datatype):
    response = infer(one_feature, tensor(data, [len(data)], datatype=datatype))

    assert response.status_code in (200, 400, 422)
    if response.status_code != 200:
        assert told(response)[2]


@quickly
@given(body=requests | anything)
def test_no_request_for_inference_is_a_failure_of_the_server(two_features, body):
    response = post(two_features, INFER, body)

    assert response.status_code in (200, 400, 422)
    if response.status_code != 200:
        told(response)
