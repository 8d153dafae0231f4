"""Everyone who answers the question, each as a function of a table."""

import numpy as np
from sklearn.linear_model import LinearRegression, Ridge

from benchmarks.learning.optimum import Answer, FloatArray
from benchmarks.learning.tables import Table

# So little that it changes nothing but makes the Cholesky factorisation safe.
RIDGE = 1e-8


def linear_regression(table: Table) -> Answer:
    """Scikit-learn's least squares: a singular value decomposition of the centred table."""
    return _answer(LinearRegression().fit(table.features, table.target))


def ridge(table: Table) -> Answer:
    """Scikit-learn's ridge regression by Cholesky: normal equations, with the checks of an estimator around them."""
    return _answer(Ridge(RIDGE, solver="cholesky").fit(table.features, table.target))


def least_squares(table: Table) -> Answer:
    """Numpy's `lstsq`, with a column of ones for the intercept."""
    solution: FloatArray = np.linalg.lstsq(np.column_stack((table.features, np.ones(len(table.target)))), table.target)[
        0
    ]
    return Answer(solution[:-1], float(solution[-1]))


def normal_equations(table: Table) -> Answer:
    """XᵀX and Xᵀy by BLAS, the means taken out of them afterwards, without a copy of the table."""
    rows = len(table.target)
    mean, target_mean = np.ones(rows) @ table.features / rows, float(table.target.mean())
    products = table.features.T @ table.features - rows * np.outer(mean, mean)
    cross = table.target @ table.features - rows * target_mean * mean
    coefficients: FloatArray = np.linalg.solve(products, cross)
    return Answer(coefficients, target_mean - float(mean @ coefficients))


def _answer(fitted: LinearRegression | Ridge) -> Answer:
    return Answer(fitted.coef_, float(fitted.intercept_))
