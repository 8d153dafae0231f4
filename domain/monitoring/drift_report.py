"""Drift report: the comparison of later rows with the training rows of a version."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.monitoring.drift import ColumnDrift


@dataclass(frozen=True, slots=True)
class DriftReport:
    """Comparison of a table, or of the rows that servers have answered.

    Parameters
    ----------
    version : str
    training_rows : int
        Training rows that were counted.
    rows : int
        Later rows.
    columns : tuple of ColumnDrift
        The columns, and the predictions last.
    unusable : mapping of str to int
        Unusable cells by column.
    """

    version: str
    training_rows: int
    rows: int
    columns: tuple[ColumnDrift, ...]
    unusable: Mapping[str, int] = field(default_factory=dict)

    @property
    def drifted(self) -> tuple[str, ...]:
        """Names of the columns that have drifted."""
        return tuple(drift.name for drift in self.columns if drift.has_drifted)
