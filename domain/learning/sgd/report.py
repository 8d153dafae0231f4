"""What a fit has found, and how."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from domain.model.linear_model import LinearModel
from domain.model.moments import Moments

StopReason = Literal["tol", "exact", "max_passes", "stall"]
"""Why a fit ended; the last two come with a warning."""

_WARNINGS: Mapping[StopReason, str] = {
    "tol": "",
    "exact": "",
    "max_passes": "all passes that were allowed are made, without a certificate within tol: allow more max_passes, "
    "without a learning rate",
    "stall": "the excess loss no longer falls: tol asks for more than rounding allows",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a fit has come.

    Parameters
    ----------
    phase : str
        What is being done: 'sample', 'solve', 'descent', 'certificate', 'factor'.
    passes : int
        Readings of all rows that are complete.
    rows_seen : int
        Rows read so far, counted each time.
    loss : float or None
        Mean squared error in the last complete pass, target units squared.
    relative_excess_loss : float or None
        The last certificate.
    """

    phase: str
    passes: int
    rows_seen: int
    loss: float | None
    relative_excess_loss: float | None


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class FitReport:
    """What happened during a fit.

    Parameters
    ----------
    stop_reason : {'tol', 'exact', 'max_passes', 'stall'}
    losses : tuple of float
        Mean squared error on the training rows, target units squared, one for each pass. Of the descent: of each row
        before it was learned from. Of a certificate: of the model that the pass began with. Of a factorization, and of
        plain descent: of the model that the pass ended with.
    relative_excess_loss : tuple of float
        Each certificate: the estimated excess of the training MSE over its optimum, as a share of the optimum. The
        last one is that of the model, unless an earlier one was less. Empty if no pass certified.
    loss : float
        Mean squared error of the model on the training rows; estimated from the pass of the descent if not certified.
    passes, rows_seen, steps : int
        Readings of all rows, and in plain descent those that learn; rows read, counted each time; steps of the descent.
    batch_size : int
        Rows a step.
    rank : int
        Directions in which the features vary.
    seconds : mapping of str to float
        Wall-clock time by phase.
    """

    stop_reason: StopReason
    losses: tuple[float, ...]
    relative_excess_loss: tuple[float, ...]
    loss: float
    passes: int
    rows_seen: int
    batch_size: int
    rank: int
    steps: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def warning(self) -> str:
        """What to know before the model is used; empty after `tol` and `exact`."""
        return _WARNINGS[self.stop_reason]

    def facts(self) -> dict[str, int | float]:
        """Return the single numbers by name, for a tracked run."""
        return {
            "passes": self.passes,
            "rows_seen": self.rows_seen,
            "steps": self.steps,
            "batch_size": self.batch_size,
            "rank": self.rank,
            "train_mse": self.loss,
            "fit_seconds": self.total_seconds,
            **{f"{phase}_seconds": seconds for phase, seconds in self.seconds.items()},
        }

    @property
    def total_seconds(self) -> float:
        """Wall-clock time of the fit."""
        return sum(self.seconds.values())


@dataclass(frozen=True, slots=True)
class Fit:
    """A learned model, the report of how it was learned, and what is kept of the rows."""

    model: LinearModel
    report: FitReport
    moments: Moments
