"""What one training is asked for, and what it found."""

from dataclasses import dataclass

from domain.dataset import Dataset
from domain.errors import BadSetting
from domain.golden_rows import GoldenRows
from domain.model_version import Setting
from domain.moments import MAX_FEATURES, Moments
from domain.rows import Rows
from domain.scores import Scores
from domain.sgd import SGD, Fit
from domain.split import HoldOut, Split


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Everything that decides the outcome of a training, but the data themselves.

    Parameters
    ----------
    target : str
        The column to predict.
    features : tuple of str or None
        The columns to predict from, in this order; None takes every other column.
    hold_out : LastRows, RandomFraction or NamedFiles
    learner : SGD
    data : str
        What the table is called, for the record.

    Raises
    ------
    BadSetting
        If a feature is named twice, or the target is among the features.
    """

    target: str
    features: tuple[str, ...] | None
    hold_out: HoldOut
    learner: SGD
    data: str = ""

    def __post_init__(self) -> None:
        names = (*(self.features or ()), self.target)
        if len(set(names)) < len(names):
            raise BadSetting("features", ", ".join(self.features or ()), "different columns, the target not among them")

    @property
    def settings(self) -> dict[str, Setting]:
        """Return the plan by name, for a tracked run and a model's lineage."""
        features = "all" if self.features is None else ", ".join(self.features)
        of_data = {"data": self.data, "target": self.target, "features": features, "holdout": str(self.hold_out)}
        return of_data | self.learner.params


# Cells of a table that a run keeps as a whole, 20 MB as text, and the rows that it keeps of a larger one.
KEPT_CELLS, KEPT_SAMPLE = 1_000_000, 1_000


def is_kept_whole(rows: Rows) -> bool:
    """Return whether a tracked run keeps all of `rows`."""
    return len(rows) * (len(rows.feature_names) + 1) <= KEPT_CELLS


def kept_rows(rows: Rows) -> Dataset:
    """Return what a tracked run keeps of `rows`: all of them, or a sample if they are too many."""
    return rows.sample(len(rows) if is_kept_whole(rows) else KEPT_SAMPLE, seed=0)


@dataclass(frozen=True, slots=True)
class Training:
    """What a training found, before anybody judged it; `data_fingerprint` is that of the table before the split."""

    data_fingerprint: str
    split: Split
    fit: Fit
    scores: Scores

    def golden_rows(self) -> GoldenRows | None:
        """Return rows that the model can be tried on wherever it is served, None if it overflows on them."""
        return GoldenRows.like(self.fit.moments.mean, self.fit.moments.factor, self.fit.model)

    def moments(self) -> Moments | None:
        """Return what the model's record keeps of the training rows; None if there are too many features."""
        return self.fit.moments if len(self.fit.moments.mean) <= MAX_FEATURES else None
