"""Labels of a request: an object of a feedback token and a label, or a list of such objects."""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from application.serving.count_labels import Label
from domain.features.cells import NUMBER_TYPES
from domain.model.usable_values import MAX_MAGNITUDE
from entrypoints.web.wire.json_body import too_many_rows
from entrypoints.web.wire.object_schema import FieldError, fields_problem, safe_key
from entrypoints.web.wire.problems import MAX_ERRORS

MAX_LABELS = 1_000
KEYS = ("token", "y")


def read_labels(value: Any) -> list[Label]:
    """Return the labels of a body's value, or raise `ProblemError` with the first places that are malformed."""
    is_list = type(value) is list
    items = value if is_list else [value]
    if len(items) > MAX_LABELS:
        raise too_many_rows(MAX_LABELS)
    found = chain.from_iterable(_errors(item, prefix(number, is_list=is_list)) for number, item in enumerate(items))
    if errors := list(islice(found, MAX_ERRORS)):
        raise fields_problem({error.where: error for error in errors})
    return [Label(item["token"], float(item["y"])) for item in items]


def prefix(number: int, *, is_list: bool) -> str:
    """Return what precedes a key of a label in the name of its place, empty if the body is the label."""
    return f"[{number}]." if is_list else ""


def _errors(item: Any, before: str) -> Iterator[FieldError]:
    if type(item) is not dict:
        place = before.removesuffix(".") or "the body"
        yield FieldError("not_object", "must be an object with the keys token and y", place)
        return
    for key in (key for key in KEYS if key not in item):
        yield FieldError("missing_field", "is missing", f"{before}{key}")
    for key in (key for key in item if key not in KEYS):
        yield FieldError("unknown_field", "is not known; the keys are token and y", f"{before}{safe_key(key)}")
    label = item.get("y", 0)
    if type(item.get("token", "")) is not str:
        yield FieldError("wrong_type", "must be a string", f"{before}token")
    if type(label) not in NUMBER_TYPES:
        yield FieldError("wrong_type", "must be a number", f"{before}y")
    elif abs(label) > MAX_MAGNITUDE:
        yield FieldError("out_of_range", f"larger than {MAX_MAGNITUDE:g} in magnitude", f"{before}y")
