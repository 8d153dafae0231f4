"""Number columns: the types of pyarrow that are numbers, and their conversion to numpy."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from domain.data.arrays import Numbers
from domain.data.errors import InvalidCell, UnreadableData


def require_number_types(types: dict[str, pa.DataType], place: str) -> None:
    """Raise `UnreadableData` for the first column whose type is not a number."""
    for name, kind in types.items():
        if not (_is_number(kind) or pa.types.is_decimal(kind)):
            raise UnreadableData(
                place, f"column {name!r} holds {kind}, not numbers; convert it, or leave it out of the features"
            )


def number_type(types: Iterable[pa.DataType]) -> npt.DTypeLike:
    """Return float32 if all columns are that, else float64."""
    return np.float32 if all(pa.types.is_float32(kind) for kind in types) else np.float64


def numbers(column: pa.Array, dtype: npt.DTypeLike) -> Numbers:
    """Return a column without empty cells as numbers, without a copy if they are of the type `dtype`."""
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        column = column.cast(pa.float64())
    # `to_numpy` would import pandas where that is installed, which takes half a second.
    values: Numbers = np.from_dlpack(column).astype(dtype, copy=False)
    return values


def require_filled(column: pa.Array, name: str, first: int, place: str) -> None:
    """Raise `InvalidCell` for the first empty cell; `first` is the number of the column's first row, counted from 0."""
    if column.null_count:
        row = column.is_null().to_pylist().index(True)
        raise InvalidCell(first + row + 1, name, "the cell is empty", place)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind))
