"""Served models: what a worker answers with while its host follows a rollout."""

from domain.delivery.followed_rollout import FollowedRollout
from domain.delivery.routing import Routing
from domain.delivery.served_model import ServedModel, ServedModels, ServedRollout


def served_models(champion: ServedModel, followed: FollowedRollout, now: float) -> ServedModels:
    """Return the champion, and the challenger if the rollout is the champion's own and the challenger is verified.

    Parameters
    ----------
    champion : ServedModel
    followed : FollowedRollout
    now : float
        Monotonic seconds; the weight is 0 once the exposure is no longer trusted.
    """
    exposure = followed.exposure
    if exposure is None or exposure.rollout.version_with_state != champion.version.name:
        return ServedModels(champion, challenger_problem=followed.problem)
    if followed.challenger is None:
        return ServedModels(champion, None, exposure, followed.problem)
    challenger = ServedModel(followed.challenger, champion.origin)
    routing = Routing(exposure.rollout.salt, exposure.weight if now < exposure.trusted_until else 0)
    rollout = ServedRollout(exposure.rollout, challenger, routing, exposure.trusted_until)
    return ServedModels(champion, rollout, exposure)
