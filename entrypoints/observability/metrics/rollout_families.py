"""Rollout families: the metrics of a rollout, and the gauges that workers agree on."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from domain.delivery.order import Order
from entrypoints.observability.metrics.series import Series, State

COUNTERS: Mapping[str, tuple[Series, str]] = {
    "rollout_pairs": (("outcome",), "Requests of a rollout that both models evaluate, off the request path."),
    "rollout_failures": (("model",), "Compared requests that one model failed, or both."),
    "rollout_slow_evaluations": (("model",), "Compared requests that this model alone evaluated slowly."),
    "rollout_differences": ((), "Compared requests whose predictions differ much."),
    "rollout_answers": (("model", "key", "outcome"), "Answers of a rollout, by the kind of key that routed them."),
    "rollout_keys": (("kind",), "Routed requests, by the kind of their key."),
}
GAUGES: Mapping[str, tuple[Series, str]] = {
    "rollout_info": (("id", "challenger"), "The rollout of the champion."),
    "order_info": (tuple(each.name for each in fields(Order)), "An order of the last minutes."),
    "rollout_ready": ((), "1 if all workers have the verified challenger."),
    "rollout_weight": ((), "Requests of 10,000 that a worker routes to the challenger, at most."),
    "rollout_generation": ((), "Generation of the oldest rollout state that a worker applies."),
    "rollout_trusted": ((), "1 if all workers have seen the beat of the controller move within its time to live."),
    "rollout_held": ((), "1 if the controller holds the rollout."),
}
FAMILIES: Mapping[str, tuple[type[CounterMetricFamily | GaugeMetricFamily], Series, str]] = {
    **{name: (CounterMetricFamily, *described) for name, described in COUNTERS.items()},
    **{name: (GaugeMetricFamily, *described) for name, described in GAUGES.items()},
}


def rollout_gauges(states: Sequence[State]) -> dict[Series, float]:
    """Return the gauges of the rollout that workers apply, none without one."""
    applied = [state for state in states if "rollout" in state]
    if not applied:
        return {}
    return {
        **{("rollout_info", state["rollout"], state["challenger"]): 1 for state in applied},
        ("rollout_ready",): len(applied) == len(states) and all(state["ready"] for state in applied),
        ("rollout_weight",): max(state["weight"] for state in applied),
        ("rollout_generation",): min(state["generation"] for state in applied),
        ("rollout_trusted",): all(state["trusted"] for state in applied),
        ("rollout_held",): any(state["held"] for state in applied),
    }
