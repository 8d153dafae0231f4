"""What a fit has found, and how."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from domain.linear_model import LinearModel
from domain.sgd.spread import Spread

StopReason = Literal["tol", "exact", "max_passes", "stall", "diverged"]
"""Why a fit ended; `tol` and `exact` are as hoped for, the others come with a warning."""

_WARNINGS: Mapping[StopReason, str] = {
    "tol": "",
    "exact": "",
    "max_passes": "the passes that were allowed are made, and no certificate is within tol: more max_passes go nearer",
    "stall": "the excess loss no longer falls: tol asks for more than rounding allows",
    "diverged": "the loss grew: the model is that of the best pass; use a smaller learning_rate, or a preconditioner",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a fit has come.

    Parameters
    ----------
    phase : str
        What is being done: 'solve', 'descent', 'certificate', 'rebuild', 'curvature'.
    passes : int
        Readings of all rows that are complete.
    rows_seen : int
        Rows read so far, counted each time.
    loss : float or None
        Mean squared error in the last complete pass, target units squared.
    excess_risk : float or None
        The last certificate.
    """

    phase: str
    passes: int
    rows_seen: int
    loss: float | None
    excess_risk: float | None


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class FitReport:
    """What happened during a fit.

    Parameters
    ----------
    stop_reason : {'tol', 'exact', 'max_passes', 'stall', 'diverged'}
    losses : tuple of float
        Mean squared error on the training rows, target units squared, one for each pass but a rebuild. Of the descent:
        of each row before it was learnt from. Of a certificate: of the model that the pass began with. Of plain
        descent: of the model that the pass ended with.
    excess_risk : tuple of float
        Each certificate: the estimated excess of the training MSE over its optimum, as a share of the optimum. The
        last one is that of the model; none if no pass was left to certify.
    loss : float
        Mean squared error of the model on the training rows; estimated from the pass of the descent if not certified.
    predicted_excess : float or None
        What the descent should reach in one pass if the rows come in no order, known before it runs.
    drift : float or None
        Of the rows from block to block: the median share of a block's loss that a Newton step would explain, over
        what chance alone would make it. Near 1 for rows in random order; many times that where blocks differ.
    passes, rows_seen, steps, clipped_steps : int
        Readings of all rows; rows read, counted each time; steps of the descent; those that were shortened.
    batch_size : int
        Rows a step.
    learning_rate : float or None
        Of the first step, if any was taken, on the mean squared error in the coordinates of the descent.
    rank : int
        Directions in which the features vary.
    rejected : bool
        Whether the descent ended too far off to be used, so that refinement began from the sample's answer.
    rebuilt : str
        Why the preconditioner was made again from all rows; empty if it was not.
    seconds : mapping of str to float
        Wall-clock time by phase.
    """

    stop_reason: StopReason
    losses: tuple[float, ...]
    excess_risk: tuple[float, ...]
    loss: float
    passes: int
    rows_seen: int
    batch_size: int
    learning_rate: float | None
    rank: int
    steps: int = 0
    clipped_steps: int = 0
    predicted_excess: float | None = None
    drift: float | None = None
    rejected: bool = False
    rebuilt: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def warning(self) -> str:
        """What to know before the model is used, in words; empty after `tol` and `exact`."""
        return _WARNINGS[self.stop_reason]

    def facts(self) -> dict[str, int | float]:
        """Return the single numbers by name, for a tracked run; those that were not measured are left out."""
        numbers = {
            "passes": self.passes,
            "rows_seen": self.rows_seen,
            "steps": self.steps,
            "clipped_steps": self.clipped_steps,
            "batch_size": self.batch_size,
            "learning_rate": self.learning_rate,
            "rank": self.rank,
            "train_mse": self.loss,
            "predicted_excess": self.predicted_excess,
            "drift": self.drift,
            "fit_seconds": self.total_seconds,
        }
        measured = {name: value for name, value in numbers.items() if value is not None}
        return measured | {f"{phase}_seconds": seconds for phase, seconds in self.seconds.items()}

    @property
    def total_seconds(self) -> float:
        """Wall-clock time of the fit."""
        return sum(self.seconds.values())


@dataclass(frozen=True, slots=True)
class Fit:
    """A learned model, the report of how it was learned, and how the features spread."""

    model: LinearModel
    report: FitReport
    spread: Spread | None = None
