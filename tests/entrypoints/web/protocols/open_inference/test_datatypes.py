"""Numbers that a client holds in 32 or 64 bits arrive as they are, written in few digits or in many."""

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from marshmallow import ValidationError

from entrypoints.web.protocols.open_inference.datatypes import DATATYPES
from entrypoints.web.protocols.open_inference.tensors import read_tensor

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


@pytest.mark.parametrize("name", DATATYPES)
def test_array_arrives_as_it_was_flat_and_nested(name):
    @given(finite(DATATYPES[name]))
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


@pytest.mark.parametrize("name", [name for name, datatype in DATATYPES.items() if datatype.is_whole])
def test_whole_numbers_up_to_the_bounds_are_read_and_none_beyond(name):
    bounds = np.iinfo(DATATYPES[name].dtype)
    least, most = int(bounds.min), int(bounds.max)

    assert sent(name, [2], [least, most]).tolist() == [float(least), float(most)]
    for beyond in (least - 1, most + 1):
        # As the JSON parser has it: from 65 bits on, whole numbers are floats.
        value = beyond if -(2**63) <= beyond < 2**64 else float(beyond)
        assert refused(name, [0, value]) == [("out_of_range", ".data[1]")]


def test_whole_numbers_of_64_bits_become_the_nearest_float():
    numbers = [2**53 + 1, 2**63 - 1, 2**62 + 129, -(2**63)]

    assert sent("INT64", [4], numbers).tolist() == [float(number) for number in numbers]


def test_single_precision_ends_where_the_nearest_number_would_be_infinity():
    halfway = 2.0**128 - 2.0**103
    below = float(np.nextafter(halfway, 0))

    assert sent("FP32", [2], [below, -below]).tolist() == [
        float(np.finfo(np.float32).max),
        -float(np.finfo(np.float32).max),
    ]
    assert refused("FP32", [below, halfway, -halfway]) == [("out_of_range", ".data[1]"), ("out_of_range", ".data[2]")]


def test_nearest_of_single_precision_is_taken_also_below_the_least_and_up_to_the_most():
    most = float(np.finfo(np.float32).max)

    assert sent("FP32", [4], [0.1, 1e-60, most, -most]).tolist() == [float(np.float32(0.1)), 0.0, most, -most]


def refused(name, data):
    """Return the codes and places of what is wrong with a flat tensor."""
    with pytest.raises(ValidationError) as caught:
        read_tensor({"name": "x", "shape": [len(data)], "datatype": name, "data": data}, max_rows=1_000)
    return [(fault.code, fault.where) for fault in caught.value.messages]


@pytest.mark.parametrize(
    ("name", "data", "faults"),
    [
        ("FP32", [0.0, 1e39, -1e39], [("out_of_range", ".data[1]"), ("out_of_range", ".data[2]")]),
        ("FP64", [0.0, True, None, "1"], [("wrong_type", f".data[{place}]") for place in (1, 2, 3)]),
        ("FP32", [True], [("wrong_type", ".data[0]")]),
        ("INT32", [1, True], [("wrong_type", ".data[1]")]),
        ("INT32", [1, 1.0], [("wrong_type", ".data[1]")]),
        (
            "INT32",
            [-(2**31) - 1, 2**31, 0.5, []],
            [
                *(("out_of_range", f".data[{n}]") for n in (0, 1)),
                ("wrong_type", ".data[2]"),
                ("wrong_shape", ".data[3]"),
            ],
        ),
        ("INT64", [2.0**63, -(2.0**70), 1], [("out_of_range", f".data[{n}]") for n in range(2)]),
        ("FP64", ["a"] * 50, [("wrong_type", f".data[{n}]") for n in range(10)]),
    ],
)
def test_elements_that_are_none_of_the_datatype_are_named(name, data, faults):
    assert refused(name, data) == faults
