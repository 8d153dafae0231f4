"""A rollout for tests: version 2 instead of version 1."""

from dataclasses import replace
from datetime import UTC, datetime

from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Phase, Rollout
from domain.model.model_version import ModelVersion

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
