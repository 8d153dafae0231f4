"""Object schema: the keys of a JSON object, and how the value of each is read."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

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


class InvalidFieldError(Exception):
    """A value with one or more errors."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__(*errors)
        self.errors: Sequence[FieldError] = errors


def fields_problem(errors: Mapping[str, FieldError]) -> ProblemError:
    """Return the problem of one or more errors by place; the first one decides the status and the code."""
    locations = [ErrorLocation(place, error.detail) for place, error in errors.items()]
    code = next(iter(errors.values())).code
    status = 422 if code in VALUE_CODES else 400
    return ProblemError(status, code, f"{locations[0].place} {locations[0].detail}", locations)


@dataclass(frozen=True, slots=True)
class Field:
    """The value of a key.

    Parameters
    ----------
    read : callable
        Returns what the field becomes, or raises `InvalidFieldError`.
    null : str
        The detail of the error for null; empty if null is allowed, and stays None.
    is_required : bool
    """

    read: Callable[[Any], Any]
    null: str = ""
    is_required: bool = False

    def load(self, value: Any) -> Any:
        """Return what the field becomes, or raise `InvalidFieldError`."""
        if value is not None:
            return self.read(value)
        if self.null:
            raise InvalidFieldError(FieldError("wrong_type", self.null))
        return None


@dataclass(frozen=True, slots=True)
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

    fields: Mapping[str, Field]
    unknown: str
    not_object: str

    def load(self, value: Any) -> dict[str, Any]:
        """Return the fields of `value`, or raise `ProblemError` with the first places where it does not match."""
        if type(value) is not dict:
            raise fields_problem({"the body": FieldError("not_object", self.not_object)})
        loaded: dict[str, Any] = {}
        errors: dict[str, FieldError] = {}
        for key, field in self.fields.items():
            if key in value:
                try:
                    loaded[key] = field.load(value[key])
                except InvalidFieldError as invalid:
                    errors |= {key + error.where: error for error in invalid.errors}
            elif field.is_required:
                errors[key] = FieldError("missing_field", "is missing")
        if not value.keys() <= self.fields.keys():
            unknown = islice((key for key in value if key not in self.fields), MAX_ERRORS)
            errors |= dict.fromkeys(map(safe_key, unknown), FieldError("unknown_field", self.unknown))
        if errors:
            raise fields_problem(errors)
        return loaded


def safe_key(key: str, known: Collection[str] = ()) -> str:
    """Return a key that the client sent if it is one of the model's, or can be no more than a name, else `…`."""
    return key if key in known or SAFE_KEY.fullmatch(key) else "…"
