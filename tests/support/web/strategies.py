"""Hypothesis strategies of request bodies: random bytes, and JSON that resembles valid bodies."""

import orjson
from hypothesis import strategies as st

from entrypoints.web.protocols.open_inference.datatypes import DATATYPES

numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**64 - 1)
scalars = st.none() | st.booleans() | numbers | st.text(max_size=5)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
)
rows = numbers | st.lists(numbers, max_size=3) | st.dictionaries(st.sampled_from(["bmi", "bp", "more"]), numbers)
tokens = st.sampled_from([b'"X"', b":", b"{", b"}", b"[", b"]", b",", b"1e308", b"-0", b'"bmi"', b"null"])
bodies = (
    st.binary(max_size=64)
    | st.lists(tokens, max_size=12).map(b"".join)
    | st.builds(orjson.dumps, values | st.fixed_dictionaries({"X": values | rows | st.lists(rows, max_size=4)}))
)

names = st.sampled_from(["X", "bmi", "bp", "result", "FP64", "FP32", "INT8", "INT32", "INT64", "BOOL", "a b", ""])
bounds = st.sampled_from([2.0**63, -(2.0**63), 2.0**64, 2.0**128, 2**63, 127, 128, -128, -129, 0, True])
elements = numbers | st.integers(-3, 300) | bounds
anything = st.recursive(
    st.none() | st.booleans() | elements | names,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
tensors = st.fixed_dictionaries(
    {},
    optional={
        "name": names | anything,
        "shape": st.lists(st.integers(0, 4), max_size=3) | anything,
        "datatype": st.sampled_from(sorted(DATATYPES)) | names | anything,
        "data": st.lists(elements, max_size=8) | st.lists(st.lists(elements, max_size=3), max_size=3) | anything,
        "parameters": anything,
    },
)
flat_tensors = st.builds(
    lambda data, datatype: {"name": "X", "shape": [1, len(data)], "datatype": datatype, "data": data},
    st.lists(elements, min_size=1, max_size=4),
    st.sampled_from(sorted(DATATYPES)),
)
inference_bodies = st.builds(
    orjson.dumps,
    st.fixed_dictionaries(
        {"inputs": st.lists(flat_tensors, min_size=1, max_size=1) | st.lists(tensors, max_size=3) | anything},
        optional={"id": names | anything, "outputs": anything, "parameters": anything},
    )
    | anything,
)

columns = st.sampled_from(["bmi", "bp", "age"])
integers = st.integers(-(2**63), 2**64 - 1)
tables = st.one_of(
    st.fixed_dictionaries(
        {"data": st.lists(st.lists(integers | st.none(), max_size=3), max_size=3)},
        optional={
            "columns": st.lists(st.sampled_from(["bmi", "bp", "age", None, 3]), max_size=4),
            "index": st.lists(integers, max_size=3),
        },
    ),
    st.dictionaries(columns, st.lists(st.floats(), max_size=2) | integers),
    st.lists(st.dictionaries(columns, st.floats()), max_size=3),
)


def table_bodies(forms):
    """Return bodies with a table in one of `forms`, or a value in its place."""
    form, others = st.sampled_from(list(forms)), st.dictionaries(st.sampled_from(["params", "a"]), values)
    made = st.builds(lambda name, value, more: {name: value, **more}, form, values | tables, others)
    return st.builds(orjson.dumps, made)
