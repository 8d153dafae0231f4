"""Prediction routes: POST /stream and POST /batch."""

from flask import Blueprint, Response, request

from application.serving.predict import Predict
from entrypoints.web.wire.json_body import read_json_body
from entrypoints.web.wire.prediction import predict_and_record, prediction_response
from entrypoints.web.wire.request_limits import RequestLimits
from entrypoints.web.wire.schemas import batch_schema, is_plain_number_batch, load_rows, stream_schema


def stream_route(predict: Predict, limits: RequestLimits) -> Blueprint:
    """Return the route that predicts one row, as a batch of one, so that both give the same bits."""
    routes, schema = Blueprint("stream", __name__), stream_schema()

    @routes.post("/stream")
    def stream() -> Response:
        environ = request.environ
        body = read_json_body(environ, limits)
        predictions = predict_and_record(environ, predict, [load_rows(schema, body.value)], lambda _: "X")
        return prediction_response(predictions, {"result": predictions.values.item()})

    return routes


def batch_route(predict: Predict, limits: RequestLimits) -> Blueprint:
    """Return the route that predicts up to `limits.rows` rows."""
    routes, schema = Blueprint("batch", __name__), batch_schema(limits.rows)

    @routes.post("/batch")
    def batch() -> Response:
        environ = request.environ
        body = read_json_body(environ, limits)
        is_plain = is_plain_number_batch(body) and len(body.value["X"]) <= limits.rows
        rows = body.value["X"] if is_plain else load_rows(schema, body.value)
        predictions = predict_and_record(environ, predict, rows, lambda error: f"X[{error.row}]")
        return prediction_response(predictions, {"result": predictions.values})

    return routes
