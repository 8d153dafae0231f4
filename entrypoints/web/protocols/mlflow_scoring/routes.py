"""POST /invocations, GET /ping and GET /version."""

from flask import Blueprint, Response, request

from application.serving.current_model import CurrentModel
from application.serving.predict import Predict
from domain.delivery.errors import NoModelLoaded
from domain.model.errors import InvalidRow
from entrypoints.web.protocols.mlflow_scoring.schemas import posted
from entrypoints.web.wire.error_formats import MLFLOW_BLUEPRINT
from entrypoints.web.wire.json_body import Limits
from entrypoints.web.wire.responses import predicted
from entrypoints.web.wire.schemas import of_record

# The version of MLflow whose protocol this is: a test replays requests to that version.
SPOKEN = "3.17.2"
PLAIN = "text/plain; charset=utf-8"


def scoring(predict: Predict, live: CurrentModel, limits: Limits) -> Blueprint:
    """Return the routes of `mlflow models serve`; their errors have MLflow's form."""
    routes = Blueprint(MLFLOW_BLUEPRINT, __name__)
    routes.register_error_handler(InvalidRow, lambda error: of_record(error, f"rows[{error.row}]"))

    @routes.post("/invocations")
    def invocations() -> Response:
        predictions = predict(posted(request.environ, limits))
        return predicted(predictions, {"predictions": predictions.values})

    @routes.get("/ping")
    def ping() -> Response:
        if not live.is_loaded:
            raise NoModelLoaded  # without the particular reason, because the route needs no key
        return Response("\n", content_type=PLAIN)

    @routes.get("/version")
    def version() -> Response:
        return Response(SPOKEN, content_type=PLAIN)

    return routes
