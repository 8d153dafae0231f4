"""GET: whether the server lives and is ready, and what it serves."""

from flask import Blueprint, Response

from domain.delivery.errors import NoModelLoaded
from entrypoints.web.protocols.open_inference.model_endpoint import ServedModelEndpoint, of_model, of_server
from entrypoints.web.wire.error_formats import OPEN_INFERENCE_PREFIX
from entrypoints.web.wire.responses import json_response


def open_inference_status(served: ServedModelEndpoint) -> Blueprint:
    """Return the routes; those about a model, and the server's readiness, answer 503 while nothing is loaded."""
    routes = Blueprint("open_inference_status", __name__, url_prefix=OPEN_INFERENCE_PREFIX)
    program = of_server()

    @routes.get("")
    @routes.get("/")  # as the protocol's OpenAPI document has it, where its text has no slash
    def server() -> Response:
        return json_response(program)

    @routes.get("/health/live")
    def live() -> Response:
        return json_response({"live": True})

    @routes.get("/health/ready")
    def ready() -> Response:
        if not served.live.is_loaded:
            raise NoModelLoaded  # without the particular reason, because the route needs no key
        return json_response({"ready": True})

    @routes.get("/models/<name>")
    @routes.get("/models/<name>/versions/<version>")
    def model(name: str, version: str | None = None) -> Response:
        return json_response(of_model(served.name, served(name, version)))

    @routes.get("/models/<name>/ready")
    @routes.get("/models/<name>/versions/<version>/ready")
    def model_ready(name: str, version: str | None = None) -> Response:
        served(name, version)
        return json_response({"name": served.name, "ready": True})

    return routes
