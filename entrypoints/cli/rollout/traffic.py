"""Traffic: the requests per second that the replicas answer, and how long a rollout takes with them."""

import time
from collections.abc import Mapping, Sequence

from domain.delivery.errors import ReplicasUnavailable
from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout_transitions import duration
from domain.ports import ReplicaCounts, ReplicaReport

SECONDS = 1.0
# Steps that take fewer requests, from the slowest to the quickest.
FEWER_STEPS = ((10.0, 50.0), (50.0,))


def require_replicas(reports: Sequence[ReplicaReport]) -> None:
    """Raise `ReplicasUnavailable` if no replica was read."""
    problems = [report for report in reports if report.problem]
    if len(problems) == len(reports):
        places = ", ".join(report.replica for report in problems) or "the replicas"
        raise ReplicasUnavailable(places, problems[0].problem if problems else "there are none")


def requests_per_second(replicas: ReplicaCounts) -> float:
    """Return the predictions that all replicas answer per second; without any now, those since their start."""
    began, before = time.monotonic(), _readable(replicas)
    time.sleep(SECONDS)
    after = _readable(replicas)
    seconds = time.monotonic() - began
    now = sum(max(0, after[name].answers - before[name].answers) for name in before.keys() & after.keys()) / seconds
    return now or sum(report.answers / max(1.0, time.time() - report.started) for report in after.values())


def expected_times(plan: RolloutPlan, rate: float) -> list[str]:
    """Return lines about how long the stages take with `rate` requests per second."""
    if not rate:
        return [
            "no prediction was asked for yet, so that the duration is unknown: a rollout goes on with requests only"
        ]
    seconds = plan.expected_seconds(rate)
    names = ["shadow", *(f"{step:g} %" for step in plan.steps), "watch"]
    stages = ", ".join(f"{name} {duration(each)}" for name, each in zip(names, seconds, strict=True))
    lines = [f"at {rate:,.3g} requests a second: {stages}; {duration(sum(seconds))} in all"]
    late = [name for name, each in zip(names, seconds, strict=True) if each > plan.max_step_seconds]
    if late:
        lines.append(
            f"too slow, so that the rollout is held after {duration(plan.max_step_seconds)}: {', '.join(late)}"
        )
        lines += _quicker(plan, rate)
    return lines


def _quicker(plan: RolloutPlan, rate: float) -> list[str]:
    """Return the first of fewer steps that end in time."""
    values = plan.to_values()
    for steps in FEWER_STEPS:
        shorter = RolloutPlan.from_values({**values, "steps": steps, "step_seconds": ()})
        seconds = shorter.expected_seconds(rate)
        if max(seconds[:-1]) <= plan.max_step_seconds:
            option = ",".join(f"{step:g}" for step in steps)
            return [f"with --steps {option}, {duration(sum(seconds))} in all: the shadow sees all requests anyway"]
    return []


def _readable(replicas: ReplicaCounts) -> Mapping[str, ReplicaReport]:
    reports = replicas.read()
    require_replicas(reports)
    return {report.replica: report for report in reports if not report.problem}
