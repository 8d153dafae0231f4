"""Training: its plan, its result, and the part of the data that a tracked run keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.data.arrays import Block
from domain.data.columns import Kind
from domain.data.rows import Rows
from domain.data.short_text import short_plain_text
from domain.data.split import HoldOutStrategy, Split
from domain.data.table import LeftOut
from domain.errors import InvalidParameter
from domain.learning.fit import Fit, Learner
from domain.learning.terms.choice import TermCandidate, Terms
from domain.model.calibration import Calibration
from domain.model.distributions import Distributions
from domain.model.importance import Importance
from domain.model.linear_model import LinearModel
from domain.model.model_version import MAX_WARNING_CHARACTERS, MAX_WARNINGS, Setting
from domain.model.moments import MAX_FEATURES, Moments
from domain.model.reference_predictions import ReferencePredictions
from domain.model.score_intervals import Interval
from domain.model.scores import Scores


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """Columns, terms, hold-out and learner of a training: with the data, they decide its result.

    Parameters
    ----------
    target : str
        The column to predict.
    features : tuple of str or None
        The columns to predict from, in this order; None for all columns that are fit for it.
    hold_out : HoldOutLast, HoldOutFraction or HoldOutFiles
    learner : Learner
    data : str
        Name of the table, for the record.
    exclude : tuple of str
        Columns that are not read.
    kinds : mapping of str to Kind
        Kinds of columns that are not to be inferred.
    terms : {'linear', 'splines', 'interactions', 'auto'}
        Terms of the columns; 'auto' chooses by cross-validation.
    penalty : float or None
        Ridge penalty on standardized terms; None chooses by cross-validation.
    log_target : bool
        Whether the logarithm of the target is linear in the terms.
    seed : int
        Of the choice of terms and penalty.

    Raises
    ------
    InvalidParameter
        If there is no feature, a feature is named twice, or the target is among the features.
    """

    target: str
    features: tuple[str, ...] | None
    hold_out: HoldOutStrategy
    learner: Learner
    data: str = ""
    exclude: tuple[str, ...] = ()
    kinds: Mapping[str, Kind] = field(default_factory=dict, hash=False)
    terms: Terms = "linear"
    penalty: float | None = 0.0
    log_target: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        features = self.features
        if features is not None and (not features or len({*features, self.target}) <= len(features)):
            allowed = "different columns, at least one, and not the target"
            raise InvalidParameter("features", ", ".join(features), allowed)

    @property
    def settings(self) -> dict[str, Setting]:
        """Return the plan by name, for a tracked run and a model's lineage."""
        features = "all" if self.features is None else ", ".join(self.features)
        settings: dict[str, Setting] = {"data": self.data, "target": self.target, "features": features}
        if self.exclude:
            settings["exclude"] = ", ".join(self.exclude)
        if self.kinds:
            settings["kinds"] = ", ".join(f"{name}: {kind}" for name, kind in self.kinds.items())
        if self.log_target:
            settings["log_target"] = True
        return {**settings, "holdout": str(self.hold_out), "terms": self.terms, **self.learner.params}


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
    """Result of a training, before promotion is decided.

    Parameters
    ----------
    data_fingerprint : str
        Of the table before the split.
    split : Split
        Of the columns that the model takes.
    fit : Fit
    scores : Scores
        On the held-out rows.
    candidates : tuple of TermCandidate
        Terms that were compared by cross-validation; empty if there was no choice.
    notes : tuple of str
        What the source converted, a sentence each.
    warnings : tuple of str
        Findings about data and model that a person should judge, a sentence each.
    objections : tuple of str
        Findings that forbid a promotion.
    intervals : mapping of str to Interval
        Of the scores, by their names.
    importances : tuple of Importance
        Of columns and pairs of columns, largest first.
    calibration : Calibration or None
        Of the held-out rows, for the intervals of predictions.
    champion : LinearModel or None
        The model in production before the training.
    settings : mapping of str to Setting
        Of the plan and the choice of terms.
    distributions : Distributions or None
        Of the training rows.
    """

    data_fingerprint: str
    split: Split
    fit: Fit
    scores: Scores
    candidates: tuple[TermCandidate, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    objections: tuple[str, ...] = ()
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    importances: tuple[Importance, ...] = ()
    calibration: Calibration | None = None
    champion: LinearModel | None = None
    settings: Mapping[str, Setting] = field(default_factory=dict)
    distributions: Distributions | None = None

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Columns that the model does not take, with the reasons."""
        return self.fit.model.encoding.left_out

    @property
    def all_warnings(self) -> tuple[str, ...]:
        """Objections, findings and the warning of the fit, as many and as long as a version keeps."""
        found = [text for text in (*self.objections, *self.warnings, self.fit.report.warning) if text]
        if len(found) > MAX_WARNINGS:
            found[MAX_WARNINGS - 1 :] = [f"there are {len(found) - MAX_WARNINGS + 1:,} more warnings"]
        return tuple(short_plain_text(text, MAX_WARNING_CHARACTERS) for text in found)

    def reference_predictions(self) -> ReferencePredictions | None:
        """Return rows with the model's predictions, for servers to compare with; None if a prediction overflows."""
        return ReferencePredictions.sample_like(self.fit.moments, self.fit.model)

    def moments(self) -> Moments | None:
        """Return the moments for the model's record; None if there are too many terms."""
        return self.fit.moments if len(self.fit.moments.mean) <= MAX_FEATURES else None
