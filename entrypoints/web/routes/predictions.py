"""Prediction routes: POST /stream, POST /batch and POST /explain."""

from flask import Blueprint, Response, request
from marshmallow import Schema

from application.serving.issue_feedback_token import IssueFeedbackToken
from application.serving.predict import Predict, Predictions
from entrypoints.web.wire.json_body import read_json_body
from entrypoints.web.wire.prediction import predict_and_record, prediction_response, require_explainable
from entrypoints.web.wire.request_limits import RequestLimits
from entrypoints.web.wire.schemas import batch_schema, is_plain_number_batch, load_rows, stream_schema


def stream_route(predict: Predict, issue_token: IssueFeedbackToken, limits: RequestLimits) -> Blueprint:
    """Return the route that predicts one row, as a batch of one, so that both give the same bits."""
    routes, schema = Blueprint("stream", __name__), stream_schema()

    @routes.post("/stream")
    def stream() -> Response:
        environ = request.environ
        body = read_json_body(environ, limits)
        predictions = predict_and_record(environ, predict, load_rows(schema, body.value), lambda _: "X")
        response = prediction_response(predictions, {"result": predictions.values.item()})
        if environ.get("HTTP_X_FEEDBACK") == "1":
            response.headers["X-Feedback-Token"] = issue_token(
                predictions.snapshot.version.name, predictions.values.item()
            )
        return response

    return routes


def batch_route(predict: Predict, limits: RequestLimits) -> Blueprint:
    """Return the route that predicts up to `limits.rows` rows."""
    routes, schema = Blueprint("batch", __name__), batch_schema(limits.rows)

    @routes.post("/batch")
    def batch() -> Response:
        predictions = _predict_batch(predict, schema, limits)
        return prediction_response(predictions, {"result": predictions.values})

    return routes


def explain_route(predict: Predict, limits: RequestLimits) -> Blueprint:
    """Return the route that explains as many predictions as a response has room for."""
    routes, schema = Blueprint("explain", __name__), batch_schema(limits.rows)

    @routes.post("/explain")
    def explain() -> Response:
        predictions = _predict_batch(predict, schema, limits)
        require_explainable(predictions)
        explanation = predictions.explain()
        body = {"result": predictions.values, "base": explanation.base, "contributions": explanation.rows()}
        return prediction_response(predictions, body)

    return routes


def _predict_batch(predict: Predict, schema: Schema, limits: RequestLimits) -> Predictions:
    environ = request.environ
    body = read_json_body(environ, limits)
    is_plain = is_plain_number_batch(body) and len(body.value["X"]) <= limits.rows
    rows = body.value["X"] if is_plain else load_rows(schema, body.value)
    return predict_and_record(environ, predict, rows, lambda error: f"X[{error.row}]")
