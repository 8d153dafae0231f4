"""The learner: its settings, and which method they mean."""

from dataclasses import asdict, dataclass
from numbers import Integral, Real
from typing import Self

import numpy as np

from domain.data.errors import InvalidData
from domain.data.rows import Rows
from domain.errors import InvalidParameter
from domain.learning.sgd.report import Fit, OnProgress
from domain.learning.sgd.textbook import fit_textbook
from domain.learning.sgd.whitened_fit import WhitenedFit

# Settings travel with the model, through formats that have no larger integers.
MAX_INTEGER = 2**63 - 1
# A loss is kept for every pass.
MAX_PASSES = 1_000_000


@dataclass(frozen=True, slots=True)
class SGD:
    """Least squares by stochastic gradient descent on the mean squared error.

    By default, a sample of the rows shows how the features vary together; one pass of mini-batch descent, in
    coordinates where the loss is equally curved in every direction, ends at its average, corrected by one Newton step;
    and further passes measure how far that is from the optimum. A table that the sample does not represent is factored
    instead. Tables of no more rows than the sample are solved at once. docs/learning.md explains the method.

    With a learning rate it is the textbook method: every pass is made at that rate, without a certificate.

    Parameters
    ----------
    learning_rate : float, optional
        Of plain descent, along the gradient of the mean squared error (which carries the factor 2).
    batch_size : int, optional
        Rows a step. By default as many as the processor's cache holds; with a learning rate, all rows.
    max_passes : int
        Readings of the rows at most. With 1, nothing is left to certify the answer with.
    tol : float, optional
        The excess of the training MSE over its optimum, as a share of the optimum, to stop at. None goes
        on until a pass gains nothing more. With a learning rate it must be None.
    seed : int
        Of the sample and of the order of the blocks. The same seed gives the same bits.

    Raises
    ------
    InvalidParameter
        If a setting is outside what it can be.

    Examples
    --------
    >>> from domain.data.dataset import Dataset
    >>> line = Dataset([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], ("x",), "y")
    >>> model = SGD().fit(line).model
    >>> model.coefficients.round(6).tolist(), round(model.intercept, 6)
    ([2.0], 1.0)
    """

    learning_rate: float | None = None
    batch_size: int | None = None
    max_passes: int = 30
    tol: float | None = 1e-6
    seed: int = 0

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
        if self.learning_rate is not None and self.tol is not None:
            raise InvalidParameter("tol", self.tol, "left out with a learning rate: plain descent certifies nothing")

    @property
    def params(self) -> dict[str, float | int | None]:
        """Return the settings by name, for a tracked run."""
        return asdict(self)

    def fit(self, rows: Rows, on_progress: OnProgress | None = None) -> Fit:
        """Learn from `rows`; call `on_progress` ten times a second and after each pass.

        Raises
        ------
        InvalidData
            If there are none.
        Diverged
            If the loss grows without bound at this learning rate.
        InvalidCell
            If rows that are read as a stream hold a number that cannot be learned from.
        """
        if not len(rows):
            raise InvalidData("there are no rows to learn from")
        if not rows.feature_names:
            raise InvalidData(f"there is no feature to predict {rows.target_name!r} from")
        if self.learning_rate is not None:
            return fit_textbook(self, rows, on_progress)
        return WhitenedFit(self, rows, on_progress).fit()


def _is_a(kind: type[Real] | type[Integral], value: object) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)
