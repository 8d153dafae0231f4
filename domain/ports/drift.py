"""Ports of drift: the rows of tables, of a host, and of all hosts by the bins of the training rows."""

from abc import abstractmethod
from collections.abc import Collection, Mapping
from typing import Protocol

from domain.model.distributions import Distributions
from domain.model.linear_model import LinearModel
from domain.monitoring.drift_series import DriftLevel, DriftSeries
from domain.monitoring.drift_window import DriftWindow
from domain.monitoring.replica_drift import ReplicaDrift
from domain.monitoring.table_counts import TableCounts
from domain.ports.scoring import OnScored


class TableCounter(Protocol):
    """Table whose rows are counted by the bins of a version's training rows."""

    @abstractmethod
    def count(self, model: LinearModel, distributions: Distributions, on_progress: OnScored) -> TableCounts:
        """Return the counts of all rows, read once; an exception of `on_progress` ends the reading.

        Raises
        ------
        InvalidData
            If the table cannot be read or lacks a column; a cell of another kind than its column is counted.
        """


class DriftLog(Protocol):
    """Rows that a host has counted by bin, of one version at a time."""

    @abstractmethod
    def add(self, version: str, rows: int, counts: Mapping[int, int], at: float) -> None:
        """Add counts by the place of the bin at the Unix time `at`; one process alone may do this.

        Another version begins anew; a full half (`is_full`) is the earlier one of the next window.
        """

    @abstractmethod
    def mark(self, drifted: Collection[int], at: float) -> None:
        """Keep since when columns have drifted, by their places (`still_found`); another version has none."""

    @abstractmethod
    def read(self) -> DriftWindow | None:
        """Return the window, None before the first row.

        Raises
        ------
        FiguresUnavailable
            If the writer was stopped in the middle of a change.
        """


class DriftHistory(Protocol):
    """How far the rows of a host differed from the training rows, by minute of the last day."""

    @abstractmethod
    def keep(self, level: DriftLevel, at: float) -> None:
        """Replace the level of the minute of the Unix time `at`; one process alone may do this."""

    @abstractmethod
    def read(self, minutes: int, at: float) -> DriftSeries:
        """Return the last complete minutes before the Unix time `at`.

        Raises
        ------
        FiguresUnavailable
            If the writer was stopped in the middle of a change.
        """


class ReplicaDrifts(Protocol):
    """Rows that each serving host has counted by bin."""

    @abstractmethod
    def read(self) -> tuple[ReplicaDrift, ...]:
        """Return what each host has counted; one that cannot be read has a `problem`."""
