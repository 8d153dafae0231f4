"""Effects route: GET /effects, what each column adds to a prediction, and where a challenger differs."""

from typing import Any

from flask import Blueprint, Response

from application.serving.describe_model import DescribeModel
from domain.delivery.difference import ModelDifference
from domain.delivery.served_model import ServedModel
from domain.model.column_effects import ColumnEffect
from entrypoints.web.wire.responses import json_response


def effects_route(describe: DescribeModel) -> Blueprint:
    """Return the route, which answers 503 while no model is loaded."""
    routes = Blueprint("effects", __name__)

    @routes.get("/effects")
    def effects() -> Response:
        described = describe()
        challenger, version = described.challenger, described.champion.version
        return json_response(
            {
                "version": version.name,
                "scale": "logarithm" if version.model.target_transform.log else "target",
                "columns": _columns(described.effects),
                "pairs": [{"name": name, "spread": spread} for name, spread in described.pairs],
                "challenger": _challenger(challenger, described.challenger_effects) if challenger else None,
                "difference": _difference(described.difference) if described.difference else None,
            }
        )

    return routes


def _challenger(challenger: ServedModel, effects: tuple[ColumnEffect, ...]) -> dict[str, Any]:
    return {"version": challenger.version.name, "columns": _columns(effects)}


def _columns(effects: tuple[ColumnEffect, ...]) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "kind": each.kind,
            "spread": each.spread,
            "curve": [{"at": place, "effect": effect} for place, effect in each.curve],
            "levels": [{"level": level, "effect": effect} for level, effect in each.levels],
        }
        for each in effects
    ]


def _difference(difference: ModelDifference) -> dict[str, Any]:
    likely = difference.likely
    return {
        "largest": difference.largest,
        "exact": difference.exact,
        "row": dict(difference.row),
        "predictions": list(difference.predictions),
        "mean": likely.mean,
        "deviation": likely.deviation,
        "share": likely.share,
    }
