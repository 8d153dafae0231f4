"""Model version: a model with its name and its lineage."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.model.calibration import Calibration
from domain.model.distributions import Distributions
from domain.model.linear_model import LinearModel
from domain.model.moments import Moments
from domain.model.reference_predictions import ReferencePredictions
from domain.model.score_intervals import Interval
from domain.model.scores import Scores

Setting = str | int | float | bool | None

# Warnings that a version keeps, and characters of one, at most.
MAX_WARNINGS, MAX_WARNING_CHARACTERS = 20, 300


@dataclass(frozen=True, slots=True)
class Lineage:
    """Origin of a model: enough to train it again to the same bits."""

    run_id: str
    scores: Scores
    """On the held-out rows."""
    target: str
    data_fingerprint: str
    """The sha256 of the table before the split."""
    settings: Mapping[str, Setting] = field(hash=False)
    """Of the learner, the data and the split."""
    code_revision: str
    """The commit of the program, with `+dirty` if files differed from it."""
    created_at: datetime
    """In UTC."""
    intervals: Mapping[str, Interval] = field(default_factory=dict, hash=False)
    """Of the scores, by their names; few held-out rows have none."""
    warnings: tuple[str, ...] | None = None
    """What a person should judge before the model is relied on, a sentence each; None in versions of older schemas."""


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A model under a name that is never reused; versions of older schemas lack what was added later."""

    name: str
    model: LinearModel
    lineage: Lineage
    reference_predictions: ReferencePredictions | None = None
    moments: Moments | None = field(default=None, compare=False)
    calibration: Calibration | None = field(default=None, compare=False)
    distributions: Distributions | None = field(default=None, compare=False)

    @property
    def is_complete(self) -> bool:
        """Whether the version has what a training of this release adds to the weights."""
        return None not in (self.calibration, self.distributions, self.lineage.warnings)

    @property
    def highest_level(self) -> float | None:
        """The highest level of prediction intervals in whole hundredths, None if the version has no intervals."""
        return self.calibration.highest_level if self.calibration else None
