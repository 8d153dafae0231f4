"""Log of a rollout on a serving host: changes of the applied weight, and why there is no challenger."""

import logging

from domain.delivery.served_model import ServedModels

log = logging.getLogger(__name__)


def log_rollout(before: ServedModels | None, now: ServedModels | None) -> None:
    """Log what differs between the models served before and now."""
    weight = _weight(now)
    changed = now if weight else before
    if weight != _weight(before) and changed and changed.rollout:
        rollout = changed.rollout.rollout
        facts = {"rollout": rollout.id, "version": rollout.challenger, "weight": weight}
        log.info("rollout_weight_changed", extra=facts)
    problem = now.challenger_problem if now else ""
    if problem and problem != (before.challenger_problem if before else ""):
        log.warning("challenger_refused", extra={"why": problem})


def _weight(models: ServedModels | None) -> int:
    return models.rollout.routing.weight if models and models.rollout else 0
