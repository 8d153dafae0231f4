"""Health routes: /livez and /readyz, which need no key, /health, and /model, which describes the served model."""

from typing import Any

from flask import Blueprint, Response

from application.serving.current_model import CurrentModel
from application.serving.resolve_synced_champion import ResolveSyncedChampion
from domain.delivery.errors import NoModelLoaded
from domain.delivery.served_model import ServedModel
from entrypoints.web.routes.model_description import model_members
from entrypoints.web.wire.responses import json_response

# /readyz needs no key, so that its reason is the same sentence everywhere; the particular one may name files.
NOT_READY = {
    "status": "not ready",
    "reason": "no model is loaded; the server's log, /health and `endeavour doctor` give the reason",
}


def health_routes(current_model: CurrentModel, synced: ResolveSyncedChampion | None) -> Blueprint:
    """Return the routes; all but /livez answer 503 while no model is loaded.

    `synced` returns the state of the registry, and is None if the models are in files of this host.
    """
    routes = Blueprint("health", __name__)

    @routes.get("/livez")
    def livez() -> Response:
        return json_response({"status": "ok"})

    @routes.get("/readyz")
    def readyz() -> Response:
        return json_response({"status": "ready"}) if current_model.is_loaded else json_response(NOT_READY, 503)

    @routes.get("/health")
    def health() -> Response:
        served = _served_model(current_model, synced)
        return json_response({"status": "ok", "version": served.version.name, "source": served.origin})

    @routes.get("/model")
    def model() -> Response:
        served = _served_model(current_model, synced)
        problem = {"challenger_problem": current_model.models.challenger_problem}
        return json_response(model_members(served) | _registry_members(synced) | problem)

    return routes


def _served_model(current_model: CurrentModel, synced: ResolveSyncedChampion | None) -> ServedModel:
    """Return the served model, or raise `NoModelLoaded` with the last state of the registry."""
    try:
        return current_model.snapshot
    except NoModelLoaded as error:
        reason = synced.registry_status().reason if synced else ""
        if reason in error.why:
            raise
        raise NoModelLoaded(f"{error.why}; the registry: {reason}") from error


def _registry_members(synced: ResolveSyncedChampion | None) -> dict[str, Any]:
    if synced is None:
        return {"registry": None, "copy_problem": ""}
    status = synced.registry_status()
    return {
        "registry": {"state": status.state, "reason": status.reason, "seconds": status.seconds},
        "copy_problem": status.copy_problem,
    }
