"""Rules of other programs: simulated rollouts as Flagger and Argo Rollouts decide by default about the same rates.

Both look at the candidate's own answers only: at least 99 % without a server error, and a p99 that is not slow. They
have no shadow and no watch, and move through the same weights.
"""

import numpy as np

from domain.delivery.scenarios import Scenario
from domain.delivery.simulation_summary import ABORTED, PROMOTED, RUNNING, SimulationSummary

LEAST_SUCCESS, MOST_LATE = 0.99, 0.01


class CanaryRollouts:
    """Rollouts that answer, are measured, and end; `steps` are weights in percent."""

    def __init__(self, scenario: Scenario, requests_per_second: float, runs: int, seed: int) -> None:
        self._scenario, self._requests_per_second = scenario, requests_per_second
        self._random = np.random.default_rng(seed)
        self.ends = np.full(runs, RUNNING)
        self._answers = np.zeros(runs, dtype=np.int64)
        self._seconds, self._ended_at = 0.0, np.zeros(runs)

    @property
    def running(self):
        return np.flatnonzero(self.ends == RUNNING)

    def measure(self, weights, seconds):
        """Return whether success and latency of the candidate's answers in the last `seconds` are good.

        An interval without answers has no measurement, which is not good.
        """
        random, scenario, running = self._random, self._scenario, self.running
        self._seconds += seconds
        requests = random.poisson(self._requests_per_second * seconds, len(running))
        answers = random.binomial(requests, weights)
        self._answers[running] += answers
        visible = scenario.failed_candidate if scenario.server_errors else 0.0
        errors = random.binomial(answers, visible + scenario.failed_both)
        late = random.binomial(answers, scenario.late_candidate)
        return (answers > 0) & (errors <= (1 - LEAST_SUCCESS) * answers), (answers > 0) & (late <= MOST_LATE * answers)

    def end(self, runs, end):
        self.ends[runs] = end
        self._ended_at[runs] = self._seconds

    def summary(self) -> SimulationSummary:
        return SimulationSummary.from_runs(self.ends, self._answers, self._ended_at)


def flagger(rollouts: CanaryRollouts, steps, *, minutes: float, threshold: int) -> SimulationSummary:
    """Check each interval; move on after a good check, and roll back at `threshold` bad ones in all."""
    weights = np.array([0.0, *steps]) / 100
    step, bad = np.zeros(len(rollouts.ends), dtype=np.int64), np.zeros(len(rollouts.ends), dtype=np.int64)
    while len(running := rollouts.running):
        succeeds, is_quick = rollouts.measure(weights[step[running]], 60 * minutes)
        # The first interval prepares the candidate, and is not checked.
        is_good = (succeeds & is_quick) | (step[running] == 0)
        bad[running] += ~is_good
        is_last = step[running] == len(steps)
        is_aborted = bad[running] >= threshold
        rollouts.end(running[is_aborted], ABORTED)
        rollouts.end(running[~is_aborted & is_good & is_last], PROMOTED)
        step[running[~is_aborted & is_good & ~is_last]] += 1
    return rollouts.summary()


def argo(rollouts: CanaryRollouts, steps, *, pause: float, interval: float, limit: int) -> SimulationSummary:
    """Pause some minutes at each weight; abort when more than `limit` measurements of one metric failed."""
    failed = np.zeros((2, len(rollouts.ends)), dtype=np.int64)
    for weight in steps:
        for _ in range(round(pause / interval)):
            running = rollouts.running
            failed[:, running] += ~np.stack(rollouts.measure(weight / 100, 60 * interval))
            rollouts.end(running[(failed[:, running] > limit).any(axis=0)], ABORTED)
    rollouts.end(rollouts.running, PROMOTED)
    return rollouts.summary()
