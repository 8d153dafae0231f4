"""Simulation: whole rollouts on drawn traffic, many at once, by the tests of a plan as a controller applies them."""

from typing import Any

import numpy as np

from domain.delivery.counts import TRUTH_POINTS, RolloutCounts
from domain.delivery.plan import EVERYONE, RolloutPlan
from domain.delivery.scenarios import Scenario
from domain.delivery.simulated_traffic import Integers, SimulatedTraffic
from domain.delivery.simulation_summary import ABORTED, HELD, PROMOTED, RUNNING, SimulationSummary

# Of the controller, or the mean time between two requests if that is longer.
TICK_SECONDS = 10.0


def simulate(
    plan: RolloutPlan, *, requests_per_second: float, runs: int, scenario: Scenario, seed: int
) -> SimulationSummary:
    """Return the ends of `runs` rollouts by `plan` at the rates of `scenario`.

    Requests are independent and routed by request id. A candidate answers for one more tick after a verdict, because
    hosts poll.
    """
    simulation = Simulation(plan, requests_per_second=requests_per_second, runs=runs, scenario=scenario, seed=seed)
    while simulation.is_running:
        simulation.tick()
    return simulation.summary()


class Simulation:
    """Rollouts in progress; parameters are those of `simulate`.

    Attributes
    ----------
    counts, stage_counts : RolloutCounts
        Since the start, and since the stage began: arrays with one element for each run in their last dimension.
    stages : ndarray of shape (runs,)
    seconds : float
        Since the start.
    """

    def __init__(
        self, plan: RolloutPlan, *, requests_per_second: float, runs: int, scenario: Scenario, seed: int
    ) -> None:
        self._plan = plan
        self._tick_seconds = max(TICK_SECONDS, 1 / requests_per_second)
        self._traffic = SimulatedTraffic(
            scenario,
            requests_per_second * self._tick_seconds,
            self._tick_seconds,
            runs,
            len(plan.steps),
            np.random.default_rng(seed),
        )
        stages = range(plan.watch + 1)
        self._weights = np.array([plan.weight(stage) / EVERYONE for stage in stages])
        self._tests = [plan.tests(stage) for stage in stages]
        self.counts, self.stage_counts = _zeros(runs), _zeros(runs)
        self.stages = np.zeros(runs, dtype=np.int64)
        self.seconds = 0.0
        self._stage_seconds, self._ended_at = np.zeros(runs), np.zeros(runs)
        self._ends = np.full(runs, RUNNING)
        self._failed = np.zeros(runs, dtype=np.bool_)

    @property
    def is_running(self) -> bool:
        """Whether a rollout has not ended."""
        return bool(np.any(self._ends == RUNNING))

    def summary(self) -> SimulationSummary:
        """Return the ends so far."""
        return SimulationSummary.from_runs(self._ends, np.asarray(self.counts.answers_candidate), self._ended_at)

    def tick(self) -> None:
        """Count the requests of a tick, end rollouts that failed a tick before, and decide about the others."""
        running = np.flatnonzero(self._ends == RUNNING)
        self.seconds += self._tick_seconds
        self._count(running)
        self._end(running[self._failed[running]], ABORTED)
        running = running[~self._failed[running]]
        for stage in np.unique(self.stages[running]).tolist():
            self._decide(stage, running[self.stages[running] == stage])

    def _count(self, running: Integers) -> None:
        stages = self.stages[running]
        drawn = self._traffic.draw(running, self._weights[stages], stages, self._stage_seconds[running])
        for counts in (self.counts, self.stage_counts):
            for name in RolloutCounts.__slots__:
                getattr(counts, name)[..., running] += getattr(drawn, name)
        self._stage_seconds[running] += self._tick_seconds

    def _decide(self, stage: int, runs: Integers) -> None:
        """Mark failures, move runs that pass to the next stage, and hold those that take too long."""
        counts, stage_counts = _of_runs(self.counts, runs), _of_runs(self.stage_counts, runs)
        for test in self._tests[stage]:
            harm = test.measure.harm(stage_counts if test.by_stage else counts)
            self._failed[runs] |= harm >= test.harm_level
        seconds = self._stage_seconds[runs]
        answers = stage_counts.answers_candidate if stage else stage_counts.pairs
        is_due = (seconds >= self._plan.least_seconds(stage)) & ~self._failed[runs]
        if stage == self._plan.watch:
            self._end(runs[is_due], PROMOTED)
            return
        due = runs[is_due & np.greater_equal(answers, self._plan.min_answers)]
        passing = self._passing(stage, due) if len(due) else due
        is_late = ~self._failed[runs] & (seconds >= self._plan.max_step_seconds)
        self._end(np.setdiff1d(runs[is_late], passing), HELD)
        self._enter_next(passing)

    def _passing(self, stage: int, runs: Integers) -> Integers:
        """Return those of the runs that pass every test that has a limit."""
        for test in self._tests[stage]:
            if test.limit is not None:
                counts = _of_runs(self.stage_counts if test.by_stage else self.counts, runs)
                runs = runs[test.measure.good_enough(counts, test.limit) >= test.pass_level]
        return runs

    def _enter_next(self, runs: Integers) -> None:
        self.stages[runs] += 1
        self._stage_seconds[runs] = 0.0
        for name in RolloutCounts.__slots__:
            getattr(self.stage_counts, name)[..., runs] = 0

    def _end(self, runs: Integers, end: int) -> None:
        self._ends[runs] = end
        self._ended_at[runs] = self.seconds


def _zeros(runs: int) -> RolloutCounts:
    counts: dict[str, Any] = {name: np.zeros(runs, dtype=np.int64) for name in RolloutCounts.__slots__}
    return RolloutCounts(**{**counts, "squared_errors": np.zeros((TRUTH_POINTS, runs), dtype=np.int64)})


def _of_runs(counts: RolloutCounts, runs: Integers) -> RolloutCounts:
    return RolloutCounts(**{name: getattr(counts, name)[..., runs] for name in RolloutCounts.__slots__})
