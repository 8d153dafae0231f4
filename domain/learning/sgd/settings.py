"""Settings of stochastic gradient descent, validated."""

from dataclasses import asdict, dataclass
from numbers import Integral, Real
from typing import Self

import numpy as np

from domain.errors import InvalidParameter

# Settings travel with the model, through formats that have no larger integers.
MAX_INTEGER = 2**63 - 1
# A loss is kept for every pass.
MAX_PASSES = 1_000_000


@dataclass(frozen=True, slots=True)
class SGDSettings:
    """What a fit is asked for; with a learning rate it is the textbook method, else the certified one.

    Parameters
    ----------
    learning_rate : float, optional
        Of plain descent, along the gradient of the mean squared error (which carries the factor 2).
    batch_size : int, optional
        Rows a step. By default as many as the processor's cache holds; with a learning rate, all rows.
    max_passes : int
        Readings of the rows, at most. One pass is not certified.
    tol : float, optional
        The excess of the training MSE (and the penalty) over its optimum, as a share of the optimum, to stop at. With
        None, the fit ends when a pass gains nothing more. With a learning rate it must be None.
    seed : int
        Of the sample and of the order of the blocks. The same seed gives the same bits.
    penalty : float
        α, at least 0: the fit minimizes Σ (y − ŷ)² + α Σ (s w)² over all rows, with s the standard deviation of a
        number and 1 for a boolean. This is scikit-learn's Ridge(alpha=α) on standardized numbers and 0/1 columns. The
        intercept has no penalty.
        With a learning rate it must be 0.

    Raises
    ------
    InvalidParameter
        If a setting is outside its range.
    """

    learning_rate: float | None = None
    batch_size: int | None = None
    max_passes: int = 30
    tol: float | None = 1e-6
    seed: int = 0
    penalty: float = 0.0

    @classmethod
    def textbook(cls, learning_rate: float = 0.1, max_passes: int = 15_000) -> Self:
        """Return plain gradient descent with all rows in each step."""
        return cls(learning_rate, max_passes=max_passes, tol=None)

    def __post_init__(self) -> None:
        for name in ("learning_rate", "tol"):
            value = getattr(self, name)
            if value is not None and not (_is_a(Real, value) and 0 < value < np.inf):
                raise InvalidParameter(name, value, "a positive number")
        for name, least, most in (
            ("batch_size", 1, MAX_INTEGER),
            ("max_passes", 1, MAX_PASSES),
            ("seed", 0, MAX_INTEGER),
        ):
            value = getattr(self, name)
            if not ((_is_a(Integral, value) and least <= value <= most) or (value is None and name == "batch_size")):
                raise InvalidParameter(name, value, f"a whole number from {least} to {most:,}")
        if not (_is_a(Real, self.penalty) and 0 <= self.penalty < np.inf):
            raise InvalidParameter("penalty", self.penalty, "0 or a positive number")
        if self.learning_rate is not None and self.tol is not None:
            raise InvalidParameter("tol", self.tol, "left out with a learning rate: plain descent certifies nothing")
        if self.learning_rate is not None and self.penalty:
            raise InvalidParameter("penalty", self.penalty, "0 with a learning rate: plain descent has no penalty")

    @property
    def params(self) -> dict[str, float | int | None]:
        """Return the settings by name."""
        return asdict(self)


def _is_a(kind: type[Real] | type[Integral], value: object) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)
