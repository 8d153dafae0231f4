"""Arrays of tables: their types, a block of rows, read-only copies and views, finite and known values."""

from math import isfinite, isnan
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.floating]
Mask = npt.NDArray[np.bool_]


class Block(NamedTuple):
    """Some rows at once: `features` of shape (n, d) and `target` of shape (n,), float64 or float32.

    The next block of an iterator may overwrite this one.
    """

    features: Numbers
    target: Numbers


def read_only(values: npt.ArrayLike) -> FloatArray:
    """Return a read-only, C-ordered float64 copy of `values`."""
    array = np.array(values, dtype=np.float64, order="C")
    array.setflags(write=False)
    return array


def read_only_view(values: npt.ArrayLike) -> Numbers:
    """Return floats as a read-only view, without a copy; other numbers as float64.

    Masked values become NaN; text, times and complex numbers raise `ValueError`.
    """
    if isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(np.float64), np.nan)
    array = np.asarray(values)
    if array.dtype.kind not in "biufO":
        raise ValueError(f"{array.dtype} does not hold numbers to learn from")
    if array.dtype not in (np.float64, np.float32):
        array = array.astype(np.float64)
    view: Numbers = array.view()
    view.setflags(write=False)
    return view


def all_finite_fast(values: FloatArray) -> bool:
    """Return True, after one pass, if the sum of the squares is finite; after False, the caller validates each value.

    A finite sum means that all values are finite and no larger than 1e154 in magnitude.

    Examples
    --------
    >>> all_finite_fast(np.array([0.5, -3.0])), all_finite_fast(np.array([0.5, np.nan]))
    (True, False)
    """
    return isfinite(np.vdot(values, values))


def known(values: FloatArray) -> tuple[float | None, ...]:
    """Return the values, None for NaN.

    Examples
    --------
    >>> known(np.array([0.5, np.nan]))
    (0.5, None)
    """
    return tuple(None if isnan(value) else value for value in values.tolist())
