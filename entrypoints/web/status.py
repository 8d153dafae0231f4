"""GET /health and GET /model: whether there is anything to answer with, and what."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import orjson
from flask import Blueprint, Response

from application.latest_mirrored import LatestMirrored
from application.live_model import LiveModel
from domain.snapshot import Snapshot
from entrypoints.web.answer import JSON_TYPE


def routes(live: Callable[[], LiveModel], mirrored: Callable[[], LatestMirrored | None]) -> Blueprint:
    """Return the routes; both answer 503 while nothing is loaded.

    `mirrored` gives what the mirror knows, None where the models are kept on this host and there is no mirror.
    """
    routes = Blueprint("status", __name__)

    @routes.get("/health")
    def health() -> Response:
        snapshot = live().snapshot
        return _json({"status": "ok", "version": snapshot.version.name, "source": snapshot.source})

    @routes.get("/model")
    def model() -> Response:
        return _json(_described(live().snapshot) | _mirrored(mirrored()))

    return routes


def _mirrored(mirrored: LatestMirrored | None) -> dict[str, Any]:
    if mirrored is None:
        return {"registry": None, "copy_problem": ""}
    word = mirrored.registry()
    return {"registry": asdict(word), "copy_problem": mirrored.copy_problem()}


def _described(snapshot: Snapshot) -> dict[str, Any]:
    version = snapshot.version
    lineage = asdict(version.lineage)
    return {
        "version": version.name,
        "source": snapshot.source,
        "features": version.model.feature_names,
        "target": lineage.pop("target"),
        "scores": lineage.pop("scores"),
        "lineage": lineage,
    }


def _json(value: dict[str, Any]) -> Response:
    return Response(orjson.dumps(value), content_type=JSON_TYPE)
