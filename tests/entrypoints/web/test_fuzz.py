"""Whatever the bytes, the server answers with 200, or with a problem that blames the client."""

import orjson
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

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

quickly = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quickly
@given(body=bodies | pieces.map(b"".join))
@example(b'{"X": {"bmi": 1e400}}')
def test_no_body_is_a_failure_of_the_server(two_features, body):
    for path in ("/stream", "/batch"):
        response = two_features.post(path, data=body)

        assert response.status_code in (200, 400, 422)
        told = orjson.loads(response.data)
        assert set(told) == {"result"} if response.status_code == 200 else len(response.data) <= 4096


@quickly
@given(batch=st.lists(st.lists(st.floats(-1e300, 1e300), min_size=2, max_size=2), max_size=5))
def test_batch_is_stream_of_each(two_features, batch):
    together = two_features.post("/batch", data=orjson.dumps({"X": batch}))
    apart = [two_features.post("/stream", data=orjson.dumps({"X": row})) for row in batch]

    assert together.json["result"] == [one.json["result"] for one in apart]
