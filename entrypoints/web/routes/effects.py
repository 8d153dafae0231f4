"""Effects route: GET /effects, what each column adds to a prediction, and where another version differs."""

from typing import Any

from flask import Blueprint, Response, request

from application.serving.describe_model import DescribeModel, ModelDescription
from domain.delivery.difference import ModelDifference
from domain.model.column_effects import ColumnEffect
from domain.model.errors import ModelNotFound
from domain.model.model_version import ModelVersion
from entrypoints.web.routes.model_description import origin_members
from entrypoints.web.routes.monitoring import answered_503
from entrypoints.web.wire.distributions import column_facts, prediction_facts
from entrypoints.web.wire.problems import ProblemError
from entrypoints.web.wire.responses import json_response

UNKNOWN = "version and against must be names of versions that GET /versions lists"


def effects_route(describe: DescribeModel) -> Blueprint:
    """Return the route, which answers 503 while no model is loaded."""
    routes = Blueprint("effects", __name__)

    @routes.get("/effects")
    def effects() -> Response:
        with answered_503():
            try:
                described = describe(request.args.get("version", ""), request.args.get("against", ""))
            except ModelNotFound as error:
                raise ProblemError(404, "unknown_version", UNKNOWN) from error
        return json_response(_members(described))

    return routes


def _members(described: ModelDescription) -> dict[str, Any]:
    """Return the version that was asked for, and as `other` the one that it is compared with."""
    before, pairs = _version(described.version, described.effects), described.pairs
    asked, other = before, None
    if described.other:
        asked, other, pairs = _version(described.other, described.other_effects), before, described.other_pairs
    return {
        **asked,
        "pairs": [{"name": name, "spread": spread} for name, spread in pairs],
        "other": other,
        "changes": [{"name": name, "change": change} for name, change in described.changes],
        "feature_change": described.feature_change,
        "difference": _difference(described.difference) if described.difference else None,
    }


def _version(version: ModelVersion, effects: tuple[ColumnEffect, ...]) -> dict[str, Any]:
    scale = "logarithm" if version.model.target_transform.log else "target"
    return {
        "version": version.name,
        "scale": scale,
        "columns": _columns(effects, column_facts(version)),
        "predictions": prediction_facts(version),
        **origin_members(version),
    }


def _columns(effects: tuple[ColumnEffect, ...], rows: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "kind": each.kind,
            "spread": each.spread,
            "curve": [{"at": place, "effect": effect} for place, effect in each.curve],
            "levels": [{"level": level, "effect": effect} for level, effect in each.levels],
            "rows": rows.get(each.name),
        }
        for each in effects
    ]


def _difference(difference: ModelDifference) -> dict[str, Any]:
    likely = difference.likely
    return {
        "largest": difference.largest,
        "exact": difference.exact,
        "row": dict(difference.row),
        "predictions": list(reversed(difference.predictions)),
        "mean": likely.mean,
        "deviation": likely.deviation,
        "share": likely.share,
        "unseen": {"name": difference.unseen[0], "change": difference.unseen[1]} if difference.unseen[0] else None,
        "refused_gaps": list(difference.refused_gaps),
    }
