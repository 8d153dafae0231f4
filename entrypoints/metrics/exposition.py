"""Exposition: figures in Prometheus' text format and in OpenMetrics."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from domain.mirror_report import RegistryState, RegistryWord

# A name, then the values of its labels.
Series = tuple[str, ...]
# Requests in flight; version and source of the model, if there is one.
State = Mapping[str, Any]

# By name of the series, and of the metric without prefix: kind, labels, help.
FAMILIES = {
    "requests": ("counter", ("route", "status"), "Requests that were answered."),
    "rows": ("counter", ("route",), "Rows that were predicted."),
    "refused": ("counter", ("code",), "Requests that were answered with a problem."),
    "mirror_outcomes": ("counter", ("outcome",), "Questions to the registry, by what came of them."),
    "log_lines_dropped": ("counter", (), "Log lines that were dropped because the log was not read."),
    "workers": ("gauge", (), "Processes that answer requests."),
    "requests_in_flight": ("gauge", (), "Requests being worked on, a moment ago."),
    "model_info": ("gauge", ("version", "source"), "What is served now."),
    "registry_up": ("gauge", (), "Whether the registry answers."),
    "registry_state": ("gauge", ("state",), "How the registry is found."),
    "registry_age_seconds": ("gauge", (), "Since the registry last answered."),
    "copy_writable": ("gauge", (), "Whether the champion can be kept on this host's disk."),
}
DURATIONS = "endeavour_request_duration_seconds"
# Upper bounds in seconds: one row takes a tenth of a millisecond, a large batch a second.
BOUNDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text"
OPENMETRICS_TYPE = f"{OPENMETRICS}; version=1.0.0; charset=utf-8"
ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def exposition(
    sums: Mapping[Series, float], states: Sequence[State], registry: RegistryWord | None, accept: str
) -> tuple[bytes, str]:
    """Return all metrics and their media type: OpenMetrics if `accept` asks for it, else Prometheus' text."""
    by_name: defaultdict[str, dict[Series, float]] = defaultdict(dict)
    for series, value in sorted({**sums, **_gauges(states, registry)}.items()):
        by_name[series[0]][series[1:]] = value
    is_openmetrics = OPENMETRICS in accept
    lines = [
        *(line for name in FAMILIES for line in _family(name, by_name[name], is_openmetrics)),
        *_durations(by_name["durations"], by_name["seconds"]),
        *(["# EOF"] if is_openmetrics else []),
    ]
    return "\n".join([*lines, ""]).encode(), OPENMETRICS_TYPE if is_openmetrics else TEXT_TYPE


def _gauges(states: Sequence[State], registry: RegistryWord | None) -> dict[Series, float]:
    in_flight = sum(state["in_flight"] for state in states)
    gauges: dict[Series, float] = {("workers",): len(states), ("requests_in_flight",): in_flight}
    for state in states:
        if "version" in state:
            gauges["model_info", state["version"], state["source"]] = 1
    if registry:
        gauges["registry_up",] = registry.state is not RegistryState.DOWN
        gauges["copy_writable",] = not registry.copy_problem
        gauges |= {("registry_state", state): state is registry.state for state in RegistryState}
        if registry.seconds is not None:
            gauges["registry_age_seconds",] = registry.seconds
    return gauges


def _family(name: str, values: Mapping[Series, float], is_openmetrics: bool) -> Iterator[str]:
    kind, labels, meaning = FAMILIES[name]
    sample = f"endeavour_{name}_total" if kind == "counter" else f"endeavour_{name}"
    family = sample.removesuffix("_total") if is_openmetrics else sample
    yield f"# HELP {family} {meaning}"
    yield f"# TYPE {family} {kind}"
    for of_labels, value in values.items():
        yield _sample(sample, dict(zip(labels, of_labels, strict=True)), value)


def _durations(counts: Mapping[Series, float], seconds: Mapping[Series, float]) -> Iterator[str]:
    yield f"# HELP {DURATIONS} Time until the answer was there."
    yield f"# TYPE {DURATIONS} histogram"
    for (route,), total in seconds.items():
        below = list(accumulate(counts.get((route, str(number)), 0.0) for number in range(len(BOUNDS) + 1)))
        for bound, count in zip((*BOUNDS, "+Inf"), below, strict=True):
            yield _sample(f"{DURATIONS}_bucket", {"le": str(bound), "route": route}, count)
        yield _sample(f"{DURATIONS}_count", {"route": route}, below[-1])
        yield _sample(f"{DURATIONS}_sum", {"route": route}, total)


def _sample(name: str, labels: Mapping[str, str], value: float) -> str:
    pairs = ",".join(f'{label}="{text.translate(ESCAPES)}"' for label, text in sorted(labels.items()))
    return f"{name}{{{pairs}}} {float(value)}" if pairs else f"{name} {float(value)}"
