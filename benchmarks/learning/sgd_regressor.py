"""Scikit-learn's `SGDRegressor` at its best: its settings are searched with the answer known."""

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import SGDRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.learning.optimum import Answer
from benchmarks.learning.tables import Table

# The rates around which a search by hand found the least excess, for each of the schedules.
SCHEDULES: tuple[dict[str, Any], ...] = (
    *({"learning_rate": "constant", "eta0": rate} for rate in (1e-2, 5e-3, 2e-3, 1e-3, 3e-4)),
    *({"learning_rate": "invscaling", "eta0": rate, "power_t": power} for rate, power in
      ((1e-2, 0.25), (2e-2, 0.25), (2e-2, 0.4), (5e-2, 0.4), (5e-2, 0.5), (5e-2, 0.75))),
    *({"learning_rate": "adaptive", "eta0": rate, "tol": 1e-4, "n_iter_no_change": 1} for rate in (1e-2, 1e-3)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """A way to use `SGDRegressor`.

    Parameters
    ----------
    regressor : dict
        The keywords of its constructor.
    scaled : bool
        Whether a `StandardScaler` comes first.
    """

    regressor: dict[str, Any]
    scaled: bool

    def fit(self, table: Table) -> Answer:
        """Learn from a table."""
        regressor = SGDRegressor(penalty=None, alpha=0.0, random_state=0, **{"tol": None} | self.regressor)
        return _fit(regressor, StandardScaler() if self.scaled else None, table)

    def __str__(self) -> str:
        words = ", ".join(f"{name}={value!r}" for name, value in self.regressor.items())
        return f"{'StandardScaler, ' if self.scaled else ''}SGDRegressor({words})"


def default_settings(table: Table) -> Answer:
    """Learn with everything as it comes, but without a penalty, behind a `StandardScaler`."""
    return _fit(SGDRegressor(penalty=None, random_state=0), StandardScaler(), table)


def quickest(table: Table, tol: float, epochs: Sequence[int], *, scaled: bool, shuffle: bool) -> Settings:
    """Return the quickest settings whose true excess is at most `tol`; the nearest ones if there are none.

    Time grows with the epochs, so that the fewest which suffice are searched for first. Averages begin at once, after a
    quarter of the rows, or with the second epoch.
    """
    rows, tried = len(table.target), []
    for count in epochs:
        sufficient = []
        for schedule, start in product(SCHEDULES, (1, rows // 4, rows, False)):
            settings = Settings(schedule | {"average": start, "max_iter": count, "shuffle": shuffle}, scaled)
            began = time.perf_counter()
            answer = settings.fit(table)
            seconds, excess = time.perf_counter() - began, table.optimum.excess(answer)
            tried.append((excess, settings))
            if excess <= tol:
                sufficient.append((seconds, settings))
        if sufficient:
            return _least(sufficient)
    return _least(tried)


def _fit(regressor: SGDRegressor, scaler: StandardScaler | None, table: Table) -> Answer:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the epochs are given on purpose
        make_pipeline(scaler, regressor).fit(table.features, table.target)
    coefficients, intercept = regressor.coef_, float(regressor.intercept_[0])
    if scaler:
        coefficients = coefficients / scaler.scale_
        intercept -= float(scaler.mean_ @ coefficients)
    return Answer(coefficients, intercept)


def _least(rated: Sequence[tuple[float, Settings]]) -> Settings:
    return min(rated, key=lambda pair: pair[0])[1]
