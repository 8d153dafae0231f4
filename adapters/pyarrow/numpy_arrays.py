"""Numpy arrays: conversion of arrays of pyarrow without nulls.

`to_numpy` of pyarrow would import pandas where that is installed, which takes half a second.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from domain.data.arrays import Mask


def to_array(cells: pa.Array) -> npt.NDArray[Any]:
    """Return numbers, without a copy."""
    numbers: npt.NDArray[Any] = np.from_dlpack(cells)
    return numbers


def to_mask(answers: pa.Array) -> Mask:
    """Return truth values."""
    return to_array(answers.cast(pa.uint8())).astype(np.bool_)
