"""Mini-batch stochastic gradient descent for linear least squares."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal, Self, get_args

import numpy as np

from domain.dataset import Dataset, FloatArray
from domain.errors import BadSetting, Diverged
from domain.linear_model import LinearModel
from domain.whitening import Coordinates, unscaled, whiten

Schedule = Literal["constant", "inverse_sqrt", "step_decay"]
Scaling = Literal["whiten", "none"]
StopReason = Literal["tolerance", "epochs"]
OnEpoch = Callable[[int, float], None]

# A loss this many times the first one is on its way to infinity, not through a bad patch.
RUNAWAY = 1e6
# Settings travel with the model, through formats that have no larger integers.
LARGEST_INTEGER = 2**63 - 1
# Squared gradient, as a share of the target's mean square, that is rounding error and nothing else.
ROUNDING = 1e-26


@dataclass(frozen=True, slots=True)
class FitReport:
    """What happened during a fit.

    Parameters
    ----------
    losses : tuple of float
        Mean squared error on the training rows after each epoch, target units squared.
    epochs : int
        Epochs run: readings of the whole table.
    stop_reason : {'tolerance', 'epochs'}
        'tolerance': the optimum is as near as asked for. 'epochs': they ran out first.
    learning_rate : float
        Of the first epoch: as set, or as it followed from the batch size and the number of features.
    rows_seen : int
        Rows that gradients were taken of, counted each time.
    seconds : float
        Wall-clock time of the fit.
    """

    losses: tuple[float, ...]
    epochs: int
    stop_reason: StopReason
    learning_rate: float
    rows_seen: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Fit:
    """A learnt model and the report of how it was learnt."""

    model: LinearModel
    report: FitReport


@dataclass(frozen=True, slots=True)
class SGD:
    """Least squares by stochastic gradient descent on the mean squared error.

    With `scaling='whiten'` (the default) the steps are taken in coordinates where the loss is equally curved in every
    direction, and each epoch ends at the average of its iterates moved by one Newton step along the average of the
    stochastic gradients that were seen on the way. The noise of the targets cancels in that step, so that with a
    learning rate that halves each epoch the error falls geometrically, to the least-squares answer.

    With `scaling='none'` it is the textbook method: the weights after the last step are the answer.

    Parameters
    ----------
    learning_rate : float, optional
        Step along the negative gradient of the mean squared error (which carries the factor 2). By default, with
        whitening, 1/2 (a full Newton step) for large batches, less where a batch is small for the number of features;
        as each epoch ends with a Newton step of its own, the rate then shapes the path more than the answer.
        Without whitening there is no rate that suits all data: it must be given.
    schedule : {'step_decay', 'inverse_sqrt', 'constant'}
        The rate of epoch e = 0, 1, …: halved each epoch, divided by √(e + 1), or unchanged.
    batch_size : int, optional
        Rows a step; None takes all rows in every step, which is gradient descent.
    epochs : int
        Readings of the table at most.
    tolerance : float, optional
        Stop when the excess of the loss over its optimum, as a share of the optimum, is estimated to be below this.
        Only with whitening, where the squared gradient is that estimate. None runs all epochs.
    scaling : {'whiten', 'none'}
    seed : int
        Of the order in which rows are visited. The same seed gives the same bits.

    Raises
    ------
    BadSetting
        If a setting is outside what it can be.

    References
    ----------
    Polyak and Juditsky (1992), "Acceleration of stochastic approximation by averaging".
    Arnold et al. (2019), "Reducing the variance in online optimization by transporting past gradients".
    Ge, Kakade, Kidambi and Netrapalli (2019), "The step decay schedule: a near optimal, geometrically decaying learning
    rate procedure for least squares".

    Examples
    --------
    >>> line = Dataset([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], ("x",), "y")
    >>> model = SGD().fit(line).model
    >>> model.coefficients.round(6).tolist(), round(model.intercept, 6)
    ([2.0], 1.0)
    """

    learning_rate: float | None = None
    schedule: Schedule = "step_decay"
    batch_size: int | None = 32
    epochs: int = 100
    tolerance: float | None = 1e-14
    scaling: Scaling = "whiten"
    seed: int = 0

    @classmethod
    def textbook(cls, learning_rate: float = 0.1, epochs: int = 15_000) -> Self:
        """Return plain gradient descent: fixed rate, full batch, no scaling, every epoch run."""
        return cls(learning_rate, "constant", batch_size=None, epochs=epochs, tolerance=None, scaling="none")

    def __post_init__(self) -> None:
        for name, choices in (("schedule", get_args(Schedule)), ("scaling", get_args(Scaling))):
            if getattr(self, name) not in choices:
                raise BadSetting(name, getattr(self, name), f"one of {', '.join(choices)}")
        for name in ("learning_rate", "tolerance"):
            value = getattr(self, name)
            if value is not None and not 0 < value < np.inf:
                raise BadSetting(name, value, "a positive number")
        for name, least in (("batch_size", 1), ("epochs", 1), ("seed", 0)):
            value = getattr(self, name)
            if value is not None and not least <= value <= LARGEST_INTEGER:
                raise BadSetting(name, value, f"{least} or more, and no more than fits in 63 bits")
        if self.scaling == "none" and self.learning_rate is None:
            raise BadSetting("learning_rate", None, "given when scaling is 'none'")
        if self.scaling == "none" and self.tolerance is not None:
            raise BadSetting("tolerance", self.tolerance, "left out when scaling is 'none'")

    @property
    def params(self) -> dict[str, float | int | str | None]:
        """Return the settings by name, for a tracked run."""
        return asdict(self)

    def fit(self, rows: Dataset, on_epoch: OnEpoch | None = None) -> Fit:
        """Learn from `rows`; call `on_epoch(epochs_run, loss)` after each epoch.

        Raises
        ------
        Diverged
            If the loss grows without bound.
        """
        started = time.perf_counter()
        coordinates = whiten(rows.features) if self.scaling == "whiten" else unscaled(rows.features)
        descent = _Descent(self, coordinates, rows.target)
        losses: list[float] = []
        stop_reason: StopReason = "epochs"
        with np.errstate(over="ignore", invalid="ignore"):
            for epoch in range(self.epochs):
                losses.append(descent.epoch(epoch))
                if on_epoch:
                    on_epoch(epoch + 1, losses[-1])
                if descent.excess_is_below(self.tolerance):
                    stop_reason = "tolerance"
                    break
        model = LinearModel(*coordinates.original(descent.weights), rows.feature_names)
        epochs = len(losses)
        seconds = time.perf_counter() - started
        report = FitReport(tuple(losses), epochs, stop_reason, descent.rate, epochs * len(rows), seconds)
        return Fit(model, report)


class _Descent:
    """The state of one fit: the weights, and the loss and gradient at them.

    In what follows n is the number of rows, k the number of columns of the design matrix Q (n × k), w the weights (k,)
    and g the gradient of half the mean squared error, Qᵀ(Qw − y)/n; a step of learning rate η is then 2ηg.
    """

    def __init__(self, settings: SGD, coordinates: Coordinates, target: FloatArray) -> None:
        self._design, self._target = coordinates.design, target
        self._rows, columns = self._design.shape
        self._batch = min(settings.batch_size or self._rows, self._rows)
        self._settings = settings
        self.rate = settings.learning_rate or 0.5 / (1 + 2 * columns / self._batch)
        self._random = np.random.default_rng(settings.seed)
        self.weights: FloatArray = np.zeros(columns)
        if settings.scaling == "whiten":
            self.weights[-1] = target.mean()  # the best constant; a large offset would drown the gradient in rounding
        self._loss = self._first_loss = float(np.mean((target - self.weights[-1]) ** 2))
        self._gradient: FloatArray = np.zeros(columns)

    def epoch(self, number: int) -> float:
        """Read the table once in batches and return the mean squared error at the new weights."""
        rate = self.rate * self._decay(number)
        mean_weights, mean_gradient = self._pass(rate)
        if self._settings.scaling == "whiten":
            # The Hessian is the identity here: a Newton step is the gradient itself.
            self.weights = mean_weights - mean_gradient
        residuals = self._design @ self.weights - self._target
        self._gradient = residuals @ self._design / self._rows
        self._loss = float(np.mean(residuals**2))
        if not self._loss <= RUNAWAY * self._first_loss:
            raise Diverged(number + 1, rate, stable_below=self._largest_stable_rate())
        return self._loss

    def excess_is_below(self, tolerance: float | None) -> bool:
        """Tell whether the loss is within `tolerance` of its optimum: in these coordinates the excess is |g|²."""
        excess = float(self._gradient @ self._gradient)
        return tolerance is not None and excess <= max(tolerance * (self._loss - excess), ROUNDING * self._first_loss)

    def _pass(self, rate: float) -> tuple[FloatArray, FloatArray]:
        """Step through the rows and return the means of the weights and of the gradients met on the way, both (k,)."""
        weights_sum, gradient_sum = np.zeros_like(self.weights), np.zeros_like(self.weights)
        for design, target in self._batches():
            gradient = (design @ self.weights - target) @ design
            weights_sum += len(target) * self.weights
            gradient_sum += gradient
            # Divided by the nominal batch size: the short last batch takes a short step.
            self.weights = self.weights - (2 * rate / self._batch) * gradient
        return weights_sum / self._rows, gradient_sum / self._rows

    def _batches(self) -> list[tuple[FloatArray, FloatArray]]:
        if self._batch == self._rows:
            return [(self._design, self._target)]
        order = self._random.permutation(self._rows)
        design, target = self._design[order], self._target[order]
        starts = range(0, self._rows, self._batch)
        return [(design[start : start + self._batch], target[start : start + self._batch]) for start in starts]

    def _decay(self, number: int) -> float:
        if self._settings.schedule == "step_decay":
            return float(0.5**number)
        return float((number + 1) ** -0.5) if self._settings.schedule == "inverse_sqrt" else 1.0

    def _largest_stable_rate(self) -> float:
        """Return 1/λ, with λ the largest eigenvalue of QᵀQ/n: beyond it, even full batches diverge."""
        return 1 / float(np.linalg.norm(self._design, ord=2) ** 2 / self._rows)
