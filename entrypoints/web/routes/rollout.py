"""Rollout routes: the state of the rollout at this host, and an operator's requests to the controller."""

from datetime import datetime
from random import getrandbits
from typing import Any

from flask import Blueprint, Response, request

from application.access.active_keys import ActiveKeys
from application.serving.current_model import CurrentModel
from application.serving.give_order import GiveOrder
from domain.delivery.order import NOT_A_REASON, OrderAction
from domain.delivery.rollout import Action
from domain.delivery.rollout_reader import Exposure
from domain.delivery.served_model import ServedModels
from domain.delivery.time_left import time_left
from entrypoints.observability.request_context import context_of
from entrypoints.web.middleware.authentication import orderer
from entrypoints.web.routes.orders import reason
from entrypoints.web.wire.json_body import read_json_body
from entrypoints.web.wire.object_schema import Field, FieldError, InvalidFieldError, ObjectSchema
from entrypoints.web.wire.problems import ProblemError
from entrypoints.web.wire.request_limits import RequestLimits
from entrypoints.web.wire.responses import json_response

ACTIONS = (Action.PAUSE, Action.RESUME, Action.ABORT)
"""Those that need no look at the state first."""


def rollout_routes(
    current_model: CurrentModel, give_order: GiveOrder, keys: ActiveKeys, limits: RequestLimits
) -> Blueprint:
    """Return the routes; all answer 404 without a rollout.

    A host writes nothing to the registry: the controller reads the orders of each host, and so finds a new one at its
    next tick. An abort ends the challenger's traffic at this host at once.
    """
    routes = Blueprint("rollout", __name__)
    reason = Field(_reason, null=NOT_A_REASON, is_required=True)
    schema = ObjectSchema({"why": reason}, "is not known; the only key is why", "must be an object with the key why")

    @routes.get("/rollout")
    def rollout() -> Response:
        models, exposure = _rollout(current_model)
        return json_response(_members(models, exposure, give_order.clock()))

    def take(action: Action) -> Response:
        _, exposure = _rollout(current_model)
        environ = request.environ
        why: str = schema.load(read_json_body(environ, limits))["why"]
        rollout = exposure.rollout
        give_order(
            f"{getrandbits(128):032x}",
            OrderAction(action),
            seen=rollout.seen,
            version="",
            by=orderer(keys, context_of(environ).key),
            why=why,
        )
        return json_response({"rollout": exposure.rollout.id, "action": action}, 202)

    for action in ACTIONS:
        routes.add_url_rule(f"/rollout/{action}", action, lambda action=action: take(action), methods=["POST"])
    return routes


def _rollout(current_model: CurrentModel) -> tuple[ServedModels, Exposure]:
    """Return the served models and their rollout, or raise `ProblemError` if there is none."""
    models = current_model.models
    if models.exposure is None:
        raise ProblemError(404, "not_found", "no rollout is under way at this host")
    return models, models.exposure


def _members(models: ServedModels, exposure: Exposure, now: datetime) -> dict[str, Any]:
    """Return the state as the controller wrote it, and what this host makes of it."""
    rollout = exposure.rollout
    return {
        "id": rollout.id,
        "champion": rollout.champion,
        "challenger": rollout.challenger,
        "phase": rollout.phase,
        "stage": rollout.stage,
        "weight": rollout.weight / 100,
        "plan": rollout.plan.to_values(),
        "started_at": rollout.started_at,
        "entered_at": rollout.entered_at,
        "by": rollout.by,
        "why": rollout.why,
        "held": rollout.held,
        "generation": rollout.generation,
        "seen": rollout.seen,
        "orders": [answered.to_values() for answered in rollout.orders],
        "transitions": [{**each.to_values(), "weight": each.weight / 100} for each in rollout.transitions],
        "time_left": time_left(rollout, now),
        "counts": rollout.counts.to_values(),
        "analysis": rollout.analysis,
        "host": {
            "ready": models.rollout is not None,
            "problem": models.challenger_problem,
            "weight": models.rollout.routing.weight / 100 if models.rollout else 0.0,
        },
    }


def _reason(value: object) -> str:
    if why := reason(value):
        return why
    raise InvalidFieldError(FieldError("wrong_type", NOT_A_REASON))
