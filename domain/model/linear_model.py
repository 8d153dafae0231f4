"""Linear model: coefficients and intercept."""

import hashlib
from dataclasses import dataclass

import numpy as np

from domain.data.arrays import FloatArray, Numbers, read_only


@dataclass(frozen=True, slots=True, eq=False)
class LinearModel:
    """y = X · coefficients + intercept.

    Parameters
    ----------
    coefficients : array_like of shape (n_features,)
        In target units per feature unit.
    intercept : float
        In target units.
    feature_names : sequence of str
        In the order of the coefficients.

    Raises
    ------
    ValueError
        If the shapes differ, a name repeats, or a number is not finite.

    Examples
    --------
    >>> model = LinearModel([2.0, -1.0], 10.0, ("area", "age"))
    >>> model.predict([[3.0, 4.0], [0.0, 0.0]]).tolist()
    [12.0, 10.0]
    """

    coefficients: FloatArray
    intercept: float
    feature_names: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "coefficients", read_only(self.coefficients))
        object.__setattr__(self, "intercept", float(self.intercept))
        object.__setattr__(self, "feature_names", tuple(self.feature_names))
        if self.coefficients.shape != (len(self.feature_names),) or not self.feature_names:
            raise ValueError(f"{self.coefficients.shape} coefficients for {len(self.feature_names)} features")
        if len(set(self.feature_names)) != len(self.feature_names):
            raise ValueError("feature names repeat")
        if not (np.isfinite(self.coefficients).all() and np.isfinite(self.intercept)):
            raise ValueError("a coefficient or the intercept is not a finite number")

    def predict(self, features: Numbers) -> FloatArray:
        """Return the predictions, shape (n_rows,), for `features` of shape (n_rows, n_features).

        Each row is summed by itself and in the same order, so that a row's prediction is the same to the last bit alone
        or among a million others; a BLAS product does not give that.
        """
        predictions: FloatArray = np.einsum("ij,j->i", np.ascontiguousarray(features), self.coefficients)
        return predictions + self.intercept

    @property
    def digest(self) -> str:
        """The sha256 of names and weights, as 64 hexadecimal digits: equal exactly for models that predict alike."""
        digest = hashlib.sha256("\x1f".join(self.feature_names).encode())
        digest.update(np.append(self.coefficients, self.intercept).astype("<f8").tobytes())
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LinearModel) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)
