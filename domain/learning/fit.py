"""Fit: the port of a learner, and a fit's progress, report and result."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from domain.data.rows import LearnableRows
from domain.model.linear_model import LinearModel
from domain.model.model_version import Setting
from domain.model.moments import Moments

StopReason = Literal["tol", "exact", "max_passes", "stall"]
"""Why a fit ended; the last two come with a warning."""

_WARNINGS: Mapping[StopReason, str] = {
    "tol": "",
    "exact": "",
    "max_passes": "all allowed passes are made, and no certificate is within tol: raise max_passes, "
    "or leave the learning rate out",
    "stall": "the excess loss no longer falls: tol asks for more than rounding allows",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a fit has come.

    Parameters
    ----------
    phase : str
        The step of the method: 'sample', 'solve', 'descent', 'certificate', 'factor'.
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
    """Report of a fit.

    Parameters
    ----------
    stop_reason : {'tol', 'exact', 'max_passes', 'stall'}
    losses : tuple of float
        Mean squared error on the training rows, target units squared, one for each complete pass. Descent: progressive
        (each row is scored before the step that uses it). Certificate: at the model that the pass started from.
        Factorization and plain descent: at the model that the pass ended with.
    relative_excess_loss : tuple of float
        Each certificate: the estimated excess of the training MSE (and the penalty) over its optimum, as a share of the
        optimum. The model has the smallest of them. Empty if no pass certified.
    loss : float
        Mean squared error of the model on the training rows; estimated from the pass of the descent if not certified.
    passes : int
        Readings of the rows, a descent that was given up included; in plain descent, those that learn.
    rows_seen : int
        Rows read, counted each time.
    steps : int
        Steps of the descent.
    batch_size : int
        Rows a step.
    rank : int
        Directions in which the features vary; with a penalty, features that vary.
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
        """Why the model may not be the optimum; empty after `tol` and `exact`."""
        return _WARNINGS[self.stop_reason]

    def metrics(self) -> dict[str, int | float]:
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
    """A learned model, the report of its fit, and the moments of the rows."""

    model: LinearModel
    report: FitReport
    moments: Moments


class Learner(Protocol):
    """Learns a model from rows."""

    @property
    @abstractmethod
    def params(self) -> Mapping[str, Setting]:
        """Return the settings by name, for a tracked run and a model's lineage."""

    @abstractmethod
    def with_penalty(self, penalty: float) -> "Learner":
        """Return this learner with the ridge penalty `penalty` on standardized features, in rows."""

    @abstractmethod
    def fit(self, rows: LearnableRows, on_progress: OnProgress | None = None) -> Fit:
        """Learn from `rows`; call `on_progress` ten times a second and after each pass.

        Raises
        ------
        InvalidData
            If there are no rows or no features, or if a row of a stream is unusable (`InvalidCell`).
        InvalidParameter
            If the settings do not suit the rows.
        """
