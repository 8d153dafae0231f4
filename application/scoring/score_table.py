"""ScoreTable: predicts every row of a table with one version."""

import logging
from dataclasses import dataclass

from domain.delivery.chosen_version import chosen_version
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
        NoModelLoaded, ModelNotFound, CorruptModel
            As `chosen_version` raises them.
        IntervalUnavailable, InvalidData, OutputRefused, OutputUnavailable
            As `BatchScorer.score` raises them.
        """
        chosen = chosen_version(version, self.store.load, self.store.champion)
        scored = self.scorer.score(chosen, on_bad_row, on_progress)
        facts = {"version": chosen.name, "rows": scored.counts.rows, "bad_rows": scored.counts.bad_rows}
        log.info("table_scored", extra=facts)
        return ScoringOutcome(chosen, scored)
