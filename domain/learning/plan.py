"""Training: its plan, its result, and the part of the data that a tracked run keeps."""

from dataclasses import dataclass

from domain.data.arrays import Block
from domain.data.rows import Rows
from domain.data.split import HoldOutStrategy, Split
from domain.errors import InvalidParameter
from domain.learning.fit import Fit, Learner
from domain.model.model_version import Setting
from domain.model.moments import MAX_FEATURES, Moments
from domain.model.reference_predictions import ReferencePredictions
from domain.model.scores import Scores


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Columns, hold-out and learner of a training: with the data, they decide its result.

    Parameters
    ----------
    target : str
        The column to predict.
    features : tuple of str
        The columns to predict from, in this order.
    hold_out : HoldOutLast, HoldOutFraction or HoldOutFiles
    learner : Learner
    data : str
        Name of the table, for the record.

    Raises
    ------
    InvalidParameter
        If there is no feature, a feature is named twice, or the target is among the features.
    """

    target: str
    features: tuple[str, ...]
    hold_out: HoldOutStrategy
    learner: Learner
    data: str = ""

    def __post_init__(self) -> None:
        if not self.features or len({*self.features, self.target}) <= len(self.features):
            allowed = "different columns, at least one, and not the target"
            raise InvalidParameter("features", ", ".join(self.features), allowed)

    @property
    def settings(self) -> dict[str, Setting]:
        """Return the plan by name, for a tracked run and a model's lineage."""
        features = ", ".join(self.features)
        of_data = {"data": self.data, "target": self.target, "features": features, "holdout": str(self.hold_out)}
        return {**of_data, **self.learner.params}


# Cells of a table that a run keeps as a whole, at most (20 MB as text); rows that it keeps of a larger table.
MAX_ARTIFACT_CELLS, ARTIFACT_SAMPLE_ROWS = 1_000_000, 1_000


def fits_artifact(rows: Rows) -> bool:
    """Return whether a tracked run keeps all of `rows`."""
    return len(rows) * (len(rows.feature_names) + 1) <= MAX_ARTIFACT_CELLS


def artifact_rows(rows: Rows) -> Block:
    """Return the rows that a tracked run keeps: all of them, or a sample if they are too many."""
    return rows.sample(len(rows) if fits_artifact(rows) else ARTIFACT_SAMPLE_ROWS, seed=0)


@dataclass(frozen=True, slots=True)
class Training:
    """Result of a training, before promotion is decided; `data_fingerprint` is that of the table before the split."""

    data_fingerprint: str
    split: Split
    fit: Fit
    scores: Scores

    def reference_predictions(self) -> ReferencePredictions | None:
        """Return rows with the model's predictions, for servers to compare with; None if a prediction overflows."""
        return ReferencePredictions.sample_like(self.fit.moments.mean, self.fit.moments.factor, self.fit.model)

    def moments(self) -> Moments | None:
        """Return the moments for the model's record; None if there are too many features."""
        return self.fit.moments if len(self.fit.moments.mean) <= MAX_FEATURES else None
