"""GET: whether the server lives and is ready, and what it serves."""

from typing import Any

import orjson
from flask import Blueprint, Response

from domain.errors import NoModel
from entrypoints.web.answer import JSON_TYPE
from entrypoints.web.open_inference.errors import PREFIX
from entrypoints.web.open_inference.metadata import of_model, of_server
from entrypoints.web.open_inference.served import Served


def open_inference_status(served: Served) -> Blueprint:
    """Return the routes; those about a model, and the server's readiness, answer 503 while nothing is loaded."""
    routes = Blueprint("open_inference_status", __name__, url_prefix=PREFIX)
    program = of_server()

    @routes.get("")
    @routes.get("/")  # as the protocol's OpenAPI document has it, where its text has no slash
    def server() -> Response:
        return _json(program)

    @routes.get("/health/live")
    def live() -> Response:
        return _json({"live": True})

    @routes.get("/health/ready")
    def ready() -> Response:
        if not served.live().is_loaded:
            raise NoModel  # without the particular reason, because the route needs no key
        return _json({"ready": True})

    @routes.get("/models/<name>")
    @routes.get("/models/<name>/versions/<version>")
    def model(name: str, version: str | None = None) -> Response:
        return _json(of_model(served.name, served(name, version)))

    @routes.get("/models/<name>/ready")
    @routes.get("/models/<name>/versions/<version>/ready")
    def model_ready(name: str, version: str | None = None) -> Response:
        served(name, version)
        return _json({"name": served.name, "ready": True})

    return routes


def _json(value: dict[str, Any]) -> Response:
    return Response(orjson.dumps(value), content_type=JSON_TYPE)
