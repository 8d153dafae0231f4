"""Contest: contenders for the least-squares answer take turns at one table; the result is times and true excesses."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from statistics import median
from timeit import Timer
from typing import Any, NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, Ridge, SGDRegressor
from sklearn.preprocessing import StandardScaler

from benchmarks.report import SHARE, Finding, FloatArray
from domain.dataset import Dataset
from domain.linear_model import LinearModel
from domain.sgd import SGD

CERTIFIED, ONE_PASS = "SGD, certified ≤ 1e-6", "SGD, one pass"
BUILD, PRODUCT = "Dataset(X, y), which checks the numbers", "X @ v"
NORMAL_EQUATIONS, LSTSQ = "normal equations in numpy", "np.linalg.lstsq"
RIDGE, LINEAR_REGRESSION = "Ridge(cholesky)", "LinearRegression"
# Excesses below this are rounding, of the contender and of the optimum.
ROUNDING = 1e-20
# The quickest settings of `SGDRegressor` for the table of 1,000,000 × 20: within 1e-6; as near as the certified fit;
# within 1e-6 without use of the rows' order and scale. A search over 13 schedules, four averages and 1 to 20 epochs
# found them with the answer known; the table is the same in every run.
QUICKEST = {"learning_rate": "invscaling", "eta0": 0.02, "power_t": 0.25, "average": 1, "max_iter": 1, "shuffle": False}
NEAREST = {**QUICKEST, "eta0": 0.05, "power_t": 0.5, "average": 1_000_000, "max_iter": 2}
TUNED = ((QUICKEST, False), (NEAREST, False), ({**QUICKEST, "shuffle": True}, True))

Works = Mapping[str, Callable[[], Any]]
Block = tuple[FloatArray, FloatArray]
BLOCK_ROWS = 65_536


class Answer(NamedTuple):
    """Coefficients of shape (d,) and the intercept that a contender found."""

    coefficients: FloatArray
    intercept: float


def true_excess(blocks: Iterable[Block]) -> Callable[[Answer | LinearModel], float]:
    """Return the function from an answer to its mean squared error over that of the optimum, less 1.

    The moments are summed around the means of the first block: rounding leaves an excess of about 1e-28.
    """
    rows, shift, sums, products = 0, np.empty(0), np.zeros(1), np.zeros((1, 1))
    for block in blocks:
        table = np.column_stack(block)
        shift = shift if rows else table.mean(axis=0)
        table -= shift
        rows, sums, products = rows + len(table), sums + table.sum(axis=0), products + table.T @ table
    mean = sums / rows
    moments = products / rows - np.outer(mean, mean)
    covariance, cross, variance = moments[:-1, :-1], moments[:-1, -1], moments[-1, -1]
    optimum = np.linalg.solve(covariance, cross)
    mean += shift
    intercept, loss = mean[-1] - optimum @ mean[:-1], variance - optimum @ cross

    def excess(answer: Answer | LinearModel) -> float:
        away = answer.coefficients - optimum
        constant = answer.intercept - intercept + mean[:-1] @ away
        return float((away @ covariance @ away + constant**2) / loss)

    return excess


def contenders(table: Dataset) -> Works:
    """Return the work of each contender on `table`, by its name."""
    direction = np.random.default_rng(0).standard_normal(len(table.feature_names))
    return {
        PRODUCT: partial(_product, table, direction),
        ONE_PASS: lambda: SGD(max_passes=1).fit(table).model,
        CERTIFIED: lambda: SGD().fit(table).model,
        BUILD: partial(_build, table),
        NORMAL_EQUATIONS: partial(_normal_equations, table),
        # The penalty is so small that it changes only the safety of the Cholesky factorization.
        RIDGE: partial(_fit, Ridge(1e-8, solver="cholesky"), table),
        LSTSQ: partial(_least_squares, table),
        LINEAR_REGRESSION: partial(_fit, LinearRegression(), table),
    }


def regressors(table: Dataset) -> Works:
    """Return the work of `SGDRegressor` in its tuned settings and, last, in its default ones."""
    works: dict[str, Callable[[], Answer]] = {}
    for settings, scaled in TUNED:
        words = ", ".join(f"{name}={value!r}" for name, value in settings.items())
        regressor = SGDRegressor(penalty=None, alpha=0.0, random_state=0, tol=None, **settings)
        works[f"{'StandardScaler, ' * scaled}SGDRegressor({words})"] = partial(_fit, regressor, table, scaled=scaled)
    default = partial(_fit, SGDRegressor(penalty=None, random_state=0), table, scaled=True)
    return {**works, "StandardScaler, SGDRegressor as it comes": default}


def _product(table: Dataset, direction: FloatArray) -> None:
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


def _fit(estimator: Any, table: Dataset, *, scaled: bool = False) -> Answer:
    scaler = StandardScaler()
    features = scaler.fit_transform(table.features) if scaled else table.features
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is given
        estimator.fit(features, table.target)
    coefficients, intercept = estimator.coef_, float(np.ravel(estimator.intercept_)[0])
    if scaled:
        coefficients = coefficients / scaler.scale_
        intercept -= float(scaler.mean_ @ coefficients)
    return Answer(coefficients, intercept)


def take_turns(works: Works, rounds: Mapping[str, int]) -> dict[str, tuple[float, Any]]:
    """Run the contenders one after the other, round by round; return median seconds of a call and the first result.

    A round before the first does not count, because of imports, page faults and file caches.
    A turn repeats a short call until the turn has taken 0.2 s.
    """
    results = {name: work() for name, work in works.items()}
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for number in range(max(rounds.values())):
        for name, work in works.items():
            if number < rounds[name]:
                calls, took = Timer(work).autorange()
                seconds[name].append(took / calls)
    return {name: (median(seconds[name]), results[name]) for name in works}


@dataclass(frozen=True, slots=True)
class Contest:
    """Seconds, true excess (None without an answer) and rounds on one table, by contender."""

    size: str
    seconds: dict[str, float]
    excess: dict[str, float | None]
    rounds: dict[str, int]

    def ratio(self, slower: str, *quicker: str) -> float:
        return self.seconds[slower] / sum(self.seconds[name] for name in quicker)

    def both(self, *names: str) -> str:
        return " and ".join(dict.fromkeys(str(self.rounds[name]) for name in names))

    def faster(self, other: str, least: float | None = None, measure: str = "") -> Finding:
        """Return the time of `other` over that of the certified fit."""
        ratio, rounds = self.ratio(other, CERTIFIED), self.both(CERTIFIED, other)
        return Finding(self.work(CERTIFIED), f"faster than {measure or other}", ratio, least, rounds=rounds)

    def slower(self, name: str, other: str, most: float | None = None) -> Finding:
        """Return the time of `name` over that of `other`."""
        measure, ratio = f"the time of one {other.removeprefix('SGD, one ')}", self.ratio(name, other)
        return Finding(self.work(name), measure, ratio, most=most, rounds=self.both(name, other))

    def true_excess(self, name: str, most: float) -> Finding:
        return Finding(self.work(name), "true excess", self.excess[name] or 0.0, most=most, unit=SHARE)

    def work(self, name: str) -> str:
        return f"{self.size}, {name.removeprefix('SGD, ')}"

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Yield times over those of the certified fit and of one product, and true excesses, the quickest first."""
        for name in sorted(self.seconds, key=self.seconds.__getitem__):
            excess = self.excess[name]
            shown = "" if excess is None else f"{excess:.1e}" if excess > ROUNDING else f"< {ROUNDING:.0e}"
            ratios = (f"{self.ratio(name, other):.3g}" for other in (CERTIFIED, PRODUCT))
            yield self.size, name, *ratios, shown, str(self.rounds[name])


def compare(table: Dataset, rounds: int, few: Mapping[str, int], more: Works | None = None) -> Contest:
    """Let all contenders, and `more` for this table alone, take turns; those in `few` have other rounds, 0 for none."""
    works = {name: work for name, work in {**contenders(table), **(more or {})}.items() if few.get(name, rounds)}
    counts, starts = {name: few.get(name, rounds) for name in works}, range(0, len(table.target), BLOCK_ROWS)
    found = take_turns(works, counts)
    excess = true_excess((table.features[at : at + BLOCK_ROWS], table.target[at : at + BLOCK_ROWS]) for at in starts)
    excesses = {name: excess(answer) if answer else None for name, (_, answer) in found.items()}
    seconds = {name: seconds for name, (seconds, _) in found.items()}
    return Contest("{:,} × {}".format(*table.features.shape), seconds, excesses, counts)
