"""Port of batch scoring: predicts every row of a table."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Protocol

from domain.model.model_version import ModelVersion
from domain.model.scoring import OnBadRow, ScoredTable, ScoringProgress

OnScored = Callable[[ScoringProgress], None]


class BatchScorer(Protocol):
    """Table whose rows are predicted, and the place of its predictions."""

    @abstractmethod
    def score(self, version: ModelVersion, on_bad_row: OnBadRow, on_progress: OnScored) -> ScoredTable:
        """Predict the rows that an earlier call has not completed, in their order, and return what was scored.

        An exception of `on_progress` ends the scoring; another call continues it.

        Raises
        ------
        InvalidData
            If the table cannot be read, lacks a column, or has a cell of another kind; `UnpredictableCell` only if the
            policy is to stop at a bad row.
        OutputRefused
            If the place holds predictions of another model or files of others.
        OutputUnavailable
            If the place cannot be written.
        """
