"""Scores: measure the predictions for rows that a model has not learned from."""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Self

import numpy as np

from domain.data.arrays import Block, FloatArray, Numbers
from domain.data.rows import Rows
from domain.data.sums import Sums, Work
from domain.features.bound_encoding import BoundEncoding
from domain.model.linear_model import LinearModel

# Rows of one prediction.
BLOCK_ROWS = 65_536


@dataclass(frozen=True, slots=True)
class Metric:
    """Display name, unit and direction of a score."""

    label: str
    unit: str = ""
    greater_is_better: bool = False


@dataclass(frozen=True, slots=True)
class Scores:
    """Regression scores on one set of rows, in their natural sign.

    A later metric has the type `float | None` and the default None, so that records of older versions stay readable.

    Parameters
    ----------
    r2 : float
        Coefficient of determination: 1 is perfect, 0 is as good as the mean, below 0 is worse.
    mse : float
        Mean squared error.
    rmse : float
        Root of the mean squared error.
    mae : float
        Mean absolute error.
    """

    r2: float = field(metadata={"metric": Metric("R²", greater_is_better=True)})
    mse: float = field(metadata={"metric": Metric("MSE", "target units squared")})
    rmse: float = field(metadata={"metric": Metric("RMSE", "target units")})
    mae: float = field(metadata={"metric": Metric("MAE", "target units")})

    def as_dict(self) -> dict[str, float]:
        """Return the scores that were measured, by name."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_dict(cls, scores: Mapping[str, float]) -> Self:
        """Return the scores by name, without those that this version does not measure.

        Raises
        ------
        ValueError
            If a score without a default is missing.
        """
        required = [score.name for score in fields(cls) if score.default is MISSING]
        if missing := sorted({*required} - {*scores}):
            raise ValueError(f"the scores lack {', '.join(missing)}")
        return cls(**{score.name: scores[score.name] for score in fields(cls) if score.name in scores})


METRICS: Mapping[str, Metric] = {score.name: score.metadata["metric"] for score in fields(Scores)}
"""Metrics by the name of their score."""


@dataclass(frozen=True, slots=True)
class ErrorSums(Sums):
    """Sums over rows: of squared errors and of their sizes; the target's mean, and the sum of squares about it.

    References
    ----------
    Chan, Golub and LeVeque (1983), "Algorithms for computing the sample variance" (the spread of the target, block by
    block).
    """

    rows: int
    squares: float
    sizes: float
    mean: float
    spread: float

    @classmethod
    def of(cls, errors: FloatArray, target: Numbers) -> Self:
        """Return the sums of at least one row."""
        mean = float(np.mean(target, dtype=np.float64))
        apart = np.subtract(target, mean, dtype=np.float64)
        return cls(len(target), float(errors @ errors), float(np.abs(errors).sum()), mean, float(apart @ apart))

    def __add__(self, other: Self) -> Self:
        rows, moved = self.rows + other.rows, other.mean - self.mean
        spread = other.spread + moved**2 * self.rows * other.rows / rows
        return type(self)(
            rows,
            self.squares + other.squares,
            self.sizes + other.sizes,
            self.mean + moved * other.rows / rows,
            self.spread + spread,
        )


@dataclass(frozen=True, slots=True, eq=False)
class ErrorsOf(Work[ErrorSums]):
    """Work: the errors of a model, whose encoding is bound to the columns of the blocks."""

    model: LinearModel
    encoding: BoundEncoding

    def __call__(self, blocks: Iterable[Block]) -> ErrorSums:
        """Return the sums of the blocks."""
        sums = ErrorSums(0, 0.0, 0.0, 0.0, 0.0)
        for features, target in blocks:
            sums += ErrorSums.of(self.model.predict(self.encoding.values(features)) - target, target)
        return sums


def evaluate(model: LinearModel, rows: Rows) -> Scores:
    """Score `model` on `rows`, read once, finding its features among their columns by name.

    Raises
    ------
    InvalidData
        If the rows lack a feature of the model.
    """
    chosen = rows.select(model.feature_names)
    errors = chosen.reduce(ErrorsOf(model, BoundEncoding(model.encoding, chosen.columns)), BLOCK_ROWS)
    mse = errors.squares / errors.rows
    r2 = 1.0 - errors.squares / errors.spread
    return Scores(r2=r2, mse=mse, rmse=float(np.sqrt(mse)), mae=errors.sizes / errors.rows)
