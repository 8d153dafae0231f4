"""Contest: contenders for the least-squares answer take turns at one table; the result is times and true excesses."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from statistics import median
from timeit import Timer
from typing import Any

import numpy as np
from sklearn.linear_model import LinearRegression, Ridge, SGDRegressor
from sklearn.preprocessing import StandardScaler

from benchmarks.report import Finding
from domain.data.arrays import FloatArray
from domain.data.dataset import Dataset
from domain.data.rows import Rows
from domain.learning.sgd import SGD

CERTIFIED, ONE_PASS = "SGD, certified ≤ 1e-6", "SGD, one pass"
BUILD, PRODUCT = "Dataset(X, y), which checks the numbers", "X @ v"
NORMAL_EQUATIONS, RIDGE, LINEAR_REGRESSION = "normal equations in numpy", "Ridge(cholesky)", "LinearRegression"
SCAN = "a bare scan (file by file, whole row groups)"
WITHOUT_ANSWER = (PRODUCT, BUILD, SCAN)
# Excesses below this are rounding, of the contender and of the optimum.
ROUNDING = 1e-20
# The quickest settings of `SGDRegressor` for the table of 1,000,000 × 20 that come within 1e-6. A search over 13
# schedules, four averages and 1 to 20 epochs found them with the answer known.
QUICKEST = {"learning_rate": "invscaling", "eta0": 0.02, "power_t": 0.25, "average": 1, "max_iter": 1, "shuffle": False}
TUNED = f"SGDRegressor({', '.join(f'{name}={value!r}' for name, value in QUICKEST.items())})"

Works = Mapping[str, Callable[[], Any]]
Block = tuple[FloatArray, FloatArray]


def true_excess(blocks: Iterable[Block]) -> Callable[[FloatArray], float]:
    """Return the function from coefficients and intercept, shape (d + 1,), to their relative excess loss."""
    tables = (np.column_stack((features, np.ones(len(target)), target)) for features, target in blocks)
    products = sum(table.T @ table for table in tables)
    normal, cross, squares = products[:-1, :-1], products[:-1, -1], products[-1, -1]
    optimum = np.linalg.solve(normal, cross)

    def excess(answer: FloatArray) -> float:
        away = answer - optimum
        return float(away @ normal @ away / (squares - cross @ optimum))

    return excess


def contenders(table: Dataset) -> Works:
    """Return the work of each contender on `table`, by its name."""
    direction = np.random.default_rng(0).standard_normal(len(table.feature_names))
    return {
        PRODUCT: lambda: table.features @ direction,
        ONE_PASS: partial(learned, SGD(max_passes=1), table),
        CERTIFIED: partial(learned, SGD(), table),
        BUILD: lambda: Dataset(table.features, table.target, table.feature_names, table.target_name),
        NORMAL_EQUATIONS: partial(_normal_equations, table),
        # The penalty is so small that it changes only the safety of the Cholesky factorization.
        RIDGE: partial(_fit, Ridge(1e-8, solver="cholesky"), table),
        LINEAR_REGRESSION: partial(_fit, LinearRegression(), table),
    }


def regressors(table: Dataset) -> Works:
    """Return the work of `SGDRegressor` in its quickest settings and in its default ones."""
    tuned = SGDRegressor(penalty=None, alpha=0.0, random_state=0, tol=None, **QUICKEST)
    default = SGDRegressor(penalty=None, random_state=0)
    return {
        TUNED: partial(_fit, tuned, table),
        "StandardScaler, SGDRegressor as it comes": partial(_fit_scaled, default, table),
    }


def learned(learner: SGD, table: Rows) -> FloatArray:
    model = learner.fit(table).model
    return np.append(model.coefficients, model.intercept)


def _normal_equations(table: Dataset) -> FloatArray:
    """Return the solution of XᵀX and Xᵀy by BLAS, centered afterwards, without a copy of the table."""
    mean, target_mean = np.ones(rows := len(table.target)) @ table.features / rows, table.target.mean()
    products = table.features.T @ table.features - rows * np.outer(mean, mean)
    coefficients = np.linalg.solve(products, table.target @ table.features - rows * target_mean * mean)
    return np.append(coefficients, target_mean - mean @ coefficients)


def _fit(estimator: Any, table: Dataset) -> FloatArray:
    estimator.fit(table.features, table.target)
    return np.append(estimator.coef_, estimator.intercept_)


def _fit_scaled(estimator: Any, table: Dataset) -> FloatArray:
    estimator.fit((scaler := StandardScaler()).fit_transform(table.features), table.target)
    coefficients = estimator.coef_ / scaler.scale_
    return np.append(coefficients, estimator.intercept_ - scaler.mean_ @ coefficients)


@dataclass(frozen=True, slots=True)
class Contest:
    """Seconds and true excess on one table, by contender, and the turns of each."""

    size: str
    seconds: dict[str, float]
    excess: dict[str, float]
    rounds: int

    def ratio(self, slower: str, quicker: str) -> float:
        return self.seconds[slower] / self.seconds[quicker]

    def faster(self, other: str, least: float | None = None, measure: str = "") -> Finding:
        """Return the time of `other` over that of the certified fit."""
        measure = f"faster than {measure or other}"
        return Finding(self.work(CERTIFIED), measure, self.ratio(other, CERTIFIED), least, rounds=self.rounds)

    def slower(self, name: str, other: str, most: float | None = None) -> Finding:
        """Return the time of `name` over that of `other`."""
        work, measure = self.work(name), f"the time of {other.removeprefix('SGD, ')}"
        return Finding(work, measure, self.ratio(name, other), most=most, rounds=self.rounds)

    def work(self, name: str) -> str:
        return f"{self.size}, {name.removeprefix('SGD, ')}"

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Yield times over those of the certified fit and of one product, and true excesses, the quickest first."""
        for name in sorted(self.seconds, key=self.seconds.__getitem__):
            excess = self.excess.get(name)
            shown = "" if excess is None else f"{excess:.1e}" if excess > ROUNDING else f"< {ROUNDING:.0e}"
            ratios = (f"{self.ratio(name, other):.3g}" for other in (CERTIFIED, PRODUCT))
            yield self.size, name, *ratios, shown, str(self.rounds)


def compare(size: str, works: Works, blocks: Iterable[Block], rounds: int) -> Contest:
    """Let the contenders take turns, round by round; measure the median of a call and the excess of the answer.

    Each answers before the first round, because of imports and caches. A turn repeats a short call for 0.2 s.
    """
    answers = {name: work() for name, work in works.items() if name not in WITHOUT_ANSWER}
    turns: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            calls, took = Timer(work).autorange()
            turns[name].append(took / calls)
    excess, seconds = true_excess(blocks), {name: median(each) for name, each in turns.items()}
    return Contest(size, seconds, {name: excess(answer) for name, answer in answers.items()}, rounds)


def compare_on_table(table: Dataset, rounds: int, more: Works | None = None) -> Contest:
    """Let all contenders, and `more` for this table alone, take turns."""
    works = {**contenders(table), **(more or {})}
    return compare("{:,} × {}".format(*table.features.shape), works, [(table.features, table.target)], rounds)
