"""Scenarios of simulated rollouts: the rates at which models fail, are slow, differ and err."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from domain.data.arrays import FloatArray
from domain.delivery.counts import TRUTH_POINTS
from domain.delivery.measures import ERROR_SCALE

# Errors of both models: noise of the labels with a variance of 1, and an error of each model's own.
OWN_VARIANCE = 0.01
MSE = 1 + OWN_VARIANCE
DRAWS = 100_000


@dataclass(frozen=True, slots=True)
class Scenario:
    """Rates per request, per evaluation or per answer; the defaults are those of equal, healthy models.

    Parameters
    ----------
    description : str
    failed_baseline, failed_candidate, failed_both : float
        Shares of requests that this model alone fails, and that both fail.
    slow_baseline, slow_candidate : float
        Shares of requests that this model alone evaluates slowly.
    late_baseline, late_candidate : float
        Shares of this model's answers that are slow.
    differences : float
        Share of requests whose predictions differ by more than half of the RMSE, at least.
    bias, spread : float
        Mean and standard deviation of what the candidate adds to predictions, in standard deviations of the noise.
    labels : float
        Share of requests that are labeled, ten minutes later.
    incident : float
        Share of both models' answers that are slow besides, for ten minutes of one of the last two steps.
    clients_differ : bool
        Whether other clients send the requests every ten minutes, with other rates of failures and slowness.
    server_errors : bool
        Whether failures are answered with a status of 500 or more.
    """

    description: str
    failed_baseline: float = 0.0005
    failed_candidate: float = 0.0005
    failed_both: float = 0.0005
    slow_baseline: float = 0.001
    slow_candidate: float = 0.001
    late_baseline: float = 0.005
    late_candidate: float = 0.005
    differences: float = 0.01
    bias: float = 0.0
    spread: float = 0.0
    labels: float = 0.2
    incident: float = 0.0
    clients_differ: bool = False
    server_errors: bool = True

    @property
    def differing(self) -> float:
        """Share of pairs whose predictions differ by more than half of the baseline's RMSE."""
        deviation = math.sqrt(2 * (2 * OWN_VARIANCE + self.spread**2))
        bounds = (math.sqrt(MSE) / 2 - self.bias, math.sqrt(MSE) / 2 + self.bias)
        return max(self.differences, sum(math.erfc(bound / deviation) for bound in bounds) / 2)

    def point_shares(self) -> FloatArray:
        """Return the shares of labels by point of the grid, shape (33,).

        The difference of the squared errors is (bias + x)(bias + v): x is the difference of both predictions besides
        the bias, and v is the sum of both errors. Each draw comes with both signs, so that the mean is exact.
        """
        random = np.random.default_rng(0)
        bias = self.bias + self.spread * random.standard_normal(DRAWS)
        x = math.sqrt(2 * OWN_VARIANCE) * random.standard_normal(DRAWS)
        v = math.sqrt(4 + 2 * OWN_VARIANCE) * random.standard_normal(DRAWS)
        products = np.concatenate([(bias + a * x) * (bias + b * v) for a in (-1, 1) for b in (-1, 1)])
        places = (np.clip(products / (ERROR_SCALE * MSE), -1, 1) + 1) * (TRUTH_POINTS // 2)
        below = np.minimum(places.astype(np.int64), TRUTH_POINTS - 2)
        above = places - below
        weights = np.bincount(below, 1 - above, TRUTH_POINTS) + np.bincount(below + 1, above, TRUTH_POINTS)
        shares: FloatArray = weights / weights.sum()
        return shares


SCENARIOS: Mapping[str, Scenario] = {
    "equal": Scenario("equal models"),
    "clients": Scenario("equal models, clients that differ", clients_differ=True),
    "incident": Scenario("equal models, a shared incident", incident=0.2),
    "failures": Scenario("failures +0.5 %", failed_candidate=0.0055),
    "many-failures": Scenario("failures +2 %", failed_candidate=0.0205),
    "nan": Scenario("NaN for 1 %", failed_candidate=0.0105, server_errors=False),
    "all-nan": Scenario("NaN for all", failed_candidate=0.999, server_errors=False),
    "slow-model": Scenario("evaluations slow +5 %", slow_candidate=0.051, late_candidate=0.055),
    "slow-answers": Scenario("answers slow +5 %", late_candidate=0.055),
    "slower-answers": Scenario("answers slow +1 %", late_candidate=0.015),
    "bias-0.2": Scenario("bias of 0.2 RMSE", bias=0.2),
    "bias-0.2-unlabeled": Scenario("bias of 0.2 RMSE, no labels", bias=0.2, labels=0.0),
    "bias-0.5": Scenario("bias of 0.5 RMSE", bias=0.5),
    "bias-1": Scenario("bias of 1 RMSE", bias=1.0),
    "stretched": Scenario("outputs × 1.2", spread=0.28),
    "shifted": Scenario("outputs + 0.3 SD", bias=0.42),
}
"""Scenarios by the name that an operator types."""
