"""How well a model predicts rows it has not learnt from."""

from dataclasses import asdict, dataclass

import numpy as np

from domain.dataset import Dataset
from domain.linear_model import LinearModel


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


def evaluate(model: LinearModel, rows: Dataset) -> Scores:
    """Score `model` on `rows`, finding its features among their columns by name.

    Raises
    ------
    UnknownColumn
        If the rows lack a feature of the model.
    """
    errors = model.predict(rows.select(model.feature_names).features) - rows.target
    spread = rows.target - rows.target.mean()
    mse = float(np.mean(errors**2))
    return Scores(
        r2=1.0 - mse / float(np.mean(spread**2)),
        mse=mse,
        rmse=float(np.sqrt(mse)),
        mae=float(np.mean(np.abs(errors))),
    )
