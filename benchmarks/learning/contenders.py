"""Contenders: each returns the least-squares answer of a table, or does a part of that work."""

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, Ridge, SGDRegressor
from sklearn.preprocessing import StandardScaler

from benchmarks.learning.tables import Answer
from domain.dataset import Dataset
from domain.sgd import SGD, Fit

CERTIFIED, ONE_PASS = "SGD, certified ≤ 1e-6", "SGD, one pass"  # no password
BUILD, PRODUCT = "Dataset(X, y), which checks the numbers", "X @ v"
NORMAL_EQUATIONS, LSTSQ = "normal equations in numpy", "np.linalg.lstsq"
RIDGE, LINEAR_REGRESSION = "Ridge(cholesky)", "LinearRegression"
DEFAULT_REGRESSOR = "StandardScaler, SGDRegressor as it comes"
# So small that it changes only the safety of the Cholesky factorization.
PENALTY = 1e-8
# The quickest settings of `SGDRegressor` for the table of 1,000,000 × 20: within 1e-6; as near as the certified fit;
# within 1e-6 without use of the rows' order and scale. A search over 13 schedules, four averages and 1 to 20 epochs
# found them with the answer known; the table is the same in every run.
QUICKEST = {"learning_rate": "invscaling", "eta0": 0.02, "power_t": 0.25, "average": 1, "max_iter": 1, "shuffle": False}
NEAREST = {**QUICKEST, "eta0": 0.05, "power_t": 0.5, "average": 1_000_000, "max_iter": 2}
TUNED = ((QUICKEST, False), (NEAREST, False), ({**QUICKEST, "shuffle": True}, True))


def contenders(table: Dataset) -> dict[str, Callable[[], Answer | None]]:
    """Return the work of each contender on `table`, by its name."""
    direction = np.random.default_rng(0).standard_normal(len(table.feature_names))
    return {
        PRODUCT: partial(_multiply, table, direction),
        ONE_PASS: lambda: answer_of(SGD(max_passes=1).fit(table)),
        CERTIFIED: lambda: answer_of(SGD().fit(table)),
        BUILD: partial(_build, table),
        NORMAL_EQUATIONS: partial(_normal_equations, table),
        RIDGE: partial(_fit, Ridge(PENALTY, solver="cholesky"), table),
        LSTSQ: partial(_least_squares, table),
        LINEAR_REGRESSION: partial(_fit, LinearRegression(), table),
    }


def regressors(table: Dataset) -> dict[str, Callable[[], Answer]]:
    """Return the work of `SGDRegressor` in its tuned settings and, last, in its default ones."""
    works: dict[str, Callable[[], Answer]] = {}
    for settings, scaled in TUNED:
        words = ", ".join(f"{name}={value!r}" for name, value in settings.items())
        regressor = SGDRegressor(penalty=None, alpha=0.0, random_state=0, tol=None, **settings)
        works[f"{'StandardScaler, ' * scaled}SGDRegressor({words})"] = partial(
            _descend, regressor, table, scaled=scaled
        )
    works[DEFAULT_REGRESSOR] = partial(_descend, SGDRegressor(penalty=None, random_state=0), table, scaled=True)
    return works


def answer_of(fit: Fit) -> Answer:
    """Return the coefficients and intercept of a fit."""
    return Answer(fit.model.coefficients, fit.model.intercept)


def _multiply(table: Dataset, direction: np.ndarray) -> None:
    table.features @ direction


def _build(table: Dataset) -> None:
    Dataset(table.features, table.target, table.feature_names, table.target_name)


def _normal_equations(table: Dataset) -> Answer:
    """Return the solution of XᵀX and Xᵀy by BLAS, centered afterwards, without a copy of the table."""
    rows = len(table.target)
    mean, target_mean = np.ones(rows) @ table.features / rows, float(table.target.mean())
    products = table.features.T @ table.features - rows * np.outer(mean, mean)
    coefficients = np.linalg.solve(products, table.target @ table.features - rows * target_mean * mean)
    return Answer(coefficients, target_mean - float(mean @ coefficients))


def _least_squares(table: Dataset) -> Answer:
    solution = np.linalg.lstsq(np.column_stack((table.features, np.ones(len(table.target)))), table.target)[0]
    return Answer(solution[:-1], float(solution[-1]))


def _fit(estimator: Any, table: Dataset) -> Answer:
    fitted = estimator.fit(table.features, table.target)
    return Answer(fitted.coef_, float(fitted.intercept_))


def _descend(regressor: SGDRegressor, table: Dataset, *, scaled: bool) -> Answer:
    scaler = StandardScaler()
    features = scaler.fit_transform(table.features) if scaled else table.features
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is given
        regressor.fit(features, table.target)
    if not scaled:
        return Answer(regressor.coef_, float(regressor.intercept_[0]))
    coefficients = regressor.coef_ / scaler.scale_
    return Answer(coefficients, float(regressor.intercept_[0] - scaler.mean_ @ coefficients))
