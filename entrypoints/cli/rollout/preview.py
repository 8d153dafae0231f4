"""Preview: what an operator reads before a rollout starts."""

from domain.delivery.difference import largest_difference
from domain.delivery.errors import ReplicasUnavailable
from domain.delivery.plan import RolloutPlan
from entrypoints.cli.rollout.traffic import expected_times, requests_per_second
from entrypoints.container import Container


def preview(container: Container, version: str, plan: RolloutPlan, *, again: bool, detach: bool) -> list[str]:
    """Return lines about the difference of the predictions, the duration, and the probabilities of errors.

    Raises
    ------
    RolloutRefused, ModelNotFound
        If the rollout cannot start.
    ReplicasUnavailable
        If no replica can be read, unless another process drives the rollout (`detach`).
    """
    champion, challenger = container.start_rollout().compared(version, again=again)
    return [
        *largest_difference(champion, challenger).lines(),
        *_duration(container, plan, detach=detach),
        f"probability of a false abort at most {100 * plan.false_abort:g} %, "
        f"of a promotion at a limit at most {100 * plan.false_promotion:g} %",
    ]


def _duration(container: Container, plan: RolloutPlan, *, detach: bool) -> list[str]:
    try:
        return expected_times(plan, requests_per_second(container.replica_counts()))
    except ReplicasUnavailable as error:
        if not detach:
            raise
        return [f"the duration is unknown: {error}"]
