"""Ports of batch scoring: predicts every row of a table, and runs the scoring of its files."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from domain.model.model_version import ModelVersion
from domain.model.scoring import FileProgress, FileScored, OnBadRow, ScoredTable, ScoringProgress

F = TypeVar("F")
OnScored = Callable[[ScoringProgress], None]
OnFile = Callable[[FileProgress], None]
FileWork = Callable[[F, Callable[[int], None]], FileScored]
"""Scores a file; the second argument is called with the number of rows that are done, and may raise to end it."""
OutputCheck = Callable[[], str]
"""Returns why the machine that calls it does not see the folder of the scored files; '' if it sees it."""


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
        IntervalUnavailable
            If prediction intervals are asked for and the version has none at their level.
        OutputRefused
            If the place holds predictions of another model or files of others.
        OutputUnavailable
            If the place cannot be written.
        """


class FileRunner(Protocol):
    """Runs the scoring of files, here or on other machines."""

    @abstractmethod
    def run(
        self, work: FileWork[F], files: Sequence[F], output: AbstractContextManager[OutputCheck], on_file: OnFile
    ) -> list[FileScored]:
        """Return what `work` returns for each of the files, in their order.

        An exception of `on_file` ends the run. Another machine must see the folder of the scored files, which it finds
        out by the check that `output` yields. Work, files and check travel by pickle.

        Raises
        ------
        InvalidData, OutputUnavailable
            What `work` raises; if it does for several files, what one of them raises.
        ClusterUnavailable
            If the other machines cannot be reached, were lost, or do not see the folder.
        """
