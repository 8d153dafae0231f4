"""Prediction routes: POST /stream, POST /batch and POST /explain."""

from collections.abc import Sequence

from flask import Blueprint, Response, request
from marshmallow import Schema

from application.serving.issue_feedback_token import IssueFeedbackToken
from application.serving.predict import Predict
from application.serving.predict_rows import Predictions
from domain.delivery.routing import Role
from domain.model.errors import PredictionNotFinite
from domain.model.prediction_input import PredictionInput, Row
from entrypoints.web.wire.json_body import read_json_body
from entrypoints.web.wire.prediction import predict_and_record, prediction_response, require_explainable
from entrypoints.web.wire.problems import ProblemError
from entrypoints.web.wire.request_limits import RequestLimits
from entrypoints.web.wire.schemas import batch_schema, is_plain_number_batch, load_rows, stream_schema

Rows = Sequence[Row] | PredictionInput


def stream_route(predict: Predict, issue_token: IssueFeedbackToken, limits: RequestLimits) -> Blueprint:
    """Return the route that predicts one row, as a batch of one, so that both give the same bits."""
    routes, schema = Blueprint("stream", __name__), stream_schema()

    @routes.post("/stream")
    def stream() -> Response:
        environ = request.environ
        rows = load_rows(schema, read_json_body(environ, limits).value)
        predictions = predict_and_record(environ, predict, rows, lambda _: "X")
        body = {"result": predictions.values.item()}
        if environ.get("HTTP_X_FEEDBACK") != "1":
            return prediction_response(predictions, body)
        token = issue_token(*predict.paired(predictions, rows))
        return prediction_response(predictions, body, {"X-Feedback-Token": token})

    return routes


def batch_route(predict: Predict, limits: RequestLimits) -> Blueprint:
    """Return the route that predicts up to `limits.rows` rows."""
    routes, schema = Blueprint("batch", __name__), batch_schema(limits.rows)

    @routes.post("/batch")
    def batch() -> Response:
        predictions = _predict_batch(predict, _batch_rows(schema, limits))
        return prediction_response(predictions, {"result": predictions.values})

    return routes


def explain_route(predict: Predict, limits: RequestLimits) -> Blueprint:
    """Return the route that explains as many predictions as a response has room for.

    The champion explains what the challenger of a rollout cannot: sums beyond the bounds, or in too many columns.
    """
    routes, schema = Blueprint("explain", __name__), batch_schema(limits.rows)

    @routes.post("/explain")
    def explain() -> Response:
        rows = _batch_rows(schema, limits)
        predictions = _predict_batch(predict, rows)
        try:
            return _explained(predictions)
        except (ProblemError, PredictionNotFinite):
            if predictions.role is not Role.CHALLENGER:
                raise
        return _explained(_predict_batch(predict, rows, Role.CHAMPION))

    return routes


def _batch_rows(schema: Schema, limits: RequestLimits) -> Rows:
    body = read_json_body(request.environ, limits)
    is_plain = is_plain_number_batch(body) and len(body.value["X"]) <= limits.rows
    rows: Rows = body.value["X"] if is_plain else load_rows(schema, body.value)
    return rows


def _predict_batch(predict: Predict, rows: Rows, pin: Role | None = None) -> Predictions:
    return predict_and_record(request.environ, predict, rows, lambda error: f"X[{error.row}]", pin)


def _explained(predictions: Predictions) -> Response:
    require_explainable(predictions)
    explanation = predictions.explain()
    body = {"result": predictions.values, "base": explanation.base, "contributions": explanation.rows()}
    return prediction_response(predictions, body)
