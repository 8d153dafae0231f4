"""Importance: how far each column moves the predictions of the training rows."""

from dataclasses import dataclass

import numpy as np

from domain.data.arrays import FloatArray
from domain.data.rows import Rows
from domain.features.bound_encoding import BoundEncoding
from domain.model.effect_parts import EffectPart, effect_parts
from domain.model.linear_model import LinearModel
from domain.model.moments import Moments
from domain.model.score_intervals import Interval

# Parts with an interval, and terms of a model whose parts have one, at most; work grows with the cube of the terms.
MAX_INTERVALS, MAX_TERMS = 15, 1_000
# Training rows that intervals rest on, at most.
MAX_ROWS = 4_096
# Standard errors from the middle of an interval of 95 % to its ends.
ERRORS_OF_INTERVAL = 1.96
# Share of a term's variance that is added to it, so that redundant terms have intervals.
REDUNDANT_SHARE = 1e-9


@dataclass(frozen=True, slots=True)
class Importance:
    """How far a column, or the interaction of two, moves the sums of the terms of the training rows.

    Parameters
    ----------
    columns : tuple of int
        Places of the columns in the encoding.
    name : str
    spread : float
        Standard deviation of the effect, in target units, or in those of its logarithm.
    interval : Interval or None
        Of the spread, for the terms as they were chosen; None beyond the 15 largest or 1,000 terms.
    """

    columns: tuple[int, ...]
    name: str
    spread: float
    interval: Interval | None = None


def importances(model: LinearModel, moments: Moments, rows: Rows, penalty: float = 0.0) -> tuple[Importance, ...]:
    """Return the importance of all columns and pairs, largest first.

    Parameters
    ----------
    model : LinearModel
    moments : Moments
        Of the terms of the training rows.
    rows : Rows
        The training rows, as the table has them.
    penalty : float
        That of the fit.

    References
    ----------
    White (1980), "A heteroskedasticity-consistent covariance matrix estimator and a direct test for heteroskedasticity"
    (standard errors from the residual of each row).
    """
    ranked = ranked_spreads(model, moments)
    moving = [pair for pair in ranked[:MAX_INTERVALS] if pair[1] > 0] if len(model.coefficients) <= MAX_TERMS else []
    with np.errstate(over="ignore", invalid="ignore"):
        errors = _standard_errors(model, moments, rows, penalty, moving) if moving else []
    reaches = [ERRORS_OF_INTERVAL * error for error in errors]
    return tuple(
        Importance(part.columns, part.name, spread, _interval(spread, reaches, place))
        for place, (part, spread) in enumerate(ranked)
    )


def ranked_spreads(model: LinearModel, moments: Moments) -> list[tuple[EffectPart, float]]:
    """Return each column and each pair with the standard deviation of its effect, the largest first."""
    parts = effect_parts(model, moments.mean)
    spreads = [float(np.linalg.norm(_moved(part, model, moments)[1])) for part in parts]
    ranking = sorted(range(len(parts)), key=lambda place: -spreads[place])
    return [(parts[place], spreads[place]) for place in ranking]


def summed_spread(model: LinearModel, moments: Moments, summed: tuple[Importance, ...]) -> float:
    """Return the spread of some columns and pairs together."""
    chosen = {importance.columns for importance in summed}
    parts = [part for part in effect_parts(model, moments.mean) if part.columns in chosen]
    weights = sum((part.weights(model.coefficients) for part in parts), np.zeros(len(model.coefficients)))
    return float(np.linalg.norm(moments.factor @ weights))


def _moved(part: EffectPart, model: LinearModel, moments: Moments) -> tuple[FloatArray, FloatArray]:
    """Return the columns of the moments' factor for the part's terms, and their product with the part's weights."""
    terms = np.unique(part.terms)
    factor = moments.factor[:, terms]
    return factor, factor @ part.weights(model.coefficients)[terms]


def _interval(spread: float, reaches: list[float], place: int) -> Interval | None:
    if place >= len(reaches) or not np.isfinite(reaches[place]):
        return None
    return Interval(max(0.0, spread - reaches[place]), spread + reaches[place])


def _standard_errors(
    model: LinearModel, moments: Moments, rows: Rows, penalty: float, parts: list[tuple[EffectPart, float]]
) -> list[float]:
    """Return the standard error of the spread of each part.

    A row moves the coefficients by H⁻¹ (x - x̄) e, where H is the second derivative of half the loss. A spread moves by
    its gradient times that.
    """
    gradients = np.column_stack([_gradient(part, spread, model, moments) for part, spread in parts])
    deviations = np.linalg.norm(moments.factor, axis=0)
    deviations[deviations == 0] = 1.0
    scaled = moments.factor / deviations
    added = penalty / moments.rows + REDUNDANT_SHARE
    inverse = np.linalg.inv(scaled.T @ scaled + added * np.eye(len(deviations)))
    directions = inverse @ (gradients / deviations[:, np.newaxis]) / deviations[:, np.newaxis]

    features, target = rows.sample(MAX_ROWS, seed=0)
    bound = BoundEncoding(model.encoding, rows.columns)
    values = bound.values(features)
    residuals = model.target_transform.to_linear(target) - model.sums(values)
    moved = residuals[:, np.newaxis] * ((bound.encoding.encode(values) - moments.mean) @ directions)
    freedom = moments.rows - 1 - (len(deviations) - added * float(np.trace(inverse)))
    variances = np.square(moved).mean(axis=0) / max(freedom, 1.0)
    errors: list[float] = np.sqrt(variances).tolist()
    return errors


def _gradient(part: EffectPart, spread: float, model: LinearModel, moments: Moments) -> FloatArray:
    """Return the derivative of the part's spread by the coefficients, shape (n_terms,)."""
    factor, moved = _moved(part, model, moments)
    by_weight, gradient = np.zeros((2, len(model.coefficients)))
    by_weight[np.unique(part.terms)] = factor.T @ moved / spread
    np.add.at(gradient, part.sources, part.factors * by_weight[part.terms])
    return gradient
