"""POST /invocations, GET /ping and GET /version."""

from collections.abc import Callable

from flask import Blueprint, Response, request

from application.live_model import LiveModel
from application.predict import Predict
from domain.errors import BadRecord, NoModel
from entrypoints.web.limits import Limits
from entrypoints.web.mlflow_scoring.answers import in_mlflows_words, of_record, predicted
from entrypoints.web.mlflow_scoring.forms import posted

# Whose protocol this is, to the request: a test replays a table of them to that very version.
SPOKEN = "3.17.2"
PLAIN = "text/plain; charset=utf-8"


def scoring(predict: Callable[[], Predict], live: Callable[[], LiveModel], limits: Limits) -> Blueprint:
    """Return the routes of `mlflow models serve`; errors within them are told as MLflow tells them."""
    routes = Blueprint("mlflow_scoring", __name__)
    routes.register_error_handler(BadRecord, of_record)
    routes.after_request(in_mlflows_words)

    @routes.post("/invocations")
    def invocations() -> Response:
        return predicted(predict()(posted(request.environ, limits)))

    @routes.get("/ping")
    def ping() -> Response:
        if not live().is_loaded:
            raise NoModel  # without the particular reason, because the route needs no key
        return Response("\n", content_type=PLAIN)

    @routes.get("/version")
    def version() -> Response:
        return Response(SPOKEN, content_type=PLAIN)

    return routes
