"""POST /stream and POST /batch."""

from flask import Blueprint, Response, request

from application.serving.predict import Predict
from domain.model.errors import InvalidRow
from entrypoints.web.wire.json_body import Limits, read_json
from entrypoints.web.wire.responses import predicted
from entrypoints.web.wire.schemas import are_numbers, batch_form, load, of_record, stream_form


def stream(predict: Predict, limits: Limits) -> Blueprint:
    """Return the route that predicts one row, as a batch of one, so that both give the same bits."""
    routes, form = Blueprint("stream", __name__), stream_form()
    routes.register_error_handler(InvalidRow, lambda error: of_record(error, "X"))

    @routes.post("/stream")
    def one() -> Response:
        value, _ = read_json(request.environ, limits)
        predictions = predict([load(form, value)])
        return predicted(predictions, {"result": predictions.values.item()})

    return routes


def batch(predict: Predict, limits: Limits) -> Blueprint:
    """Return the route that predicts any number of rows."""
    routes, form = Blueprint("batch", __name__), batch_form(limits.rows)
    routes.register_error_handler(InvalidRow, lambda error: of_record(error, f"X[{error.row}]"))

    @routes.post("/batch")
    def many() -> Response:
        value, raw = read_json(request.environ, limits)
        is_plain = are_numbers(value, raw) and len(value["X"]) <= limits.rows
        predictions = predict(value["X"] if is_plain else load(form, value))
        return predicted(predictions, {"result": predictions.values})

    return routes
