"""Status routes of the Open Inference Protocol: whether the server is live and ready, and the model that it serves."""

from flask import Blueprint, Response, request

from domain.delivery.errors import NoModelLoaded
from domain.delivery.served_model import ServedModel
from entrypoints.observability.request_context import context_of
from entrypoints.web.protocols.open_inference.model_endpoint import (
    URL_PREFIX,
    ServedModelEndpoint,
    model_metadata,
    server_metadata,
)
from entrypoints.web.wire.responses import json_response


def status_routes(endpoint: ServedModelEndpoint) -> Blueprint:
    """Return the routes; those about a model, and the server's readiness, answer 503 while no model is loaded."""
    routes = Blueprint("open_inference_status", __name__, url_prefix=URL_PREFIX)
    server = server_metadata()

    def find(name: str, version: str | None) -> ServedModel:
        return endpoint.find(name, version, may_operate=context_of(request.environ).may_operate)[0]

    @routes.get("")
    @routes.get("/")  # as in the protocol's OpenAPI document; its text has no slash
    def describe_server() -> Response:
        return json_response(server)

    @routes.get("/health/live")
    def live() -> Response:
        return json_response({"live": True})

    @routes.get("/health/ready")
    def ready() -> Response:
        if not endpoint.current_model.is_loaded:
            raise NoModelLoaded  # without the particular reason, because the route needs no key
        return json_response({"ready": True})

    @routes.get("/models/<name>")
    @routes.get("/models/<name>/versions/<version>")
    def describe_model(name: str, version: str | None = None) -> Response:
        return json_response(model_metadata(endpoint.name, find(name, version)))

    @routes.get("/models/<name>/ready")
    @routes.get("/models/<name>/versions/<version>/ready")
    def model_ready(name: str, version: str | None = None) -> Response:
        find(name, version)
        return json_response({"name": endpoint.name, "ready": True})

    return routes
