"""Prediction of a request's rows, and the response with the predictions."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import orjson

from application.serving.predict import Predict, Predictions
from domain.model.errors import InvalidRow, UnknownFeature
from domain.model.prediction_input import PredictionInput, Row
from entrypoints.observability.request_context import context_of
from entrypoints.web.wire.problems import ErrorLocation, ProblemError, problem_from_domain_error
from entrypoints.web.wire.responses import JsonResponse
from entrypoints.web.wire.schemas import safe_key

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def predict_and_record(
    environ: "WSGIEnvironment",
    predict: Predict,
    rows: Sequence[Row] | PredictionInput,
    row_place: Callable[[InvalidRow], str],
) -> Predictions:
    """Return the predictions of `rows`, and record their number and model in the context of the request.

    Raises
    ------
    ProblemError
        If a row does not fit the model; `row_place` returns its place in the request.
    NoModelLoaded
    """
    try:
        predictions = predict(rows)
    except InvalidRow as error:
        raise _invalid_row(error, row_place(error)) from error
    context_of(environ).record_prediction(len(predictions.values), predictions.snapshot)
    return predictions


def prediction_response(predictions: Predictions, body: Mapping[str, object]) -> JsonResponse:
    """Return the response with `body`, which may hold arrays."""
    snapshot = predictions.snapshot
    headers = {"X-Model-Version": snapshot.version.name, "X-Model-Source": snapshot.origin}
    return JsonResponse(orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY), headers)


def _invalid_row(error: InvalidRow, place: str) -> ProblemError:
    field = safe_key(error.field) if isinstance(error, UnknownFeature) else error.field
    return problem_from_domain_error(error, ErrorLocation(f"{place}.{field}" if field else place, error.why))
