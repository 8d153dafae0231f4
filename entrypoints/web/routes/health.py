"""Status routes: whether the server lives and can predict, which needs no key, and the model it predicts with."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response

from application.serving.current_model import CurrentModel
from application.serving.resolve_synced_champion import ResolveSyncedChampion
from domain.access.redaction import Redaction
from domain.delivery.errors import NoModelLoaded
from domain.delivery.served_model import ServedModel
from entrypoints.web.wire.responses import json_response

# /readyz needs no key, so that its reason is the same sentence everywhere; the particular one may name files.
NOT_READY = {
    "status": "not ready",
    "reason": "no model is loaded; the server's log, /health and `endeavour doctor` say why",
}


def routes(live: CurrentModel, mirrored: ResolveSyncedChampion | None, redaction: Redaction) -> Blueprint:
    """Return the routes; all but /livez answer 503 while nothing is loaded.

    `mirrored` returns what the mirror knows, None where the models are kept on this host and there is no mirror.
    `redaction` removes secrets from the reasons of failures, which libraries and the registry have written.
    """
    routes = Blueprint("status", __name__)

    @routes.get("/livez")
    def livez() -> Response:
        return json_response({"status": "ok"})

    @routes.get("/readyz")
    def readyz() -> Response:
        return json_response({"status": "ready"}) if live.is_loaded else json_response(NOT_READY, 503)

    @routes.get("/health")
    def health() -> Response:
        snapshot = _snapshot(live, mirrored, redaction)
        return json_response({"status": "ok", "version": snapshot.version.name, "source": snapshot.origin})

    @routes.get("/model")
    def model() -> Response:
        return json_response(_described(_snapshot(live, mirrored, redaction)) | _mirrored(mirrored, redaction))

    return routes


def _snapshot(live: CurrentModel, mirrored: ResolveSyncedChampion | None, redaction: Redaction) -> ServedModel:
    """Return what is served, or raise `NoModelLoaded` with how the registry was last found."""
    try:
        return live.snapshot
    except NoModelLoaded as error:
        reason = redaction.text(mirrored.registry_status().reason) if mirrored else ""
        if reason in error.why:
            raise
        raise NoModelLoaded(f"{error.why}; the registry: {reason}") from error


def _mirrored(mirrored: ResolveSyncedChampion | None, redaction: Redaction) -> dict[str, Any]:
    if mirrored is None:
        return {"registry": None, "copy_problem": ""}
    word = mirrored.registry_status()
    return {
        "registry": {"state": word.state, "reason": redaction.text(word.reason), "seconds": word.seconds},
        "copy_problem": redaction.text(word.copy_problem),
    }


def _described(snapshot: ServedModel) -> dict[str, Any]:
    version = snapshot.version
    lineage = asdict(version.lineage)
    return {
        "version": version.name,
        "source": snapshot.origin,
        "features": version.model.feature_names,
        "target": lineage.pop("target"),
        "scores": lineage.pop("scores"),
        "lineage": lineage,
    }
