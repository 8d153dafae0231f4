"""Preview: what an operator reads before a rollout starts."""

from collections.abc import Iterator

from domain.delivery.difference import largest_difference
from domain.delivery.errors import ReplicasUnavailable
from domain.delivery.plan import RolloutPlan
from domain.ports import ReplicaCounts
from entrypoints.cli.rollout.traffic import expected_times, measured_traffic
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
    difference = largest_difference(champion, challenger)
    return [
        *difference.lines(),
        *_warning(difference.likely.share, plan),
        *_duration(container.replica_counts(), plan, detach=detach),
        f"probability of a false abort at most {100 * plan.false_abort:g} %, "
        f"of a promotion at a limit at most {100 * plan.false_promotion:g} %",
    ]


def _warning(share: float, plan: RolloutPlan) -> list[str]:
    if share <= plan.max_differences:
        return []
    permitted = (
        f"the plan permits {100 * plan.max_differences:g} % of such rows, so that the test of differences would fail"
    )
    return [f"{permitted}: if the predictions are meant to change, raise the limit with --max-differences"]


def _duration(replicas: ReplicaCounts, plan: RolloutPlan, *, detach: bool) -> Iterator[str]:
    try:
        traffic = measured_traffic(replicas)
    except ReplicasUnavailable as error:
        if not detach:
            raise
        yield f"the duration is unknown: {error}"
        return
    yield from expected_times(plan, traffic.per_second)
    for report in traffic.unread:
        yield f"replica {report.replica} cannot be read: {report.problem}"
