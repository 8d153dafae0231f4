"""The learner: its settings, and which method they mean."""

from dataclasses import asdict, dataclass
from numbers import Integral, Real
from typing import Literal, Self

import numpy as np

from domain.errors import BadSetting, NoFeatures, TooFewRows
from domain.rows import Rows
from domain.sgd.plain import fit_plain
from domain.sgd.preconditioned import PreconditionedFit
from domain.sgd.report import Fit, OnProgress

Precondition = Literal["sample", "exact"]

# Settings travel with the model, through formats that have no larger integers.
LARGEST_INTEGER = 2**63 - 1
# A loss is kept for every pass.
MOST_PASSES = 1_000_000
# An exact preconditioner takes a pass itself, shows the way to the optimum in the next, and certifies it in the third.
FEWEST_EXACT = 3


@dataclass(frozen=True, slots=True)
class SGD:
    """Least squares by stochastic gradient descent on the mean squared error.

    By default, a sample of the rows shows how the features lie; one pass of mini-batch descent, in coordinates where
    the loss is equally curved in every direction, ends at its average, corrected by one Newton step; and further passes
    measure how far that is from the optimum, and go on to it where it is not near enough. Tables of no more rows than
    the sample are solved at once. docs/learning.md explains the method, ADR 14 why it is this one.

    With `precondition=None` it is the textbook method: the weights after the last step are the answer.

    Parameters
    ----------
    learning_rate : float, optional
        Of the first step along the negative gradient of the mean squared error (which carries the factor 2). By
        default half a step to the block's own optimum, 1/2, less where a block is small for the number of features.
        Without a preconditioner there is no rate that suits all data: it must be given, and stays as it is.
    batch_size : int, optional
        Rows a step. By default as many as the processor's cache holds; without a preconditioner, all rows, which is
        gradient descent.
    max_passes : int
        Readings of the rows at most. With 1, nothing is left to certify the answer with.
    tol : float, optional
        The excess of the training MSE over its optimum, as a share of the optimum, to stop at. None goes
        on until a pass gains nothing more.
    precondition : {'sample', 'exact'} or None
        Whether the coordinates come from a sample of the rows, or from the second moments of all.
    shuffle : bool
        Whether the blocks of consecutive rows are visited in random order.
    seed : int
        Of the sample and of that order. The same seed gives the same bits.

    Raises
    ------
    BadSetting
        If a setting is outside what it can be.

    Examples
    --------
    >>> from domain.dataset import Dataset
    >>> line = Dataset([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], ("x",), "y")
    >>> model = SGD().fit(line).model
    >>> model.coefficients.round(6).tolist(), round(model.intercept, 6)
    ([2.0], 1.0)
    """

    learning_rate: float | None = None
    batch_size: int | None = None
    max_passes: int = 30
    tol: float | None = 1e-6
    precondition: Precondition | None = "sample"
    shuffle: bool = True
    seed: int = 0

    @classmethod
    def textbook(cls, learning_rate: float = 0.1, max_passes: int = 15_000) -> Self:
        """Return plain gradient descent: fixed rate, all rows in each step, no preconditioner, every pass made."""
        return cls(learning_rate, max_passes=max_passes, tol=None, precondition=None)

    def __post_init__(self) -> None:
        if self.precondition not in ("sample", "exact", None):
            raise BadSetting("precondition", self.precondition, "'sample', 'exact' or None")
        for name in ("learning_rate", "tol"):
            value = getattr(self, name)
            if value is not None and not (_is_a(Real, value) and 0 < value < np.inf):
                raise BadSetting(name, value, "a positive number")
        if not isinstance(self.shuffle, bool):
            raise BadSetting("shuffle", self.shuffle, "True or False")
        for name, least, most in (
            ("batch_size", 1, LARGEST_INTEGER),
            ("max_passes", 1, MOST_PASSES),
            ("seed", 0, LARGEST_INTEGER),
        ):
            value = getattr(self, name)
            if not ((_is_a(Integral, value) and least <= value <= most) or (value is None and name == "batch_size")):
                raise BadSetting(name, value, f"a whole number from {least} to {most:,}")
        if self.precondition == "exact" and self.max_passes < FEWEST_EXACT:
            raise BadSetting("max_passes", self.max_passes, f"{FEWEST_EXACT} or more with an exact preconditioner")
        if self.precondition is None and self.learning_rate is None:
            raise BadSetting("learning_rate", None, "given when there is no preconditioner")

    @property
    def params(self) -> dict[str, float | int | str | None]:
        """Return the settings by name, for a tracked run."""
        return asdict(self)

    def fit(self, rows: Rows, on_progress: OnProgress | None = None) -> Fit:
        """Learn from `rows`; call `on_progress` ten times a second and after each pass.

        Raises
        ------
        TooFewRows, NoFeatures
            If there are none.
        RateTooLarge
            If plain descent must diverge at this learning rate.
        BadCell
            If rows that are read as a stream hold a number that cannot be learnt from.
        """
        if not len(rows):
            raise TooFewRows("training", 0, 1)
        if not rows.feature_names:
            raise NoFeatures(rows.target_name)
        if self.precondition is None:
            return fit_plain(self, rows, on_progress)
        return PreconditionedFit(self, rows, on_progress).fit()


def _is_a(kind: type[Real] | type[Integral], value: object) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)
