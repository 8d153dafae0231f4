"""Row schemas: the types and nesting of a body with rows under X. The domain validates the values."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import Any

from domain.data.arrays import FloatArray
from domain.features.cells import NUMBER_TYPES, plain_numbers
from domain.features.encoding import Encoding
from domain.model.prediction_input import MatrixInput, PredictionInput, part_of, values_of_rows
from domain.model.row_cells import uniform_cells
from entrypoints.web.wire.invalid_chunks import in_invalid_chunks
from entrypoints.web.wire.json_body import too_many_rows_detail
from entrypoints.web.wire.number_list import NumberList
from entrypoints.web.wire.object_schema import (
    Field,
    FieldError,
    InvalidFieldError,
    ObjectSchema,
    fields_problem,
    safe_key,
)
from entrypoints.web.wire.problems import MAX_ERRORS

ROW = "a number, a list of values, or an object of values by feature"
NOT_A_ROW, NOT_ROWS = f"must be {ROW}", f"must be a list; each row {ROW}"


def _rows_schema(rows: Field) -> ObjectSchema:
    return ObjectSchema({"X": rows}, "is not known; the keys are X and interval", "must be an object with the key X")


def stream_schema() -> ObjectSchema:
    """Return the schema of `POST /stream`: X is the only feature's value, values in order, or values by name."""
    return _rows_schema(Field(_row, null=NOT_A_ROW, is_required=True))


def batch_schema(max_rows: int) -> ObjectSchema:
    """Return the schema of `POST /batch`: X is a list of at most `max_rows` rows, each as on `/stream`."""
    return _rows_schema(Field(partial(_rows, max_rows), null=NOT_ROWS, is_required=True))


@dataclass(frozen=True, slots=True)
class JsonRows(PredictionInput):
    """Rows of a request, whose cells are validated once the model is known.

    `is_stream` is true for the one row of `POST /stream`, whose place is X itself.
    """

    rows: Sequence[Any]
    is_stream: bool = False

    def values(self, encoding: Encoding) -> FloatArray:
        """Return the values of the encoding's columns; raise `ProblemError` or `InvalidRow`."""
        if encoding.is_plain:
            if (numbers := self._uniform_numbers(encoding)) is not None:
                return numbers
            self._require_numbers(encoding)
        return values_of_rows(self.rows, encoding)

    def part(self, rows: int, place: float) -> "JsonRows":
        """Return a copy of some rows."""
        return JsonRows(self.rows[part_of(len(self.rows), rows, place)], self.is_stream)

    def _uniform_numbers(self, encoding: Encoding) -> FloatArray | None:
        """Return the values of rows that are alike and hold only numbers, None for any others."""
        cells = uniform_cells(self.rows, encoding)
        values = None if cells is None else plain_numbers(cells)
        return None if values is None else values.reshape(len(self.rows), -1)

    def _require_numbers(self, encoding: Encoding) -> None:
        """Raise `ProblemError` with the first places where there is another value than a number."""
        if _all_numbers(self.rows):
            return
        suspects = enumerate(self.rows) if self.is_stream else in_invalid_chunks(self.rows, _all_numbers)
        found = (_row_errors(row, "X" if self.is_stream else f"X[{number}]", encoding) for number, row in suspects)
        if errors := list(islice(chain.from_iterable(found), MAX_ERRORS)):
            raise fields_problem({error.where: error for error in errors})


def _row(value: Any) -> Sequence[Any] | JsonRows:
    return [value] if _all_numbers([value]) else JsonRows([value], is_stream=True)


def _rows(max_rows: int, value: Any) -> PredictionInput:
    if type(value) not in (list, NumberList):
        alone = type(value) in NUMBER_TYPES or isinstance(value, dict)
        raise InvalidFieldError(FieldError("wrong_shape" if alone else "wrong_type", NOT_ROWS))
    if len(value) > max_rows:
        raise InvalidFieldError(FieldError("too_many_rows", too_many_rows_detail(max_rows)))
    return MatrixInput(value.array.reshape(len(value), -1)) if type(value) is NumberList else JsonRows(value)


def _all_numbers(rows: Sequence[Any]) -> bool:
    """Return, without a Python step for each value, whether `rows` are alike and hold only numbers."""
    types = set(map(type, rows))
    if types <= NUMBER_TYPES:
        return True
    if types == {list}:
        return set(map(type, chain.from_iterable(rows))) <= NUMBER_TYPES
    return types == {dict} and set(map(type, chain.from_iterable(map(dict.values, rows)))) <= NUMBER_TYPES


def _row_errors(row: Any, where: str, encoding: Encoding) -> Iterator[FieldError]:
    if type(row) in NUMBER_TYPES:
        return
    if not isinstance(row, list | dict):
        yield FieldError("wrong_type", NOT_A_ROW, where)
        return
    values: Iterable[tuple[Any, Any]] = row.items() if isinstance(row, dict) else enumerate(row)
    not_read = encoding.known_names.difference(encoding.feature_names)
    for key, value in values:
        if type(value) not in NUMBER_TYPES and key not in not_read:
            step = f"[{key}]" if isinstance(key, int) else f".{safe_key(key, encoding.feature_names)}"
            code = "wrong_shape" if isinstance(value, list | dict) else "wrong_type"
            yield FieldError(code, "must be a number", where + step)
