"""The textbook methods as fits: gradient descent in closed form, and mini-batch descent step by step."""

from typing import TYPE_CHECKING

import numpy as np

from domain.dataset import FloatArray
from domain.errors import RateTooLarge
from domain.rows import Rows
from domain.sgd.gradient_descent import excesses, weights_after
from domain.sgd.quadratic import Quadratic, model_of
from domain.sgd.reading import Reader, block_rows
from domain.sgd.report import Fit, FitReport, OnProgress, StopReason

if TYPE_CHECKING:
    from domain.sgd.learner import SGD

# A loss this many times that of the weights 0 is on its way to infinity, not through a bad patch.
RUNAWAY = 1e6


def fit_plain(settings: "SGD", rows: Rows, on_progress: OnProgress | None) -> Fit:
    """Return what gradient descent, or with a batch size mini-batch descent, arrives at.

    A reading comes first, for the loss as a quadratic: it tells which rates converge, what the optimum is, and so how
    far from it the weights are after each pass.

    Raises
    ------
    RateTooLarge
        If gradient descent diverges at this rate. In expectation mini-batch descent does so, too.
    """
    reader = Reader(rows, block_rows(len(rows), len(rows.feature_names)), on_progress)
    with reader.phase("curvature"):
        quadratic = Quadratic.of(reader)
    rate = settings.learning_rate or 0.0
    if rate >= quadratic.largest_stable_rate:
        raise RateTooLarge(rate, quadratic.largest_stable_rate)
    method = _gradient_descent if settings.batch_size is None else _mini_batches
    with reader.phase("descent"):
        return method(settings, rate, reader, quadratic)


def _gradient_descent(settings: "SGD", rate: float, reader: Reader, quadratic: Quadratic) -> Fit:
    excess = excesses(settings.max_passes, rate, quadratic)
    near = np.flatnonzero(excess <= (settings.tol or 0) * quadratic.optimum)
    steps = int(near[0]) + 1 if settings.tol and len(near) else settings.max_passes
    reader.losses = (quadratic.optimum + excess[:steps]).tolist()
    reader.excess_risk = [quadratic.risk(float(excess[steps - 1]))]
    reader.passes = steps
    reader.tell()
    stop_reason: StopReason = "tol" if settings.tol and len(near) else "max_passes"
    return _fit(weights_after(steps, rate, quadratic), stop_reason, rate, steps, reader, quadratic)


def _mini_batches(settings: "SGD", rate: float, reader: Reader, quadratic: Quadratic) -> Fit:
    reader.passes, reader.size = 0, min(settings.batch_size or 1, len(reader.rows))
    order = np.random.default_rng(settings.seed) if settings.shuffle else None
    weights = np.zeros(len(reader.rows.feature_names) + 1)
    limit = RUNAWAY * (quadratic.optimum + quadratic.excess(weights))
    best, best_excess, steps = weights, quadratic.excess(weights), 0
    stop_reason: StopReason = "max_passes"
    while reader.passes < settings.max_passes:
        weights, taken = _pass(weights, rate, reader, order)
        steps += taken
        with np.errstate(over="ignore", invalid="ignore"):
            excess = quadratic.excess(weights)
        if not quadratic.optimum + excess <= limit:
            stop_reason, weights = "diverged", best
            break
        reader.excess_risk.append(quadratic.risk(excess))
        reader.finish_pass(quadratic.optimum + excess)
        if excess < best_excess:
            best, best_excess = weights, excess
        if settings.tol and excess <= settings.tol * quadratic.optimum:
            stop_reason = "tol"
            break
    return _fit(weights, stop_reason, rate, steps, reader, quadratic)


def _pass(
    weights: FloatArray, rate: float, reader: Reader, order: np.random.Generator | None
) -> tuple[FloatArray, int]:
    """Step once along the gradient of each block; return the weights and the number of steps."""
    weights, steps = weights.copy(), 0
    with np.errstate(over="ignore", invalid="ignore"):
        for features, target in reader.blocks(order):
            residuals = features @ weights[:-1] - target + weights[-1]
            # Divided by the nominal batch size: the short last batch takes a short step.
            weights[:-1] -= (2 * rate / reader.size) * (residuals @ features)
            weights[-1] -= (2 * rate / reader.size) * residuals.sum()
            steps += 1
    return weights, steps


def _fit(
    weights: FloatArray, stop_reason: StopReason, rate: float, steps: int, reader: Reader, quadratic: Quadratic
) -> Fit:
    report = FitReport(
        stop_reason=stop_reason,
        losses=tuple(reader.losses),
        excess_risk=tuple(reader.excess_risk),
        loss=quadratic.optimum + quadratic.excess(weights),
        passes=reader.passes,
        rows_seen=reader.rows_seen,
        batch_size=reader.size if steps > reader.passes else len(reader.rows),
        learning_rate=rate,
        rank=int(np.count_nonzero(quadratic.curvature)) - 1,
        steps=steps,
        seconds=reader.seconds,
    )
    return Fit(model_of(weights, reader.rows.feature_names), report)
