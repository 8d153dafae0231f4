"""Learner by stochastic gradient descent: the choice between the certified method and the textbook's."""

from dataclasses import replace

from domain.data.errors import InvalidData
from domain.data.rows import LearnableRows
from domain.learning.fit import Fit, Learner, OnProgress
from domain.learning.sgd.settings import SGDSettings
from domain.learning.sgd.textbook import fit_textbook
from domain.learning.sgd.whitened_fit import WhitenedFit


class SGD(SGDSettings, Learner):
    """Least squares by stochastic gradient descent on the mean squared error.

    A sample of the rows shows how the features vary together. One pass of mini-batch descent, in coordinates where the
    loss is equally curved in every direction, ends at its average, corrected by one Newton step. Further passes measure
    how far that is from the optimum. A table that the sample does not represent is factored instead. Tables of no more
    rows than the sample are solved at once. docs/learning.md explains the method and its settings.

    Examples
    --------
    >>> from domain.data.dataset import Dataset
    >>> line = Dataset([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], ("x",), "y")
    >>> model = SGD().fit(line).model
    >>> model.coefficients.round(6).tolist(), round(model.intercept, 6)
    ([2.0], 1.0)
    """

    def with_penalty(self, penalty: float) -> "SGD":
        """Return the same learner with another penalty."""
        return replace(self, penalty=penalty)

    def fit(self, rows: LearnableRows, on_progress: OnProgress | None = None) -> Fit:
        """Return the fit, as `Learner` describes; raise `Diverged` if the loss grows without bound."""
        if not len(rows):
            raise InvalidData("there are no rows to learn from")
        if not rows.feature_names:
            raise InvalidData(f"there is no feature to predict {rows.target_name!r} from")
        if self.learning_rate is not None:
            return fit_textbook(self, rows, on_progress)
        return WhitenedFit(self, rows, on_progress).fit()
