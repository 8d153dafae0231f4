"""Object schema: the keys of a JSON object, and how the value of each is read; marshmallow collects the errors."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from marshmallow import RAISE, Schema, ValidationError
from marshmallow.fields import Function

from entrypoints.web.wire.problems import MAX_ERRORS, ErrorLocation, ProblemError

# A response repeats a key of the client's only if it can be no more than a name.
SAFE_KEY = re.compile(r"[^\W\d]\w{0,31}")

# Codes that are answered with 422: the form of the body is right.
VALUE_CODES = frozenset(("too_many_rows", "out_of_range"))


class FieldError(NamedTuple):
    """An error in a field; `where` is the place below the field."""

    code: str
    detail: str
    where: str = ""


class InvalidFieldError(ValidationError):
    """A value with one or more errors, which marshmallow hands on as they are."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(list(errors))


def fields_problem(errors: Mapping[str, FieldError]) -> ProblemError:
    """Return the problem of one or more errors by place; the first one decides the status and the code."""
    locations = [ErrorLocation(place, error.detail) for place, error in errors.items()]
    code = next(iter(errors.values())).code
    status = 422 if code in VALUE_CODES else 400
    return ProblemError(status, code, f"{locations[0].place} {locations[0].detail}", locations)


class Field(Function):
    """The value of a key.

    Parameters
    ----------
    read : callable
        Returns what the field becomes, or raises `InvalidFieldError`.
    null : str
        The detail of the error for null; empty if null is allowed, and stays None.
    is_required : bool
    """

    def __init__(self, read: Callable[[Any], Any], *, null: str = "", is_required: bool = False) -> None:
        messages = {"required": [FieldError("missing_field", "is missing")], "null": [FieldError("wrong_type", null)]}
        super().__init__(
            deserialize=read,
            required=is_required,
            allow_none=not null,
            error_messages=messages,  # type: ignore[arg-type]  # a message may be any value
        )
        self.read = read


class ObjectSchema:
    """An object with these fields only.

    Parameters
    ----------
    fields : mapping of str to Field
    unknown : str
        The detail of the error for another key.
    not_object : str
        The detail of the error for another value than an object.
    """

    def __init__(self, fields: Mapping[str, Field], unknown: str, not_object: str) -> None:
        class Strict(Schema):
            class Meta:
                unknown = RAISE

            error_messages = {  # noqa: RUF012  # marshmallow's way to declare them
                "unknown": FieldError("unknown_field", unknown),  # type: ignore[dict-item]  # as above
                "type": FieldError("not_object", not_object),  # type: ignore[dict-item]  # as above
            }

        self._fields = dict(fields)
        self._required = {key for key, field in fields.items() if field.required}
        self._schema = Strict.from_dict(self._fields)()  # type: ignore[arg-type]  # a dict of a kind of fields

    def load(self, value: Any) -> dict[str, Any]:
        """Return the fields of `value`, or raise `ProblemError` with the first places where it does not match.

        Marshmallow's own steps take as long as everything else that is done to one row, so that it reads only what has
        null, lacks a key, or has another one.
        """
        if (
            not (type(value) is dict and self._required <= value.keys() <= self._fields.keys())
            or None in value.values()
        ):
            return self._loaded(value)
        loaded: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for key, field in self._fields.items():
            if key in value:
                try:
                    loaded[key] = field.read(value[key])
                except InvalidFieldError as invalid:
                    errors[key] = invalid.messages
        if errors:
            raise _problem(errors)
        return loaded

    def _loaded(self, value: Any) -> dict[str, Any]:
        keys: Sequence[str] = ()
        if type(value) is dict:  # marshmallow takes 8 µs for each unknown key, and a response names few
            unknown = islice((key for key in value if key not in self._fields), MAX_ERRORS)
            keys = (*self._fields, *unknown)
            value = {key: value[key] for key in keys if key in value}
        try:
            loaded: dict[str, Any] = self._schema.load(value)
        except ValidationError as invalid:
            found = invalid.messages_dict
            raise _problem({key: found[key] for key in dict.fromkeys((*keys, *found)) if key in found}) from invalid
        return loaded


def _problem(found: Mapping[str, Iterable[FieldError]]) -> ProblemError:
    return fields_problem({_place(key) + error.where: error for key, errors in found.items() for error in errors})


def _place(key: str) -> str:
    return "the body" if key == "_schema" else safe_key(key)


def safe_key(key: str, known: Collection[str] = ()) -> str:
    """Return a key that the client sent if it is one of the model's, or can be no more than a name, else `…`."""
    return key if key in known or SAFE_KEY.fullmatch(key) else "…"
