"""Request schemas: the types and nesting of a body. The domain validates the values."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import Any, NamedTuple

from marshmallow import RAISE, Schema, ValidationError
from marshmallow.fields import Function

from domain.data.arrays import FloatArray
from domain.features.cells import plain_numbers
from domain.features.encoding import Encoding
from domain.model.prediction_input import (
    MatrixInput,
    PredictionInput,
    input_values,
    part_of,
    uniform_cells,
)
from entrypoints.web.wire.invalid_chunks import in_invalid_chunks
from entrypoints.web.wire.json_body import too_many_rows_detail
from entrypoints.web.wire.number_list import NumberList
from entrypoints.web.wire.problems import MAX_ERRORS, ErrorLocation, ProblemError

# `bool` is a subclass of `int`, so the types themselves are compared: true is not 1.
NUMBERS = frozenset((int, float))
# A response repeats a key of the client's only if it can be no more than a name.
SAFE_KEY = re.compile(r"[^\W\d]\w{0,31}")

# Codes that are answered with 422: the form of the body is right.
VALUE_CODES = frozenset(("too_many_rows", "out_of_range"))

ROW = "a number, a list of values, or an object of values by feature"
NOT_A_ROW, NOT_ROWS = f"must be {ROW}", f"must be a list; each row {ROW}"


class FieldError(NamedTuple):
    """An error in a field; `where` is the place below the field."""

    code: str
    detail: str
    where: str = ""


def object_schema(fields: Mapping[str, Function], unknown: str, not_object: str) -> Schema:
    """Return the schema of an object with these fields only.

    `unknown` is the detail of the error for another key, `not_object` that for another value than an object.
    """

    class ObjectSchema(Schema):
        class Meta:
            unknown = RAISE

        error_messages = {  # noqa: RUF012  # marshmallow's way to declare them
            "unknown": FieldError("unknown_field", unknown),  # type: ignore[dict-item]  # a message may be any value
            "type": FieldError("not_object", not_object),  # type: ignore[dict-item]  # the same
        }

    return ObjectSchema.from_dict(dict(fields))()


def field(read: Callable[[Any], Any], *, null: str = "", **options: Any) -> Function:
    """Return a field: `read` returns its value, or raises `ValidationError` with a list of `FieldError`.

    `null` is the detail of the error for null.
    """
    messages = {"required": [FieldError("missing_field", "is missing")], "null": [FieldError("wrong_type", null)]}
    return Function(deserialize=read, error_messages=messages, **options)  # type: ignore[arg-type]  # as above


def _rows_schema(rows: Function) -> Schema:
    return object_schema({"X": rows}, "is not known; the keys are X and interval", "must be an object with the key X")


def stream_schema() -> Schema:
    """Return the schema of `POST /stream`: X is the only feature's value, values in order, or values by name."""
    return _rows_schema(field(_row, null=NOT_A_ROW, required=True))


def batch_schema(max_rows: int) -> Schema:
    """Return the schema of `POST /batch`: X is a list of at most `max_rows` rows, each as on `/stream`."""
    return _rows_schema(field(partial(_rows, max_rows), null=NOT_ROWS, required=True))


@dataclass(frozen=True, slots=True)
class JsonRows(PredictionInput):
    """Rows of a request, whose cells are validated once the model is known.

    `is_stream` is true for the one row of `POST /stream`, whose place is X itself.
    """

    rows: Sequence[Any]
    is_stream: bool = False

    def values(self, encoding: Encoding) -> FloatArray:
        """Return the values of the encoding's columns; raise `ProblemError` or `InvalidRow`."""
        if encoding.is_plain and (values := self._uniform_numbers(encoding)) is not None:
            return values
        if encoding.is_plain and not _all_numbers(self.rows):
            suspects = enumerate(self.rows) if self.is_stream else in_invalid_chunks(self.rows, _all_numbers)
            found = (_row_errors(row, "" if self.is_stream else f"[{number}]", encoding) for number, row in suspects)
            if errors := list(islice(chain.from_iterable(found), MAX_ERRORS)):
                raise _schema_problem({"X": errors})
        return input_values(self.rows, encoding)

    def part(self, rows: int, place: float) -> "JsonRows":
        """Return a copy of some rows."""
        return JsonRows(self.rows[part_of(len(self.rows), rows, place)], self.is_stream)

    def _uniform_numbers(self, encoding: Encoding) -> FloatArray | None:
        """Return the values of rows that are alike and hold only numbers, None for any others."""
        cells = uniform_cells(self.rows, encoding)
        values = None if cells is None else plain_numbers(cells)
        return None if values is None else values.reshape(len(self.rows), -1)


def _row(value: Any) -> Sequence[Any] | JsonRows:
    return [value] if _all_numbers([value]) else JsonRows([value], is_stream=True)


def _rows(max_rows: int, value: Any) -> PredictionInput:
    if type(value) not in (list, NumberList):
        alone = type(value) in NUMBERS or isinstance(value, dict)
        raise ValidationError([FieldError("wrong_shape" if alone else "wrong_type", NOT_ROWS)])
    if len(value) > max_rows:
        raise ValidationError([FieldError("too_many_rows", too_many_rows_detail(max_rows))])
    return MatrixInput(value.array.reshape(len(value), -1)) if type(value) is NumberList else JsonRows(value)


def load_object(schema: Schema, value: Any) -> dict[str, Any]:
    """Return the fields of `value`, or raise `ProblemError` with the first places where it does not match `schema`."""
    if type(value) is not dict or None in value.values() or not value.keys() <= schema.fields.keys():
        return _loaded(schema, value)
    # All that marshmallow does around the functions takes as long as everything else that is done to one row.
    fields: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for key, one in schema.fields.items():
        if key in value:
            try:
                fields[key] = one.deserialize_func(value[key])  # type: ignore[attr-defined]  # a `Function` has it
            except ValidationError as error:
                messages[key] = error.messages
        elif one.required:
            return _loaded(schema, value)
    if messages:
        raise _schema_problem(messages)
    return fields


def _loaded(schema: Schema, value: Any) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(_with_few_unknown_keys(schema, value) if type(value) is dict else value)
    except ValidationError as error:
        raise _schema_problem(error.messages_dict) from error
    return loaded


def _schema_problem(messages: Mapping[str, Any]) -> ProblemError:
    """Return the problem of the errors of each key."""
    errors = {_place(key, error): error for key, errors in messages.items() for error in errors}
    first: FieldError = next(iter(errors.values()))
    locations = [ErrorLocation(place, error.detail) for place, error in errors.items()]
    status = 422 if first.code in VALUE_CODES else 400
    return ProblemError(status, first.code, f"{locations[0].place} {locations[0].detail}", locations)


def _place(key: str, error: FieldError) -> str:
    return ("the body" if key == "_schema" else safe_key(key)) + error.where


def _with_few_unknown_keys(schema: Schema, value: dict[str, Any]) -> dict[str, Any]:
    """Return `value` with as many unknown keys as a response names: marshmallow takes 8 µs for each."""
    unknown = islice((key for key in value if key not in schema.fields), MAX_ERRORS)
    return {key: value[key] for key in (*(key for key in schema.fields if key in value), *unknown)}


def _all_numbers(rows: Sequence[Any]) -> bool:
    """Return, without a Python step for each value, whether `rows` are alike and hold only numbers."""
    types = set(map(type, rows))
    if types <= NUMBERS:
        return True
    if types == {list}:
        return set(map(type, chain.from_iterable(rows))) <= NUMBERS
    return types == {dict} and set(map(type, chain.from_iterable(map(dict.values, rows)))) <= NUMBERS


def _row_errors(row: Any, where: str, encoding: Encoding) -> Iterator[FieldError]:
    if type(row) in NUMBERS:
        return
    if not isinstance(row, list | dict):
        yield FieldError("wrong_type", NOT_A_ROW, where)
        return
    values: Iterable[tuple[Any, Any]] = row.items() if isinstance(row, dict) else enumerate(row)
    not_read = encoding.known_names.difference(encoding.feature_names)
    for key, value in values:
        if type(value) not in NUMBERS and key not in not_read:
            step = f"[{key}]" if isinstance(key, int) else f".{safe_key(key, encoding.feature_names)}"
            code = "wrong_shape" if isinstance(value, list | dict) else "wrong_type"
            yield FieldError(code, "must be a number", where + step)


def safe_key(key: str, known: Collection[str] = ()) -> str:
    """Return a key that the client sent if it is one of the model's, or can be no more than a name, else `…`."""
    return key if key in known or SAFE_KEY.fullmatch(key) else "…"
