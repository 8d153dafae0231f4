"""Explanation: the contribution of each column to each prediction, compared with a row of typical values."""

import math
from dataclasses import dataclass, replace

import numpy as np

from domain.data.arrays import FloatArray
from domain.model.errors import PredictionNotFinite
from domain.model.linear_model import LinearModel
from domain.model.usable_values import MAX_MAGNITUDE

LIMIT, ROUNDING = "limit", "rounding"
"""Contributions of no column: of the least and the largest prediction, and of a sum that no column can round off."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Contributions to predictions, in target units.

    `math.fsum` of `base` and a row's contributions is the row's prediction to the last bit, if no contribution is more
    than 1e15 times as large.

    Parameters
    ----------
    base : float
        The prediction for typical values: medians, and texts that add nothing.
    names : tuple of str
        Of the columns; then of pairs of columns with products, and of `LIMIT` and `ROUNDING`, each if there is any.
    contributions : ndarray of shape (n_rows, n_names)
    """

    base: float
    names: tuple[str, ...]
    contributions: FloatArray

    def rows(self) -> list[dict[str, float]]:
        """Return the contributions of each row by name."""
        return [dict(zip(self.names, row, strict=True)) for row in self.contributions.tolist()]


def explain(model: LinearModel, values: FloatArray) -> Explanation:
    """Return the explanation of the predictions for `values`, as `LinearModel.predict` takes them.

    Where the target was learned on a logarithmic scale, a difference of logarithms contributes itself times the
    logarithmic mean of prediction and base.

    Raises
    ------
    PredictionNotFinite
        If a contribution is beyond 1e300.

    References
    ----------
    Ang (2005), "The LMDI approach to decomposition analysis: a practical guide".
    """
    typical = [column.typical for column in model.encoding.columns]
    rows = np.vstack([np.array(typical), values])  # the first is the base
    with np.errstate(over="ignore", invalid="ignore"):
        names, parts = contribution_names(model), _parts(model, rows)
        sums = model.sums(rows)
        predictions = model.target_transform.to_target(sums)
        linear = _limited_sums(model, predictions, sums)
        if (linear != sums).any():
            names, parts = _appended(names, LIMIT), np.column_stack([parts, linear - sums])
        contributions = parts[1:] - parts[0]
        if model.target_transform.log:
            contributions *= _logarithmic_means(predictions[1:], predictions[0], linear[1:] - linear[0])[:, np.newaxis]
    beyond = np.flatnonzero(~(np.abs(contributions) <= MAX_MAGNITUDE).all(axis=1))
    if len(beyond):
        raise PredictionNotFinite(int(beyond[0]))
    return _balanced(float(predictions[0]), names, contributions, predictions[1:].tolist())


def contribution_names(model: LinearModel) -> tuple[str, ...]:
    """Return the names of the columns, and of the pairs of columns with products."""
    names, pairs = model.feature_names, model.encoding.pair_names
    if set(names).isdisjoint(pairs):
        return (*names, *pairs)
    for pair in pairs:
        names = _appended(names, pair)
    return names


def _appended(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Return `names` and `name`, in brackets if a column has this name."""
    while name in names:
        name = f"({name})"
    return (*names, name)


def _parts(model: LinearModel, rows: FloatArray) -> FloatArray:
    """Return what columns and pairs of columns add to the sums, shape (n_rows, n_columns + n_pairs)."""
    parts = [effect(rows[:, place]) for place, effect in enumerate(model.effects)]
    if model.encoding.products:
        products = model.encoding.term_products
        added = products.product_values(products.factor_values(rows))
        weighted = added * model.coefficients[-added.shape[1] :]
        parts += [weighted[:, places].sum(axis=1) for places in model.encoding.pairs.values()]
    return np.column_stack(parts)


def _limited_sums(model: LinearModel, predictions: FloatArray, sums: FloatArray) -> FloatArray:
    """Return the sums that give the predictions without a limit."""
    transform = model.target_transform
    is_limited = replace(transform, low=None, high=None).to_target(sums) != predictions
    linear = sums.copy()
    linear[is_limited] = transform.to_linear(predictions[is_limited] / transform.correction)
    return linear


def _logarithmic_means(predictions: FloatArray, base: float, differences: FloatArray) -> FloatArray:
    """Return (prediction − base) / (difference of the logarithms), and the base where they are equal."""
    near = np.abs(differences) < 1  # where a difference of predictions would cancel
    divisors = np.where(differences, differences, 1.0)
    of_near = np.where(differences, np.expm1(np.where(near, differences, 0.0)) / divisors, 1.0) * base
    return np.where(near, of_near, (predictions - base) / divisors)


def _balanced(base: float, names: tuple[str, ...], contributions: FloatArray, predictions: list[float]) -> Explanation:
    """Return the explanation with the rest that rounding leaves in a small contribution of each row."""
    rows, rests = contributions.tolist(), [0.0] * len(predictions)
    for number, (row, prediction) in enumerate(zip(rows, predictions, strict=True)):
        rests[number] = _balance(base, row, prediction)
    balanced = np.array(rows).reshape(contributions.shape)
    if any(rests):
        return Explanation(base, _appended(names, ROUNDING), np.column_stack([balanced, rests]))
    return Explanation(base, names, balanced)


def _balance(base: float, row: list[float], prediction: float) -> float:
    """Add the rest of the row's sum to its smallest contribution, and return what is left then."""
    if math.fsum([base, *row]) == prediction:
        return 0.0
    rest = math.fsum([prediction, -base, *(-value for value in row)])
    places = [place for place, value in enumerate(row) if value] or range(len(row))
    row[min(places, key=lambda place: abs(row[place]))] += rest
    left = math.fsum([prediction, -base, *(-value for value in row)])
    return 0.0 if math.fsum([base, *row]) == prediction else left
