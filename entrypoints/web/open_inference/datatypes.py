"""The datatypes of tensors that hold numbers, and how a list of JSON numbers becomes an array of one."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from domain.dataset import FloatArray
from entrypoints.web.forms import NUMBERS, Fault

# From here on the JSON parser makes floats of whole numbers, so that they look like fractions.
BEYOND_64_BITS = 2.0**63
# The largest number of 64 bits whose nearest of 32 bits is not infinity: half a step above the largest of those.
LARGEST_SINGLE = float(np.nextafter(2.0**128 - 2.0**103, 0))


class Datatype(NamedTuple):
    """A datatype by its name in the protocol, and numpy's type of the same bits."""

    name: str
    dtype: type[np.floating[Any] | np.integer[Any]]
    least: float
    most: float

    @property
    def is_whole(self) -> bool:
        """Whether its numbers have no fraction."""
        return issubclass(self.dtype, np.integer)

    def array(self, values: Sequence[Any]) -> FloatArray | None:
        """Return `values` as float64, or None if `fault` finds one of them wrong.

        A number that FP32 does not have becomes the nearest that it has: what a client holds in 32 bits is the same
        here, whether it was written with 8 digits or with 17.
        """
        if not set(map(type, values)) <= self.types:
            return None
        if self.is_whole:
            try:
                return np.fromiter(values, self.dtype, len(values)).astype(np.float64)
            except OverflowError:
                return None
        exact = np.fromiter(values, np.float64, len(values))
        if self.dtype is np.float64:
            return exact
        # Infinity is the domain's to refuse, as it is for FP64.
        if ((np.abs(exact) > self.most) & np.isfinite(exact)).any():
            return None
        return exact.astype(self.dtype).astype(np.float64)

    def fault(self, value: Any) -> Fault | None:
        """Return what is wrong with `value` as an element of a tensor, if anything is."""
        if type(value) not in NUMBERS:
            nested = isinstance(value, list | dict)
            return Fault("wrong_shape" if nested else "wrong_type", "must be a number")
        if self.is_whole and type(value) is float and abs(value) < BEYOND_64_BITS:
            return Fault("wrong_type", f"must be a whole number, since the datatype is {self.name}")
        if type(value) in self.types and (self.least <= value <= self.most or abs(value) == np.inf):
            return None
        return Fault("out_of_range", f"is beyond the datatype {self.name}")

    @property
    def types(self) -> frozenset[type]:
        """What the JSON parser makes of its numbers."""
        return frozenset((int,)) if self.is_whole else NUMBERS


def _whole(dtype: type[np.integer[Any]]) -> Datatype:
    bounds = np.iinfo(dtype)
    return Datatype(dtype.__name__.upper(), dtype, int(bounds.min), int(bounds.max))


WHOLE: tuple[type[np.integer[Any]], ...] = (
    np.int8,
    np.int16,
    np.int32,
    np.int64,
    np.uint8,
    np.uint16,
    np.uint32,
    np.uint64,
)

DATATYPES = {
    datatype.name: datatype
    for datatype in (
        Datatype("FP64", np.float64, -np.inf, np.inf),
        Datatype("FP32", np.float32, -LARGEST_SINGLE, LARGEST_SINGLE),
        *(_whole(dtype) for dtype in WHOLE),
    )
}
