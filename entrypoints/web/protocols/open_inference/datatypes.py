"""Datatypes of tensors: convert lists of JSON values to arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from domain.data.arrays import FloatArray
from domain.data.columns import Kind
from domain.features.cells import NUMBER_TYPES
from entrypoints.web.wire.object_schema import FieldError

# The JSON parser makes floats of larger whole numbers, so that they look like fractions.
MAX_WHOLE_FLOAT = 2.0**63
# The largest 64-bit number whose nearest 32-bit number is not infinity: half a step above the largest of those.
MAX_FLOAT32 = float(np.nextafter(2.0**128 - 2.0**103, 0))


@dataclass(frozen=True, slots=True)
class NumberDatatype:
    """A datatype of numbers by its name in the protocol, with numpy's type of the same bits and its bounds."""

    name: str
    dtype: type[np.floating[Any] | np.integer[Any]]
    minimum: float
    maximum: float

    @property
    def is_whole(self) -> bool:
        """Whether its numbers have no fraction."""
        return issubclass(self.dtype, np.integer)

    def array(self, values: Sequence[Any]) -> FloatArray | None:
        """Return `values` as float64, or None if `error` returns an error for one of them.

        FP32 numbers are rounded to the nearest: a client's 32-bit number is read exactly, written with 8 digits or with
        17.
        """
        if not set(map(type, values)) <= self._types:
            return None
        try:
            exact = np.fromiter(values, np.int64 if self.is_whole else np.float64, len(values))
        except OverflowError:  # a whole number beyond 64 bits
            return None
        return self.rounded(exact)

    def rounded(self, exact: npt.NDArray[Any]) -> FloatArray | None:
        """Return the nearest numbers of the datatype as float64, or None if one is beyond its bounds."""
        is_bounded = self.maximum < np.inf
        if is_bounded and ((exact < self.minimum) | (exact > self.maximum)).any():
            return None
        return exact.astype(self.dtype, copy=False).astype(np.float64, copy=False)

    def error(self, value: Any) -> FieldError | None:
        """Return the error of `value` as an element of a tensor, None if it is valid."""
        if type(value) not in NUMBER_TYPES:
            nested = isinstance(value, list | dict)
            return FieldError("wrong_shape" if nested else "wrong_type", "must be a number")
        if self.is_whole and type(value) is float and abs(value) < MAX_WHOLE_FLOAT:
            return FieldError("wrong_type", f"must be a whole number, because the datatype is {self.name}")
        if type(value) in self._types and self.minimum <= value <= self.maximum:
            return None
        return FieldError("out_of_range", f"is beyond the datatype {self.name}")

    @property
    def _types(self) -> frozenset[type]:
        """Python's types of its numbers, as the JSON parser makes them."""
        return frozenset((int,)) if self.is_whole else NUMBER_TYPES


@dataclass(frozen=True, slots=True)
class CellDatatype:
    """A datatype whose elements are cells as JSON has them: texts, or true and false."""

    name: str
    type: type
    expected: str

    def array(self, values: Sequence[Any]) -> npt.NDArray[np.object_] | None:
        """Return `values` as they are, or None if `error` returns an error for one of them."""
        if not set(map(type, values)) <= {self.type}:
            return None
        return np.fromiter(values, object, len(values))

    def error(self, value: Any) -> FieldError | None:
        """Return the error of `value` as an element of a tensor, None if it is valid."""
        if type(value) is self.type:
            return None
        nested = isinstance(value, list | dict)
        return FieldError("wrong_shape" if nested else "wrong_type", f"must be {self.expected}")


Datatype = NumberDatatype | CellDatatype

NUMBER_DATATYPES = {
    datatype.name: datatype
    for datatype in (
        NumberDatatype("FP64", np.float64, -np.inf, np.inf),
        NumberDatatype("FP32", np.float32, -MAX_FLOAT32, MAX_FLOAT32),
        NumberDatatype("INT64", np.int64, -(2**63), 2**63 - 1),
        NumberDatatype("INT32", np.int32, -(2**31), 2**31 - 1),
    )
}
DATATYPES: Mapping[str, Datatype] = {
    **NUMBER_DATATYPES,
    "BOOL": CellDatatype("BOOL", bool, "true or false"),
    "BYTES": CellDatatype("BYTES", str, "a string"),
}
DATATYPE_OF_KIND: Mapping[Kind, str] = {"number": "FP64", "boolean": "BOOL", "category": "BYTES", "datetime": "BYTES"}
"""Datatypes that the metadata names."""
