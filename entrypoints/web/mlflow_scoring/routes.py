"""POST /invocations, GET /ping and GET /version."""

from flask import Blueprint, Response, request

from application.live_model import LiveModel
from application.predict import Predict
from domain.errors import BadRecord, NoModel
from entrypoints.web.answer import predicted
from entrypoints.web.body import Limits
from entrypoints.web.forms import of_record
from entrypoints.web.mlflow_scoring.forms import posted
from entrypoints.web.wording import MLFLOW_BLUEPRINT

# The version of MLflow whose protocol this is: a test replays requests to that version.
SPOKEN = "3.17.2"
PLAIN = "text/plain; charset=utf-8"


def scoring(predict: Predict, live: LiveModel, limits: Limits) -> Blueprint:
    """Return the routes of `mlflow models serve`; their errors have MLflow's form."""
    routes = Blueprint(MLFLOW_BLUEPRINT, __name__)
    routes.register_error_handler(BadRecord, lambda error: of_record(error, f"rows[{error.row}]"))

    @routes.post("/invocations")
    def invocations() -> Response:
        predictions = predict(posted(request.environ, limits))
        return predicted(predictions, {"predictions": predictions.values})

    @routes.get("/ping")
    def ping() -> Response:
        if not live.is_loaded:
            raise NoModel  # without the particular reason, because the route needs no key
        return Response("\n", content_type=PLAIN)

    @routes.get("/version")
    def version() -> Response:
        return Response(SPOKEN, content_type=PLAIN)

    return routes
