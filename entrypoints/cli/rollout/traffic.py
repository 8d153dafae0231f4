"""Traffic: the requests per second that the replicas answer, and how long a rollout takes with them."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.delivery.errors import ReplicasUnavailable
from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout_transitions import duration
from domain.ports import ReplicaCounts, ReplicaReport

SECONDS = 1.0
# Steps that take fewer requests.
FEWER_STEPS = ((10.0, 50.0), (50.0,))


@dataclass(frozen=True, slots=True)
class Traffic:
    """Predictions that all replicas answer per second, and the replicas that cannot be read."""

    per_second: float
    unread: tuple[ReplicaReport, ...]


def measured_traffic(replicas: ReplicaCounts) -> Traffic:
    """Return the traffic of a second; that since the start of the servers if no prediction is asked for now.

    Raises
    ------
    ReplicasUnavailable
        If no replica can be read.
    """
    began, before = time.monotonic(), replicas.read()
    first = _read(before)
    if not first:
        places = ", ".join(report.replica for report in before)
        raise ReplicasUnavailable(places, before[0].problem)
    time.sleep(SECONDS)
    second = _read(replicas.read())
    seconds = time.monotonic() - began
    now = sum(max(0, second[name].answers - first[name].answers) for name in first.keys() & second.keys()) / seconds
    average = sum(report.answers / max(1.0, time.time() - report.started) for report in first.values())
    return Traffic(now or average, tuple(report for report in before if report.problem))


def _read(reports: Sequence[ReplicaReport]) -> Mapping[str, ReplicaReport]:
    return {report.replica: report for report in reports if not report.problem}


def expected_times(plan: RolloutPlan, per_second: float) -> list[str]:
    """Return lines about how long the stages take at a rate of requests."""
    if not per_second:
        return ["no prediction was asked for yet, so that the duration is unknown; each stage needs requests"]
    seconds = plan.expected_seconds(per_second)
    names = ["shadow", *(f"{step:g} %" for step in plan.steps), "watch"]
    stages = ", ".join(f"{name} {duration(each)}" for name, each in zip(names, seconds, strict=True))
    lines = [f"at {per_second:,.3g} requests a second: {stages}; {duration(sum(seconds))} in all"]
    late = [name for name, each in zip(names[:-1], seconds[:-1], strict=True) if each > plan.max_step_seconds]
    if late:
        longest = duration(plan.max_step_seconds)
        lines.append(f"with so few requests, the rollout is held after {longest} in a stage: {', '.join(late)}")
        lines += _quicker(plan, per_second)
    return lines


def _quicker(plan: RolloutPlan, per_second: float) -> list[str]:
    """Return a line about the first of fewer steps that are not held, if any."""
    values = plan.to_values()
    for steps in FEWER_STEPS:
        shorter = RolloutPlan.from_values({**values, "steps": steps, "step_seconds": ()})
        seconds = shorter.expected_seconds(per_second)
        if max(seconds[:-1]) <= plan.max_step_seconds:
            option = ",".join(f"{step:g}" for step in steps)
            return [f"with --steps {option}: {duration(sum(seconds))} in all; the shadow sees all requests anyway"]
    return []
