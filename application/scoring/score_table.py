"""ScoreTable: predicts every row of a table with one version."""

import logging
from dataclasses import dataclass

from domain.delivery.errors import NoModelLoaded
from domain.model.model_version import ModelVersion
from domain.model.scoring import OnBadRow, ScoredTable
from domain.ports import BatchScorer, ModelStore
from domain.ports.scoring import OnScored

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ScoringOutcome:
    """The version that predicted, and what it scored."""

    version: ModelVersion
    scored: ScoredTable


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Predict a table with the champion, or with a version of the caller's choice.

    Parameters
    ----------
    store : ModelStore
    scorer : BatchScorer
    """

    store: ModelStore
    scorer: BatchScorer

    def __call__(self, version: str | None, on_bad_row: OnBadRow, on_progress: OnScored) -> ScoringOutcome:
        """Return the outcome; the version is read once, so that a promotion meanwhile changes nothing.

        Raises
        ------
        NoModelLoaded
            If nothing is in production and no version is named.
        ModelNotFound, CorruptModel
            If the version is missing or corrupt.
        IntervalUnavailable, InvalidData, OutputRefused, OutputUnavailable
            As `BatchScorer.score` raises them.
        """
        chosen = self.store.load(version) if version else self.store.champion()
        if chosen is None:
            raise NoModelLoaded
        scored = self.scorer.score(chosen, on_bad_row, on_progress)
        facts = {"version": chosen.name, "rows": scored.counts.rows, "bad_rows": scored.counts.bad_rows}
        log.info("table_scored", extra=facts)
        return ScoringOutcome(chosen, scored)
