"""How well a model predicts rows it has not learned from."""

from dataclasses import asdict, dataclass

import numpy as np

from domain.data.rows import Rows
from domain.model.linear_model import LinearModel

# Rows that are predicted at once.
BLOCK_ROWS = 65_536


@dataclass(frozen=True, slots=True)
class Scores:
    """Regression scores on one named set of rows, in their natural sign and unit.

    Parameters
    ----------
    r2 : float
        Coefficient of determination: 1 is perfect, 0 is as good as the mean, below 0 is worse. No unit.
    mse : float
        Mean squared error, target units squared.
    rmse : float
        Its root, target units.
    mae : float
        Mean absolute error, target units.
    """

    r2: float
    mse: float
    rmse: float
    mae: float

    def as_dict(self) -> dict[str, float]:
        """Return the scores by name."""
        return asdict(self)


def evaluate(model: LinearModel, rows: Rows) -> Scores:
    """Score `model` on `rows`, read once, finding its features among their columns by name.

    Raises
    ------
    InvalidData
        If the rows lack a feature of the model.

    References
    ----------
    Chan, Golub and LeVeque (1983), "Algorithms for computing the sample variance" (the spread of the target, block by
    block).
    """
    count, squares, sizes, mean, spread = 0, 0.0, 0.0, 0.0, 0.0
    for features, target in rows.select(model.feature_names).blocks(BLOCK_ROWS):
        errors = model.predict(features) - target
        squares += float(errors @ errors)
        sizes += float(np.abs(errors).sum())
        block_mean = float(np.mean(target, dtype=np.float64))
        moved = block_mean - mean
        apart = np.subtract(target, block_mean, dtype=np.float64)
        spread += float(apart @ apart) + moved**2 * count * len(target) / (count + len(target))
        count += len(target)
        mean += moved * len(target) / count
    mse = squares / count
    return Scores(r2=1.0 - squares / spread, mse=mse, rmse=float(np.sqrt(mse)), mae=sizes / count)
