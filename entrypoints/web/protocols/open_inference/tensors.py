"""Tensors: JSON to arrays, without a Python step for each value."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from math import prod
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from domain.data.arrays import FloatArray
from entrypoints.web.protocols.open_inference.datatypes import (
    DATATYPES,
    NUMBER_DATATYPES,
    Datatype,
    NumberDatatype,
)
from entrypoints.web.wire.invalid_chunks import in_invalid_chunks
from entrypoints.web.wire.json_body import too_many_rows_detail
from entrypoints.web.wire.number_list import NumberList
from entrypoints.web.wire.object_schema import FieldError, InvalidFieldError, safe_key
from entrypoints.web.wire.problems import MAX_ERRORS

REQUIRED_KEYS = ("name", "shape", "datatype", "data")
KNOWN_KEYS = frozenset((*REQUIRED_KEYS, "parameters"))
MISSING_DETAILS: Mapping[str, str] = {"data": "is missing; binary data are not read"}
MAX_DIMENSIONS, MAX_DIMENSION = 2, 2**31 - 1


class Tensor(NamedTuple):
    """An array and its name."""

    name: str
    values: npt.NDArray[Any]
    """Numbers or objects, of shape (n_rows,) or (n_rows, n_columns); NaN or None where an element is null."""

    @property
    def columns(self) -> int:
        """The number of columns; 1 without a second dimension."""
        return self.values.shape[1] if self.values.ndim == MAX_DIMENSIONS else 1


def read_tensor(value: Any, max_rows: int, where: str = "", *, plain: bool = True) -> Tensor:
    """Return the tensor at the place `where`, or raise `InvalidFieldError`; a `plain` one has numbers and no null."""
    datatypes = NUMBER_DATATYPES if plain else DATATYPES
    if errors := list(_member_errors(value, datatypes, where)):
        raise InvalidFieldError(*errors)
    shape = _shape(value["shape"], max_rows, f"{where}.shape")
    datatype = datatypes[value["datatype"]]
    return Tensor(value["name"], _array(value["data"], shape, datatype, f"{where}.data", plain=plain))


def _member_errors(value: Any, datatypes: Mapping[str, Datatype], where: str) -> Iterator[FieldError]:
    if not isinstance(value, dict):
        yield FieldError("wrong_type", f"must be an object with {', '.join(REQUIRED_KEYS)}", where)
        return
    for key in islice((key for key in value if key not in KNOWN_KEYS), MAX_ERRORS):
        yield FieldError(
            "unknown_field", f"is not known; a tensor has {', '.join(REQUIRED_KEYS)}", f"{where}.{safe_key(key)}"
        )
    for key in REQUIRED_KEYS:
        if key not in value:
            yield FieldError("missing_field", MISSING_DETAILS.get(key, "is missing"), f"{where}.{key}")
    if not isinstance(value.get("name", ""), str):
        yield FieldError("wrong_type", "must be a string", f"{where}.name")
    if "datatype" in value and not (isinstance(value["datatype"], str) and value["datatype"] in datatypes):
        yield FieldError("wrong_type", f"must be one of {', '.join(datatypes)}", f"{where}.datatype")
    if not isinstance(value.get("data", []), list | NumberList):
        yield FieldError("wrong_type", "must be a list of values, or of one such list for each row", f"{where}.data")


def _shape(value: Any, max_rows: int, where: str) -> tuple[int, ...]:
    if not (isinstance(value, list) and set(map(type, value)) == {int} and min(value) >= 0):
        raise InvalidFieldError(FieldError("wrong_type", "must be a list of whole numbers, none below 0", where))
    if len(value) > MAX_DIMENSIONS:
        raise InvalidFieldError(FieldError("wrong_shape", "must be [rows] or [rows, columns]", where))
    if value[0] > max_rows:
        raise InvalidFieldError(FieldError("too_many_rows", too_many_rows_detail(max_rows), where))
    if max(value) > MAX_DIMENSION:
        raise InvalidFieldError(FieldError("out_of_range", f"may have {MAX_DIMENSION} columns", where))
    return tuple(value)


def _array(
    data: list[Any] | NumberList, shape: tuple[int, ...], datatype: Datatype, where: str, *, plain: bool
) -> npt.NDArray[Any]:
    """Return the values of `data`, a flat list, or one list for each row where `shape` has two dimensions."""
    if isinstance(data, NumberList):
        if (numbers := _of_floats(data.array, shape, datatype)) is not None:
            return numbers
        data = data.to_list()
    nested = len(shape) == MAX_DIMENSIONS and _is_nested(data)
    if nested and (len(data) != shape[0] or set(map(len, data)) != {shape[1]}):
        raise InvalidFieldError(FieldError("wrong_shape", "must have the rows and columns of shape", where))
    if not nested and len(data) != prod(shape):
        raise InvalidFieldError(
            FieldError("wrong_shape", f"holds {len(data)} values, but shape has {prod(shape)}", where)
        )
    flat = list(chain.from_iterable(data)) if nested else data
    values: npt.NDArray[Any] | None = datatype.array(flat)
    if values is None and not plain:
        values = _with_nulls(flat, datatype)
    if values is None:
        found = _value_errors(flat, datatype, shape[1] if nested else 0, plain=plain)
        raise InvalidFieldError(*(error._replace(where=where + error.where) for error in islice(found, MAX_ERRORS)))
    return values.reshape(shape)


def _of_floats(numbers: FloatArray, shape: tuple[int, ...], datatype: Datatype) -> FloatArray | None:
    """Return the values; None if they do not match the shape or the datatype, or must be written as whole numbers."""
    if not isinstance(datatype, NumberDatatype) or datatype.is_whole or numbers.shape not in (shape, (prod(shape),)):
        return None
    rounded = datatype.rounded(numbers)
    return None if rounded is None else rounded.reshape(shape)


def _with_nulls(values: Sequence[Any], datatype: Datatype) -> npt.NDArray[Any] | None:
    """Return `values` with NaN or None in place of null; None if another value is not of the datatype."""
    are_null = np.fromiter((value is None for value in values), bool, len(values))
    present = datatype.array([value for value in values if value is not None])
    if present is None:
        return None
    array = np.full(len(values), np.nan if present.dtype == np.float64 else None, present.dtype)
    array[~are_null] = present
    return array


def _is_nested(data: list[Any]) -> bool:
    """Return whether `data` holds only lists; the first element decides for most flat lists, of any length."""
    return bool(data) and isinstance(data[0], list) and set(map(type, data)) == {list}


def _value_errors(values: Sequence[Any], datatype: Datatype, columns: int, *, plain: bool) -> Iterator[FieldError]:
    """Yield the errors of `values`, which were rows of `columns` values, or a flat list if `columns` is 0."""
    for number, value in in_invalid_chunks(values, lambda chunk: datatype.array(chunk) is not None):
        if (plain or value is not None) and (error := datatype.error(value)):
            place = f"[{number // columns}][{number % columns}]" if columns else f"[{number}]"
            yield error._replace(where=place)
