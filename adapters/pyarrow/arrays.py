"""Arrays: conversion of arrays of pyarrow from and to numpy's and Python's, without pandas.

The conversions of pyarrow itself, `pyarrow.array`, `pyarrow.scalar` and `to_numpy`, import pandas where that is
installed, which takes half a second.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from domain.data.arrays import Mask, Numbers


def to_array(cells: pa.Array) -> npt.NDArray[Any]:
    """Return numbers without nulls, without a copy."""
    numbers: npt.NDArray[Any] = np.from_dlpack(cells)
    return numbers


def to_mask(answers: pa.Array) -> Mask:
    """Return truth values without nulls."""
    return to_array(answers.cast(pa.uint8())).astype(np.bool_)


def is_null(cells: pa.Array) -> Mask:
    """Return a mask of the nulls."""
    return to_mask(cells.is_null())


def filled(cells: pa.Array, value: float) -> npt.NDArray[Any]:
    """Return numbers with `value` in place of null."""
    if not cells.null_count:
        return to_array(cells)
    without_mask = [None, cells.buffers()[1]]
    numbers = to_array(pa.Array.from_buffers(cells.type, len(cells), without_mask, offset=cells.offset)).copy()
    numbers[is_null(cells)] = value
    return numbers


def from_array(values: Numbers | npt.NDArray[np.integer], null: Mask | None = None) -> pa.Array:
    """Return numbers, null where the mask `null` is true."""
    buffers = [None if null is None else _bits(~null), pa.py_buffer(np.ascontiguousarray(values))]
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), buffers)


def from_mask(answers: Mask) -> pa.Array:
    """Return truth values."""
    return pa.Array.from_buffers(pa.bool_(), len(answers), [None, _bits(answers)])


def from_texts(texts: Sequence[str | None]) -> pa.Array:
    """Return texts, null for None."""
    codes = [b"" if text is None else text.encode() for text in texts]
    offsets = np.zeros(len(codes) + 1, np.int32)
    np.cumsum([len(code) for code in codes], out=offsets[1:])
    filled = None if None not in texts else _bits(np.array([text is not None for text in texts]))
    return pa.Array.from_buffers(
        pa.string(), len(codes), [filled, pa.py_buffer(offsets), pa.py_buffer(b"".join(codes))]
    )


def _bits(answers: Mask) -> pa.Buffer:
    return pa.py_buffer(np.packbits(answers, bitorder="little"))
