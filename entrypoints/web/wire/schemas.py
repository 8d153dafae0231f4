"""The forms of requests: types and nesting. The domain validates what the numbers mean."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain, islice
from typing import Any, NamedTuple

from flask import Response
from marshmallow import RAISE, Schema, ValidationError
from marshmallow.fields import Function

from domain.model.errors import InvalidRow, UnknownFeature
from domain.model.prediction_input import Row
from entrypoints.web.wire.problems import MAX_ERRORS, Place, ProblemError, from_domain_error
from entrypoints.web.wire.suspects import suspects

# `bool` is a subclass of `int`, so the types themselves are compared: true is not 1.
NUMBERS = frozenset((int, float))
# Bytes of objects, text, null, false and true; none of them is part of a number or of a list.
NOT_OF_NUMBERS = b'{"lr'
# An answer repeats a key of the client's only if it can be no more than a name.
NAME = re.compile(r"[^\W\d]\w{0,31}")

# Faults of meaning, although they are found with those of form.
MEANING = frozenset(("too_many_rows", "out_of_range"))


class FieldError(NamedTuple):
    """What is wrong, and where below the field it was found in."""

    code: str
    detail: str
    where: str = ""


ROW = "a number, a list of numbers, or an object of numbers by feature"
NOT_A_ROW, NOT_ROWS = f"must be {ROW}", f"must be a list; each row {ROW}"


def strict(members: Mapping[str, Function], unknown: str, not_object: str) -> Schema:
    """Return the form of an object with these members; `unknown` is what is wrong with another member."""

    class Form(Schema):
        class Meta:
            unknown = RAISE

        error_messages = {  # noqa: RUF012  # marshmallow's way to declare them
            "unknown": FieldError("unknown_field", unknown),  # type: ignore[dict-item]  # a message may be any value
            "type": FieldError("not_object", not_object),  # type: ignore[dict-item]  # the same
        }

    return Form.from_dict(dict(members))()


def member(read: Callable[[Any], Any], *, null: str = "", **options: Any) -> Function:
    """Return a field: `read` returns its value, or raises `ValidationError` with a list of faults.

    `null` is what is wrong with null.
    """
    messages = {"required": [FieldError("missing_field", "is missing")], "null": [FieldError("wrong_type", null)]}
    return Function(deserialize=read, error_messages=messages, **options)  # type: ignore[arg-type]  # as above


def _form(field: Function) -> Schema:
    return strict({"X": field}, "is not known; the only key is X", "must be an object with the key X")


def stream_form() -> Schema:
    """Return the form of `POST /stream`: X is the only feature's value, values in order, or values by name."""
    return _form(member(_row, null=NOT_A_ROW, required=True))


def batch_form(most: int) -> Schema:
    """Return the form of `POST /batch`: X is a list of at most `most` rows, each as on `/stream`."""
    return _form(member(partial(_rows, most), null=NOT_ROWS, required=True))


def _row(value: Any) -> Row:
    if faults := list(islice(_faults(value, ""), MAX_ERRORS)):
        raise ValidationError(faults)
    row: Row = value
    return row


def _rows(most: int, value: Any) -> Sequence[Row]:
    if type(value) is not list:
        alone = type(value) in NUMBERS or isinstance(value, dict)
        raise ValidationError([FieldError("wrong_shape" if alone else "wrong_type", NOT_ROWS)])
    if len(value) > most:
        raise ValidationError([too_many_rows(most)])
    if not _all_numbers(value):
        found = chain.from_iterable(_faults(row, f"[{number}]") for number, row in suspects(value, _all_numbers))
        if faults := list(islice(found, MAX_ERRORS)):
            raise ValidationError(faults)
    return value


def too_many_rows(most: int) -> FieldError:
    """Return what is wrong with more rows than `most`."""
    return FieldError("too_many_rows", f"may have {most} rows; send the others in another request")


def are_numbers(value: Any, raw: bytes) -> bool:
    """Return whether `value`, parsed from `raw`, is X alone, a list of numbers or of lists of numbers.

    False may also mean that each value must be looked at. A search for a byte that is not there takes 50 µs a
    megabyte, and the types of the numbers 20 times as long.
    """
    if type(value) is not dict or len(value) != 1 or type(value.get("X")) is not list:
        return False
    begins = raw.find(b"[")
    if any(raw.find(byte, begins + 1) >= 0 for byte in NOT_OF_NUMBERS):
        return False
    if raw.find(b"[", begins + 1) < 0:
        return True
    # As many lists as rows, and each row is one of them: no list is within another.
    return set(map(type, value["X"])) == {list} and raw.count(b"[", begins + 1) == len(value["X"])


def load(form: Schema, value: Any) -> Any:
    """Return the X of `value`, or raise `ProblemError` naming the first places that are not as `form` says."""
    if type(value) is dict and len(value) == 1 and "X" in value:
        # All that marshmallow does around the field takes as long as everything else that is done to one row.
        with suppress(ValidationError):
            return form.fields["X"].deserialize(value["X"])
    return loaded(form, value)["X"]


def loaded(form: Schema, value: Any) -> Any:
    """Return what `form` makes of `value`, or raise `ProblemError` naming the first places that are not as it says."""
    try:
        return form.load(_with_few_strangers(form, value) if type(value) is dict else value)
    except ValidationError as error:
        places = {_named(key, fault): fault for key, faults in error.messages_dict.items() for fault in faults}
        first: FieldError = next(iter(places.values()))
        listed = [Place(place, fault.detail) for place, fault in places.items()]
        status = 422 if first.code in MEANING else 400
        raise ProblemError(status, first.code, f"{listed[0].place} {listed[0].detail}", listed) from error


def _with_few_strangers(form: Schema, value: dict[str, Any]) -> dict[str, Any]:
    """Return `value` with as many unknown keys as an answer names: marshmallow takes 8 µs for each."""
    strangers = islice((key for key in value if key not in form.fields), MAX_ERRORS)
    return {key: value[key] for key in (*(key for key in form.fields if key in value), *strangers)}


def _all_numbers(rows: Sequence[Any]) -> bool:
    """Return, without a Python step for each value, whether `rows` are alike and hold only numbers."""
    kinds = set(map(type, rows))
    if kinds <= NUMBERS:
        return True
    if kinds == {list}:
        return set(map(type, chain.from_iterable(rows))) <= NUMBERS
    return kinds == {dict} and set(map(type, chain.from_iterable(map(dict.values, rows)))) <= NUMBERS


def _faults(row: Any, where: str) -> Iterator[FieldError]:
    if type(row) in NUMBERS:
        return
    if not isinstance(row, list | dict):
        yield FieldError("wrong_type", NOT_A_ROW, where)
        return
    values: Iterable[tuple[Any, Any]] = row.items() if isinstance(row, dict) else enumerate(row)
    for key, value in values:
        if type(value) not in NUMBERS:
            step = f"[{key}]" if isinstance(key, int) else f".{word(key)}"
            code = "wrong_shape" if isinstance(value, list | dict) else "wrong_type"
            yield FieldError(code, "must be a number", where + step)


def _named(key: str, fault: FieldError) -> str:
    return ("the body" if key == "_schema" else word(key)) + fault.where


def of_record(error: InvalidRow, row: str) -> Response:
    """Return the answer to a record that does not fit the model, at the place `row` of the request."""
    field = word(error.field) if isinstance(error, UnknownFeature) else error.field
    return from_domain_error(error, Place(f"{row}.{field}" if field else row, error.why))


def word(key: str) -> str:
    """Return a key that the client sent if it can be no more than a name, else `…`."""
    return key if NAME.fullmatch(key) else "…"
