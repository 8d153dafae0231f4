"""Prediction of a request's rows, and the response with the predictions."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

import orjson

from application.serving.predict import Predict
from application.serving.predict_rows import Predictions
from domain.delivery.routing import Role
from domain.model.errors import InvalidRow, UnknownFeature, WrongKind
from domain.model.explanation import contribution_names
from domain.model.prediction_input import PredictionInput, Row
from entrypoints.observability.request_context import context_of
from entrypoints.web.wire.json_body import too_many_rows
from entrypoints.web.wire.object_schema import safe_key
from entrypoints.web.wire.pin import NO_CHALLENGER, PINNED_MODEL, read_pin
from entrypoints.web.wire.problems import ErrorLocation, ProblemError, problem_from_domain_error
from entrypoints.web.wire.responses import JsonResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


# Below the limits of proxies for all headers of a response.
MAX_HEADER_CHARACTERS = 1_000
NO_HEADERS: Mapping[str, str] = {}
# Of the contributions in a response, about; one row is always allowed. A number has quotes, a colon and a comma around.
MAX_EXPLANATION_BYTES, MAX_NUMBER_BYTES = 8 * 1024 * 1024, 28


def predict_and_record(
    environ: "WSGIEnvironment",
    predict: Predict,
    rows: Sequence[Row] | PredictionInput,
    row_place: Callable[[InvalidRow], str],
    pin: Role | None = None,
) -> Predictions:
    """Return the predictions of `rows`, and record their number and model in the context of the request.

    During a rollout, `pin` chooses the model, then the header X-Endeavour-Model, then the key of the request.

    Raises
    ------
    ProblemError
        If a row does not fit the model; `row_place` returns its place in the request. If the header is not allowed, or
        the challenger is chosen and there is none.
    NoModelLoaded
    """
    context = context_of(environ)
    if PINNED_MODEL in environ:
        named = read_pin(environ)
        pin = pin or named
    context.pin = pin
    try:
        predictions = predict(rows, context)
    except InvalidRow as error:
        raise invalid_row_problem(error, row_place) from error
    if pin is Role.CHALLENGER and predictions.role is None:
        raise ProblemError(404, "no_challenger", NO_CHALLENGER)
    context.record_predictions(predictions)
    return predictions


def require_explainable(predictions: Predictions) -> None:
    """Raise `ProblemError` if the contributions would not fit into a response."""
    names = contribution_names(predictions.snapshot.version.model)
    row_bytes = sum(len(name.encode()) + MAX_NUMBER_BYTES for name in names)
    max_rows = max(1, MAX_EXPLANATION_BYTES // row_bytes)
    if len(predictions.values) > max_rows:
        raise too_many_rows(max_rows)


def prediction_response(
    predictions: Predictions, body: Mapping[str, object], more_headers: Mapping[str, str] = NO_HEADERS
) -> JsonResponse:
    """Return the response with `body`, which may hold arrays."""
    snapshot = predictions.snapshot
    headers = {"X-Model-Version": snapshot.version.name, "X-Model-Source": snapshot.origin, **more_headers}
    if predictions.role is not None:
        headers["X-Model-Role"] = predictions.role
    if counts := predictions.row_counts:
        by_header = {"X-Unseen-Levels": counts.unseen_levels, "X-Filled-Values": counts.filled_values}
        headers |= {header: row_counts_header(rows) for header, rows in by_header.items() if rows}
    return JsonResponse(orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY), headers)


def row_counts_header(rows: Mapping[str, int]) -> str:
    """Return numbers of rows by feature as a header's value (RFC 9651); `*` counts the features that do not fit.

    Examples
    --------
    >>> row_counts_header({"city": 1, "Größe: m": 2})
    'city;rows=1, Gr%C3%B6%C3%9Fe%3A%20m;rows=2'
    """
    items, characters = [], 0
    for number, (name, count) in enumerate(rows.items()):
        quoted = quote(name, safe="")
        token = quoted if quoted[:1].isalpha() else f'"{quoted}"'
        items.append(f"{token};rows={count}")
        characters += len(items[-1])
        if characters > MAX_HEADER_CHARACTERS:
            items[-1] = f"*;features={len(rows) - number}"
            break
    return ", ".join(items)


def invalid_row_problem(error: InvalidRow, row_place: Callable[[InvalidRow], str]) -> ProblemError:
    """Return the problem of a row that does not fit the model; `row_place` returns its place in the request."""
    field = safe_key(error.field) if isinstance(error, UnknownFeature) else error.field
    rows = (
        [WrongKind([row], error.field, error.expected) for row in error.rows]
        if isinstance(error, WrongKind)
        else [error]
    )
    places = [f"{row_place(each)}.{field}" if field else row_place(each) for each in rows]
    return problem_from_domain_error(error, [ErrorLocation(place, error.why) for place in places])
