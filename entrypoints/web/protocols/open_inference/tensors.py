"""From a tensor as JSON to an array, with no Python step for each of its numbers."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from math import prod
from typing import Any, NamedTuple

from marshmallow import ValidationError

from domain.data.arrays import FloatArray
from entrypoints.web.protocols.open_inference.datatypes import DATATYPES, Datatype
from entrypoints.web.wire.problems import MAX_ERRORS
from entrypoints.web.wire.schemas import FieldError, too_many_rows, word
from entrypoints.web.wire.suspects import suspects

NEEDED = ("name", "shape", "datatype", "data")
KNOWN = frozenset((*NEEDED, "parameters"))
MISSING: Mapping[str, str] = {"data": "is missing; data in binary are not read"}
MAX_DIMENSIONS, MAX_DIMENSION = 2, 2**31 - 1


class Tensor(NamedTuple):
    """A named array."""

    name: str
    values: FloatArray
    """Of shape (n_rows,) or (n_rows, n_columns)."""

    @property
    def columns(self) -> int:
        """The number of columns; numbers without a second dimension are one."""
        return self.values.shape[1] if self.values.ndim == MAX_DIMENSIONS else 1


def tensor(value: Any, most_rows: int, where: str = "") -> Tensor:
    """Return the tensor at the place `where`, or raise `ValidationError`."""
    if faults := list(_faults_of_members(value, where)):
        raise ValidationError(faults)
    shape = _shape(value["shape"], most_rows, f"{where}.shape")
    return Tensor(value["name"], _numbers(value["data"], shape, DATATYPES[value["datatype"]], f"{where}.data"))


def _faults_of_members(value: Any, where: str) -> Iterator[FieldError]:
    if not isinstance(value, dict):
        yield FieldError("wrong_type", f"must be an object with {', '.join(NEEDED)}", where)
        return
    for key in islice((key for key in value if key not in KNOWN), MAX_ERRORS):
        yield FieldError("unknown_field", f"is not known; a tensor has {', '.join(NEEDED)}", f"{where}.{word(key)}")
    for key in NEEDED:
        if key not in value:
            yield FieldError("missing_field", MISSING.get(key, "is missing"), f"{where}.{key}")
    if not isinstance(value.get("name", ""), str):
        yield FieldError("wrong_type", "must be a string", f"{where}.name")
    if "datatype" in value and not _is_known(value["datatype"]):
        yield FieldError("wrong_type", f"must be one of {', '.join(DATATYPES)}", f"{where}.datatype")
    if not isinstance(value.get("data", []), list):
        yield FieldError("wrong_type", "must be a list of numbers, or of one such list for each row", f"{where}.data")


def _is_known(datatype: Any) -> bool:
    return isinstance(datatype, str) and datatype in DATATYPES


def _shape(value: Any, most_rows: int, where: str) -> tuple[int, ...]:
    if not (isinstance(value, list) and set(map(type, value)) == {int} and min(value) >= 0):
        raise ValidationError([FieldError("wrong_type", "must be a list of whole numbers, none below 0", where)])
    if len(value) > MAX_DIMENSIONS:
        raise ValidationError([FieldError("wrong_shape", "must be [rows] or [rows, columns]", where)])
    if value[0] > most_rows:
        raise ValidationError([too_many_rows(most_rows)._replace(where=where)])
    if max(value) > MAX_DIMENSION:
        raise ValidationError([FieldError("out_of_range", f"may have {MAX_DIMENSION} columns", where)])
    return tuple(value)


def _numbers(data: list[Any], shape: tuple[int, ...], datatype: Datatype, where: str) -> FloatArray:
    """Return the numbers of `data`, a flat list, or one list for each row where `shape` has two dimensions."""
    nested = len(shape) == MAX_DIMENSIONS and _is_nested(data)
    if nested and (len(data) != shape[0] or set(map(len, data)) != {shape[1]}):
        raise ValidationError([FieldError("wrong_shape", "has not the rows and columns that shape says", where)])
    if not nested and len(data) != prod(shape):
        raise ValidationError(
            [FieldError("wrong_shape", f"holds {len(data)} values, not as many as shape says", where)]
        )
    flat = list(chain.from_iterable(data)) if nested else data
    values = datatype.array(flat)
    if values is None:
        found = _faults_of_values(flat, datatype, shape[1] if nested else 0)
        raise ValidationError([fault._replace(where=where + fault.where) for fault in islice(found, MAX_ERRORS)])
    return values.reshape(shape)


def _is_nested(data: list[Any]) -> bool:
    """Return whether `data` holds only lists; the first element decides for most flat lists, of any length."""
    return bool(data) and isinstance(data[0], list) and set(map(type, data)) == {list}


def _faults_of_values(values: Sequence[Any], datatype: Datatype, columns: int) -> Iterator[FieldError]:
    """Yield what is wrong with `values`, which came as rows of so many columns, or as a flat list if that is 0."""
    for number, value in suspects(values, lambda piece: datatype.array(piece) is not None):
        if fault := datatype.fault(value):
            place = f"[{number // columns}][{number % columns}]" if columns else f"[{number}]"
            yield fault._replace(where=place)
