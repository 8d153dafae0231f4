"""Prediction routes: POST /stream, POST /batch and POST /explain."""

from flask import Blueprint, request

from application.serving.issue_feedback_token import IssueFeedbackToken
from application.serving.predict import Predict
from application.serving.predict_rows import Predictions
from domain.delivery.routing import Role
from domain.model.errors import IntervalNotFinite, IntervalUnavailable, InvalidRow, PredictionNotFinite
from entrypoints.web.wire.intervals import INTERVAL, extrapolation_header, predict_intervals, take_level
from entrypoints.web.wire.json_body import read_json_body
from entrypoints.web.wire.number_list import NumberPlaces
from entrypoints.web.wire.prediction import NO_HEADERS, predict_and_record, prediction_response, require_explainable
from entrypoints.web.wire.problems import ProblemError
from entrypoints.web.wire.request_limits import RequestLimits
from entrypoints.web.wire.responses import JsonResponse
from entrypoints.web.wire.row_schemas import batch_schema, stream_schema

ROWS = NumberPlaces(("X",))


def stream_route(predict: Predict, issue_token: IssueFeedbackToken, limits: RequestLimits) -> Blueprint:
    """Return the route that predicts one row, as a batch of one, so that both give the same bits."""
    routes, schema = Blueprint("stream", __name__), stream_schema()

    @routes.post("/stream")
    def stream() -> JsonResponse:
        environ = request.environ
        value, headers, bounds = read_json_body(environ, limits), NO_HEADERS, None
        level = take_level(value)
        rows = schema.load(value)["X"]
        if level is None:
            predictions = predict_and_record(environ, predict, rows, lambda _: "X")
        else:
            predictions, bounds, headers = predict_intervals(environ, predict, rows, lambda _: "X", level)
        body: dict[str, object] = {"result": predictions.values.item()}
        if bounds is not None:
            body[INTERVAL] = bounds[0]
        if environ.get("HTTP_X_FEEDBACK") == "1":
            headers = {**headers, "X-Feedback-Token": issue_token(*predict.paired(predictions, rows))}
        return prediction_response(predictions, body, headers)

    return routes


def batch_route(predict: Predict, limits: RequestLimits) -> Blueprint:
    """Return the route that predicts up to `limits.rows` rows."""
    routes, schema = Blueprint("batch", __name__), batch_schema(limits.rows)

    @routes.post("/batch")
    def batch() -> JsonResponse:
        environ = request.environ
        value = read_json_body(environ, limits, places=ROWS)
        level = take_level(value)
        rows = schema.load(value)["X"]
        if level is None:
            predictions = predict_and_record(environ, predict, rows, _row_place)
            return prediction_response(predictions, {"result": predictions.values})
        predictions, bounds, headers = predict_intervals(environ, predict, rows, _row_place, level)
        return prediction_response(predictions, {"result": predictions.values, INTERVAL: bounds}, headers)

    return routes


def explain_route(predict: Predict, limits: RequestLimits) -> Blueprint:
    """Return the route that explains as many predictions as a response has room for.

    The champion explains what the challenger of a rollout cannot: sums beyond the bounds, or in too many columns.
    """
    routes, schema = Blueprint("explain", __name__), batch_schema(limits.rows)

    @routes.post("/explain")
    def explain() -> JsonResponse:
        environ = request.environ
        value = read_json_body(environ, limits, places=ROWS)
        level = take_level(value)
        rows = schema.load(value)["X"]
        predictions = predict_and_record(environ, predict, rows, _row_place)
        try:
            return _explained(predictions, level)
        except (ProblemError, PredictionNotFinite, IntervalNotFinite, IntervalUnavailable):
            if predictions.role is not Role.CHALLENGER:
                raise
        return _explained(predict_and_record(environ, predict, rows, _row_place, Role.CHAMPION), level)

    return routes


def _row_place(error: InvalidRow) -> str:
    return f"X[{error.row}]"


def _explained(predictions: Predictions, level: float | None) -> JsonResponse:
    require_explainable(predictions)
    explanation, found = predictions.explain(), predictions.extrapolations()
    body: dict[str, object] = {
        "result": predictions.values,
        "base": explanation.base,
        "contributions": explanation.rows(),
        "extrapolating": [
            [name for name, rows in found.items() if rows[row]] for row in range(len(predictions.values))
        ],
    }
    if level is not None:
        body[INTERVAL] = predictions.intervals(level)
    return prediction_response(predictions, body, extrapolation_header(found))
