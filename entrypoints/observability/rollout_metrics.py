"""Rollout metrics: the series of a rollout's counts, and the state that a worker applies."""

from collections import defaultdict
from collections.abc import Mapping
from time import monotonic
from typing import Any

from application.serving.routing_request import KeyKind
from domain.delivery.routing import Role
from domain.delivery.served_model import ServedModels
from entrypoints.observability.metrics.series import Series
from entrypoints.observability.request_context import RequestContext

# Series of the counts that `ComparisonQueue.take_counts` returns.
COMPARISONS: Mapping[str, Series] = {
    "sampled": ("rollout_pairs", "sampled"),
    "pairs": ("rollout_pairs", "compared"),
    "dropped": ("rollout_pairs", "dropped"),
    "failed_baseline": ("rollout_failures", "baseline"),
    "failed_candidate": ("rollout_failures", "candidate"),
    "failed_both": ("rollout_failures", "both"),
    "slow_baseline": ("rollout_slow_evaluations", "baseline"),
    "slow_candidate": ("rollout_slow_evaluations", "candidate"),
    "differences": ("rollout_differences",),
}
# Requests that the weight routed by their id, and not by a client's choice.
BY_REQUEST = frozenset({KeyKind.REQUEST, KeyKind.UNFIT})
# Codes of responses to which the model is the cause; others are answers to malformed requests.
FAILURES = frozenset({"result_not_finite", "internal_error"})


def count_routed(context: RequestContext, rollout_id: str, amounts: defaultdict[Series, float]) -> None:
    """Count a routed request by the kind of its key and, unless it was pinned, the answer by its model."""
    rollout, kind = context.rollout, context.key_kind
    if rollout is None or kind is None or rollout.id != rollout_id:
        return
    amounts["rollout_keys", kind] += 1
    has_failed = context.code in FAILURES
    if kind is KeyKind.PINNED or not (has_failed or context.status == "200"):
        return
    is_candidate = rollout.is_after_promotion or context.role is not Role.CHAMPION
    is_bad = has_failed or context.role is Role.FALLBACK or context.seconds * 1000 > rollout.plan.answer_ms
    model, key = "candidate" if is_candidate else "baseline", "request" if kind in BY_REQUEST else "entity"
    amounts["rollout_answers", model, key, "bad" if is_bad else "ok"] += 1


def rollout_state(models: ServedModels) -> dict[str, Any]:
    """Return the members of a worker's state that describe its rollout, none without one."""
    served, exposure = models.rollout, models.exposure
    if exposure is None:
        return {}
    rollout = exposure.rollout
    is_trusted = monotonic() < exposure.trusted_until
    return {
        "rollout": rollout.id,
        "challenger": rollout.challenger,
        "ready": served is not None,
        "weight": served.routing.weight if served and is_trusted else 0,
        "generation": rollout.generation,
        "trusted": is_trusted,
        "held": bool(rollout.held),
    }
