"""Routes of MLflow's scoring protocol: POST /invocations, GET /ping and GET /version."""

from flask import Blueprint, Response, request

from application.serving.current_model import CurrentModel
from application.serving.predict import Predict
from domain.delivery.errors import NoModelLoaded
from domain.model.errors import InvalidRow
from entrypoints.web.protocols.mlflow_scoring.schemas import read_invocation
from entrypoints.web.wire.intervals import INTERVAL, predict_intervals
from entrypoints.web.wire.prediction import predict_and_record, prediction_response
from entrypoints.web.wire.request_limits import RequestLimits
from entrypoints.web.wire.responses import JsonResponse

SCORING_PATHS = ("/invocations", "/ping", "/version")
# The version of MLflow whose protocol this is: a test replays requests to that version.
PROTOCOL_VERSION = "3.17.2"
TEXT_TYPE = "text/plain; charset=utf-8"


def scoring_routes(predict: Predict, current_model: CurrentModel, limits: RequestLimits) -> Blueprint:
    """Return the routes of `mlflow models serve`."""
    routes = Blueprint("mlflow_scoring", __name__)

    @routes.post("/invocations")
    def invocations() -> JsonResponse:
        environ = request.environ
        table, level = read_invocation(environ, limits)
        if level is None:
            predictions = predict_and_record(environ, predict, table, _row_place)
            return prediction_response(predictions, {"predictions": predictions.values})
        predictions, bounds, headers = predict_intervals(environ, predict, table, _row_place, level)
        return prediction_response(predictions, {"predictions": predictions.values, INTERVAL: bounds}, headers)

    @routes.get("/ping")
    def ping() -> Response:
        if not current_model.is_loaded:
            raise NoModelLoaded  # without the particular reason, because the route needs no key
        return Response("\n", content_type=TEXT_TYPE)

    @routes.get("/version")
    def version() -> Response:
        return Response(PROTOCOL_VERSION, content_type=TEXT_TYPE)

    return routes


def _row_place(error: InvalidRow) -> str:
    return f"rows[{error.row}]"
