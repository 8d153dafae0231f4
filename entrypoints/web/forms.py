"""What the form of a request is: the types and their nesting. What the numbers mean is for the domain to say."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain, islice
from typing import Any, NamedTuple

from marshmallow import RAISE, Schema, ValidationError
from marshmallow.fields import Field

from domain.design_matrix import Row
from entrypoints.web.problems import MOST_PLACES, Place, Refused
from entrypoints.web.suspects import suspects

# `bool` is a subclass of `int`, so the types themselves are compared: true is not 1. One pass in C for any length.
NUMBERS = frozenset((int, float))
# What stands in no list of numbers or of lists, but in each that holds anything else: an object, text, null or false,
# or true. None of these bytes is part of a number.
NOT_OF_NUMBERS = b'{"lr'
# A key is named in an answer if it can't be more than a name; everything else the client sent stays unsaid.
NAME = re.compile(r"[^\W\d]\w{0,31}")

# What is wrong with these is no matter of form, though it is seen where the form is.
MEANING = frozenset(("too_many_rows", "out_of_range"))


class Fault(NamedTuple):
    """What is wrong, and where below the field it was found in."""

    code: str
    detail: str
    where: str = ""


ROW = "a number, a list of numbers, or an object of numbers by feature"
NOT_A_ROW, NOT_ROWS = f"must be {ROW}", f"must be a list; each row {ROW}"


class OneRow(Field[Row]):
    """The value of the only feature, the values in the model's order, or the values by name."""

    default_error_messages = {  # noqa: RUF012  # marshmallow's way to say it
        "required": [Fault("missing_field", "is missing")],
        "null": [Fault("wrong_type", NOT_A_ROW)],
    }

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Row:
        del attr, data, kwargs
        if faults := list(_faults(value, "")):
            raise ValidationError(faults)
        row: Row = value
        return row


class ManyRows(Field[Sequence[Row]]):
    """A list of at most `most` rows, each in any form that a single one may have."""

    default_error_messages = {  # noqa: RUF012  # as above
        "required": [Fault("missing_field", "is missing")],
        "null": [Fault("wrong_type", NOT_ROWS)],
    }

    def __init__(self, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> Sequence[Row]:
        del attr, data, kwargs
        if type(value) is not list:
            alone = type(value) in NUMBERS or isinstance(value, dict)
            raise ValidationError([Fault("wrong_shape" if alone else "wrong_type", NOT_ROWS)])
        if len(value) > self.most:
            raise ValidationError([too_many_rows(self.most)])
        if not _all_numbers(value):
            found = chain.from_iterable(_faults(row, f"[{number}]") for number, row in suspects(value, _all_numbers))
            if faults := list(islice(found, MOST_PLACES)):
                raise ValidationError(faults)
        return value


class Form(Schema):
    """A JSON object with the one key X."""

    class Meta:
        """Refuse what is not known."""

        unknown = RAISE

    error_messages = {  # noqa: RUF012  # as above
        "unknown": Fault("unknown_field", "is not known; the only key is X"),  # type: ignore[dict-item]  # a message may be any value
        "type": Fault("not_object", "must be an object with the key X"),  # type: ignore[dict-item]  # the same
    }


class Stream(Form):
    """The form of `POST /stream`."""

    X = OneRow(required=True)


def batch_of(most: int) -> Schema:
    """Return the form of `POST /batch` with at most `most` rows."""
    return Form.from_dict({"X": ManyRows(most, required=True)}, name="Batch")()


def too_many_rows(most: int) -> Fault:
    """Return what is wrong with more rows than `most`."""
    return Fault("too_many_rows", f"may have {most} rows; send the others in another request")


def are_numbers(value: Any, raw: bytes) -> bool:
    """Tell, by a few searches in `raw`, whether `value`, parsed from it, is numbers or lists of them under the key X.

    To find that a byte is not there takes 50 µs a megabyte; to look at the type of each number takes 20 times as long.
    False may also mean that a closer look is needed.
    """
    if type(value) is not dict or type(value.get("X")) is not list:
        return False
    begins = raw.find(b"[")
    # A key that was there twice had a colon of its own.
    if raw.count(b":", 0, begins) != 1 or any(raw.find(byte, begins + 1) >= 0 for byte in NOT_OF_NUMBERS):
        return False
    if raw.find(b"[", begins + 1) < 0:
        return True
    # As many lists as rows, and each row one of them: there is none within another.
    return set(map(type, value["X"])) == {list} and raw.count(b"[", begins + 1) == len(value["X"])


def load(form: Schema, value: Any) -> Any:
    """Return the X of `value`, or raise `Refused` naming the first places that are not as `form` says."""
    if type(value) is dict and len(value) == 1 and "X" in value:
        # All that marshmallow does around the field takes as long as everything else that is done to one row.
        with suppress(ValidationError):
            return form.fields["X"].deserialize(value["X"])
    return loaded(form, value)["X"]


def loaded(form: Schema, value: Any) -> Any:
    """Return what `form` makes of `value`, or raise `Refused` naming the first places that are not as it says."""
    try:
        return form.load(_with_few_strangers(form, value) if type(value) is dict else value)
    except ValidationError as error:
        places = {_named(key, fault): fault for key, faults in error.messages_dict.items() for fault in faults}
        first: Fault = next(iter(places.values()))
        listed = [Place(place, fault.detail) for place, fault in places.items()]
        status = 422 if first.code in MEANING else 400
        raise Refused(status, first.code, f"{listed[0].place} {listed[0].detail}", listed) from error


def _with_few_strangers(form: Schema, value: dict[str, Any]) -> dict[str, Any]:
    """Return `value` with as many unknown keys as an answer names: marshmallow takes 8 µs for each."""
    strangers = islice((key for key in value if key not in form.fields), MOST_PLACES)
    return {key: value[key] for key in (*(key for key in form.fields if key in value), *strangers)}


def _all_numbers(rows: Sequence[Any]) -> bool:
    """Tell, without a Python step for each value, whether `rows` are alike and made of nothing but numbers."""
    kinds = set(map(type, rows))
    if kinds <= NUMBERS:
        return True
    if kinds == {list}:
        return set(map(type, chain.from_iterable(rows))) <= NUMBERS
    return kinds == {dict} and set(map(type, chain.from_iterable(map(dict.values, rows)))) <= NUMBERS


def _faults(row: Any, where: str) -> Iterator[Fault]:
    if type(row) in NUMBERS:
        return
    if not isinstance(row, list | dict):
        yield Fault("wrong_type", NOT_A_ROW, where)
        return
    values: Iterable[tuple[Any, Any]] = row.items() if isinstance(row, dict) else enumerate(row)
    for key, value in values:
        if type(value) not in NUMBERS:
            step = f"[{key}]" if isinstance(key, int) else f".{word(key)}"
            code = "wrong_shape" if isinstance(value, list | dict) else "wrong_type"
            yield Fault(code, "must be a number", where + step)


def _named(key: str, fault: Fault) -> str:
    return ("the body" if key == "_schema" else word(key)) + fault.where


def word(key: str) -> str:
    """Return a key that the client sent if it can't be more than a name, else what stands for it."""
    return key if NAME.fullmatch(key) else "…"
