"""A rollout for tests: version 2 instead of version 1."""

import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from application.serving.routing_request import RoutingRequest
from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Phase, Rollout
from domain.delivery.rollout_reader import Exposure
from domain.delivery.routing import Role, Routing
from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels, ServedRollout
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from tests.support.examples import a_lineage

STARTED = datetime(2026, 11, 28, 9, 4, 12, tzinfo=UTC)


def a_rollout(champion: str = "1", challenger: str = "2", plan: RolloutPlan | None = None) -> Rollout:
    """Return the first state of a rollout."""
    return Rollout(
        id=f"{STARTED:%Y%m%dT%H%M%SZ}-{challenger}",
        champion=champion,
        champion_digest="a" * 64,
        challenger=challenger,
        challenger_digest="b" * 64,
        plan=plan or RolloutPlan(),
        salt="9f3c1e2a5b6c7d8e",
        phase=Phase.PREFLIGHT,
        started_at=STARTED,
        entered_at=STARTED,
        by="kim@host",
    )


def a_canary(champion: ModelVersion, challenger: ModelVersion) -> Rollout:
    """Return the state of a rollout of these models in the step of 10 %."""
    return replace(
        a_rollout(champion.name, challenger.name),
        champion_digest=champion.model.digest,
        challenger_digest=challenger.model.digest,
        phase=Phase.CANARY,
        stage=3,
    )


def a_served_rollout(challenger: LinearModel, weight: int = 0, **changes: Any) -> ServedRollout:
    """Return a trusted rollout of version 2 in its canary phase, with `changes` of the state."""
    rollout = replace(a_rollout(), **{"phase": Phase.CANARY, "stage": 1, **changes})
    version = ModelVersion("2", challenger, a_lineage())
    return ServedRollout(rollout, ServedModel(version, ModelOrigin.REGISTRY), Routing(rollout.salt, weight), math.inf)


def in_rollout(champion: LinearModel, served: ServedRollout | None) -> ServedModels:
    """Return `champion` as version 1, in the rollout `served`."""
    exposure = served and Exposure(served.rollout, served.routing.weight, served.trusted_until)
    version = ModelVersion("1", champion, a_lineage())
    return ServedModels(ServedModel(version, ModelOrigin.REGISTRY), served, exposure)


class ARequest(RoutingRequest):
    """A request with a key, and the roles of the models that were to answer it."""

    body_bytes = 10

    def __init__(self, key: str = "k", pin: Role | None = None) -> None:
        self.key, self.pin = key, pin
        self.roles: list[Role] = []

    def routing_key(self) -> str:
        return self.key

    def record_routing(self, rollout: Rollout, role: Role) -> None:
        self.roles.append(role)
