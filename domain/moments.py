"""What a model's record keeps of the rows that it was learned from."""

from dataclasses import dataclass

from domain.dataset import FloatArray, read_only


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Mean and covariance of the features, and the variance of the residuals.

    Parameters
    ----------
    rows : int
        That the model was learned from.
    measured_rows : int
        Of which mean and factor are: all of them, or a sample.
    mean : ndarray of shape (d,)
    factor : ndarray of shape (d, d)
        Upper triangular R with RᵀR = Cov(x).
    residual_variance : float or None
        In target units squared: squared residuals over the degrees of freedom; None if no freedom is left.
    """

    rows: int
    measured_rows: int
    mean: FloatArray
    factor: FloatArray
    residual_variance: float | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", read_only(self.mean))
        object.__setattr__(self, "factor", read_only(self.factor))
