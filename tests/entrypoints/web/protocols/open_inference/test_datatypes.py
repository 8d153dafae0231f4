"""Numbers that a client holds in 32 or 64 bits arrive as they are, written in few digits or in many."""

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from entrypoints.web.protocols.open_inference.datatypes import NUMBER_DATATYPES
from entrypoints.web.protocols.open_inference.tensors import read_tensor
from entrypoints.web.wire.object_schema import InvalidFieldError

shapes = array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=6)


def finite(datatype):
    """Return a strategy for arrays of the datatype, without NaN and infinity, which JSON has not."""
    dtype = np.dtype(datatype.dtype)
    bits = 8 * dtype.itemsize
    elements = None if datatype.is_whole else st.floats(width=bits, allow_nan=False, allow_infinity=False)
    return shapes.flatmap(lambda shape: arrays(dtype, shape, elements=elements))


def sent(name, shape, data):
    """Return the array that arrives when the client's JSON library writes `data`."""
    value = orjson.loads(orjson.dumps({"name": "x", "shape": list(shape), "datatype": name, "data": data}))
    return read_tensor(value, max_rows=1_000).values


@pytest.mark.parametrize("name", NUMBER_DATATYPES)
def test_array_arrives_as_it_was_flat_and_nested(name):
    @given(finite(NUMBER_DATATYPES[name]))
    def arrives(array):
        expected = array.astype(np.float64)

        flat = sent(name, array.shape, array.ravel().tolist())
        nested = sent(name, array.shape, array.tolist())

        assert flat.dtype == nested.dtype == np.float64
        assert flat.shape == nested.shape == array.shape
        assert flat.tobytes() == nested.tobytes() == expected.tobytes()

    arrives()


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=20))
def test_single_precision_is_the_same_in_few_digits_and_in_many(numbers):
    short = [float(repr(np.float32(number)).removeprefix("np.float32(").rstrip(")")) for number in numbers]

    assert sent("FP32", [len(numbers)], short).tobytes() == np.array(numbers).tobytes()


@pytest.mark.parametrize("name", ["INT32", "INT64"])
def test_whole_numbers_up_to_the_bounds_are_read_and_none_beyond(name):
    bounds = np.iinfo(NUMBER_DATATYPES[name].dtype)
    least, most = int(bounds.min), int(bounds.max)

    assert sent(name, [2], [least, most]).tolist() == [float(least), float(most)]
    for beyond in (least - 1, most + 1):
        # From 65 bits on, the JSON parser makes floats.
        value = beyond if -(2**63) <= beyond < 2**64 else float(beyond)
        assert refused(name, [0, value]) == [("out_of_range", ".data[1]")]


def test_single_precision_ends_where_the_nearest_number_would_be_infinity():
    halfway = 2.0**128 - 2.0**103
    below = float(np.nextafter(halfway, 0))

    most = float(np.finfo(np.float32).max)
    assert sent("FP32", [4], [below, -below, 0.1, 1e-60]).tolist() == [most, -most, float(np.float32(0.1)), 0.0]
    assert refused("FP32", [below, halfway, -halfway]) == [("out_of_range", ".data[1]"), ("out_of_range", ".data[2]")]


def refused(name, data):
    """Return the codes and places of the errors of a flat tensor."""
    with pytest.raises(InvalidFieldError) as caught:
        read_tensor({"name": "x", "shape": [len(data)], "datatype": name, "data": data}, max_rows=1_000)
    return [(error.code, error.where) for error in caught.value.messages]


def test_values_that_the_datatype_lacks_are_named():
    wrong_type, out_of_range = "wrong_type", "out_of_range"
    for name, data, errors in (
        ("FP64", [0.0, True, None, "1"], [(wrong_type, 1), (wrong_type, 2), (wrong_type, 3)]),
        ("FP32", [True], [(wrong_type, 0)]),
        ("FP32", [0.0, 1e39, -1e39], [(out_of_range, 1), (out_of_range, 2)]),
        ("INT32", [1, True, 1.0], [(wrong_type, 1), (wrong_type, 2)]),
        ("INT32", [0.5, []], [(wrong_type, 0), ("wrong_shape", 1)]),
        ("INT64", [2.0**63, -(2.0**70), 1], [(out_of_range, 0), (out_of_range, 1)]),
        ("FP64", ["a"] * 50, [(wrong_type, number) for number in range(10)]),
    ):
        assert refused(name, data) == [(code, f".data[{number}]") for code, number in errors], (name, data)
