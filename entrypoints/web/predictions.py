"""POST /stream and POST /batch."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from marshmallow import Schema

from application.predict import Predict
from domain.errors import BadRecord, UnknownFeature
from entrypoints.web.answer import predicted
from entrypoints.web.body import read_json, refuse_repeated_keys
from entrypoints.web.forms import Stream, are_numbers, batch_of, load, word
from entrypoints.web.limits import Limits
from entrypoints.web.problems import Place, of_domain


def stream(predict: Callable[[], Predict], limits: Limits) -> Blueprint:
    """Return the route that predicts one row; it is the first of a batch of one, so the two agree to the last bit."""
    routes, form = Blueprint("stream", __name__), Stream()
    routes.register_error_handler(BadRecord, lambda error: _of_record(error, "X"))

    @routes.post("/stream")
    def one() -> Response:
        predictions = predict()([_posted(form, limits)])
        return predicted(predictions, {"result": predictions.values.item()})

    return routes


def batch(predict: Callable[[], Predict], limits: Limits) -> Blueprint:
    """Return the route that predicts any number of rows."""
    routes, form = Blueprint("batch", __name__), batch_of(limits.rows)
    routes.register_error_handler(BadRecord, lambda error: _of_record(error, f"X[{error.row}]"))

    @routes.post("/batch")
    def many() -> Response:
        predictions = predict()(_posted_rows(form, limits))
        return predicted(predictions, {"result": predictions.values})

    return routes


def _posted_rows(form: Schema, limits: Limits) -> Any:
    value, raw = read_json(request.environ, limits)
    if are_numbers(value, raw) and len(value["X"]) <= limits.rows:
        return value["X"]
    return _checked(form, value, raw)


def _posted(form: Schema, limits: Limits) -> Any:
    return _checked(form, *read_json(request.environ, limits))


def _checked(form: Schema, value: Any, raw: bytes) -> Any:
    rows = load(form, value)
    refuse_repeated_keys(raw, 1 + _members(rows))
    return rows


def _members(rows: Any) -> int:
    """Return how many values have a name."""
    if isinstance(rows, dict):
        return len(rows)
    kinds = set(map(type, rows)) if isinstance(rows, list) else set()
    if kinds == {dict}:
        return sum(map(len, rows))
    return sum(len(row) for row in rows if isinstance(row, dict)) if dict in kinds else 0


def _of_record(error: BadRecord, row: str) -> Response:
    """Name the row and the field; of a name that the client made up, no more than a name can be is repeated."""
    field = word(error.field) if isinstance(error, UnknownFeature) else error.field
    return of_domain(error, Place(f"{row}.{field}" if field else row, error.why))
