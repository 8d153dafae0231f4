"""The tables that are learnt from: drawn at random, or the diabetes data."""

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from benchmarks.learning.optimum import FloatArray, Optimum, blocks_of
from domain.dataset import Dataset

DIABETES = Path(__file__).parents[2] / "entrypoints/data/diabetes.csv"
SEED = 20_240_229
INTERCEPT = 3.0
# Rows that are drawn at once.
DRAWN_ROWS = 250_000


@dataclass(frozen=True, eq=False)
class Table:
    """Features of shape (n, d), C-ordered, and the target of shape (n,), both float64."""

    features: FloatArray
    target: FloatArray
    names: tuple[str, ...]

    def dataset(self) -> Dataset:
        """Return the table as what the learner takes, which checks every number and copies none."""
        return Dataset(self.features, self.target, self.names, "y")

    @cached_property
    def optimum(self) -> Optimum:
        """The judge of those who learn from the table."""
        return Optimum.of(blocks_of(self.features, self.target))

    @property
    def size(self) -> str:
        """Rows and columns, as a reader says them."""
        rows, columns = self.features.shape
        return f"{rows:,} × {columns}"


def drawn(rows: int, columns: int) -> Table:
    """Return independent standard normal features, and a linear target with standard normal noise.

    These are the best of all data for `SGDRegressor`: no column is larger than another, none tells of another, and the
    rows come in no order.
    """
    generator = np.random.default_rng(SEED)
    coefficients = generator.standard_normal(columns)
    features = np.empty((rows, columns))
    target = np.empty(rows)
    for start in range(0, rows, DRAWN_ROWS):
        draw(generator, coefficients, features[start : start + DRAWN_ROWS], target[start : start + DRAWN_ROWS])
    return Table(features, target, names(columns))


def draw(generator: np.random.Generator, coefficients: FloatArray, features: FloatArray, target: FloatArray) -> None:
    """Fill `features` and `target` in place."""
    generator.standard_normal(out=features)
    generator.standard_normal(out=target)
    target += features @ coefficients
    target += INTERCEPT


def names(columns: int) -> tuple[str, ...]:
    """Return names for that many columns."""
    return tuple(f"x{column}" for column in range(columns))


def diabetes() -> Table:
    """Return all 442 rows and ten features of the diabetes data."""
    with DIABETES.open(newline="", encoding="utf-8") as file:
        header = next(csv.reader(file))
        values = np.loadtxt(file, delimiter=",")
    return Table(np.ascontiguousarray(values[:, :-1]), values[:, -1].copy(), tuple(header[:-1]))
