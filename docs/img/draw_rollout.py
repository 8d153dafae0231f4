"""Draws `rollout-evidence.svg`, the picture of docs/rollouts.md: `python -m docs.img.draw_rollout`."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from docs.img.drawing import BLUE, FAINT, GRAY, GREEN, INK, ORANGE, VERMILION, to_svg
from domain.delivery.plan import EVERYONE, RolloutPlan
from domain.delivery.scenarios import SCENARIOS
from domain.delivery.simulation import Simulation
from domain.delivery.stage_tests import RolloutTest

PICTURE = Path(__file__).parent / "rollout-evidence.svg"
COLORS = {"failures": VERMILION, "slow evaluations": ORANGE, "differences": BLUE, "error": INK, "answers": GREEN}
PLAN = RolloutPlan()
REQUESTS_PER_SECOND, SEED = 10.0, 4
# E-values that are drawn; smaller and larger ones lie at the edge.
LEAST, MOST = 0.1, 3_000.0
# Ticks from one point to the next.
TICKS = 3

Points = dict[str, list[tuple[float, float]]]
"""Minutes and e-values by test."""


def figure() -> Figure:
    """Return the picture of the evidence of two rollouts: of a good candidate, and of a biased one."""
    drawn = Figure((9.6, 6.4), layout="constrained")
    good, biased = drawn.subplots(2, 1)
    _draw(good, "equal", "a candidate as good as the champion: evidence that its harm is below the limit", passes=True)
    good.axhline(1 / PLAN.false_promotion, color=INK, linewidth=0.8, linestyle="--")
    good.text(0.3, 1.15 / PLAN.false_promotion, "passes", va="bottom")
    _draw(biased, "bias-0.2", "a candidate with a bias of 0.2 RMSE: evidence that it is worse", passes=False)
    biased.axhline(5 / PLAN.false_abort, color=INK, linewidth=0.8, linestyle="--")
    biased.text(0.3, 5.75 / PLAN.false_abort, "fails", va="bottom")
    biased.set_xlabel("minutes since the start, at 10 requests a second")
    drawn.legend(*good.get_legend_handles_labels(), loc="outside lower center", ncols=5)
    return drawn


def _draw(axes: Axes, scenario: str, title: str, *, passes: bool) -> None:
    points, starts, end = _rollout(scenario, passes=passes)
    axes.set_title(title)
    for test, color in COLORS.items():
        minutes, values = np.array(points.get(test, [(np.nan, np.nan)])).T
        axes.plot(minutes.round(2), values.round(2), color=color, linewidth=1.3, label=test)
    axes.set_yscale("log")
    axes.set_ylim(LEAST / 3, 2 * MOST)
    axes.set_ylabel("e-value")
    axes.set_xlim(0, end)
    for stage, (begin, until) in enumerate(zip(starts, [*starts[1:], end], strict=True)):
        axes.axvline(begin, color=FAINT, linewidth=1)
        name = {0: "shadow", PLAN.watch: "watch"}.get(stage, f"{100 * PLAN.weight(stage) / EVERYONE:g} %")
        axes.text((begin + until) / 2, LEAST / 2.5, name, ha="center", va="bottom", color=GRAY)


def _rollout(scenario: str, *, passes: bool) -> tuple[Points, list[float], float]:
    """Return the evidence of one rollout, and the minutes at which its stages begin and at which it ends."""
    simulation = Simulation(
        PLAN, requests_per_second=REQUESTS_PER_SECOND, runs=1, scenario=SCENARIOS[scenario], seed=SEED
    )
    points: Points = {test: [] for test in COLORS}
    starts = [0.0]
    ticks = 0
    while simulation.is_running:
        ticks += 1
        before = int(simulation.stages[0])
        simulation.tick()
        stage, minutes = int(simulation.stages[0]), simulation.seconds / 60
        if stage > before:
            starts.append(minutes)
            for values in points.values():
                values.append((minutes, np.nan))  # the limits change, and the line begins anew
        if ticks % TICKS == 0 or not simulation.is_running:
            for test in PLAN.tests(stage):
                points[test.name].append((minutes, _e_value(test, simulation, passes=passes)))
    return points, starts, simulation.seconds / 60


def _e_value(test: RolloutTest, simulation: Simulation, *, passes: bool) -> float:
    counts = simulation.stage_counts if test.by_stage else simulation.counts
    if not passes:
        return float(np.exp(np.clip(test.measure.harm(counts), np.log(LEAST), np.log(MOST)))[0])
    if test.limit is None:
        return np.nan
    return float(np.exp(np.clip(test.measure.good_enough(counts, test.limit), np.log(LEAST), np.log(MOST)))[0])


def svg() -> str:
    """Return the picture as SVG, the same bytes at every call."""
    return to_svg(figure)


if __name__ == "__main__":
    PICTURE.write_text(svg(), encoding="utf-8")
