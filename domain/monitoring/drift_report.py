"""Drift report: the comparison of later rows with the training rows of a version."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from domain.model.model_version import ModelVersion
from domain.monitoring.column_drift import ColumnDrift
from domain.monitoring.drift import column_drifts
from domain.monitoring.drift_series import DriftLevel
from domain.monitoring.drift_window import DriftWindow
from domain.monitoring.errors import NoDistributions


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
    window : DriftWindow or None
        Counts of servers; None of a table, and before the first row.
    """

    version: str
    training_rows: int
    rows: int
    columns: tuple[ColumnDrift, ...]
    unusable: Mapping[str, int] = field(default_factory=dict)
    window: DriftWindow | None = None

    @classmethod
    def of_window(cls, version: ModelVersion, window: DriftWindow | None) -> "DriftReport":
        """Return the comparison of the rows in a window; one of another version has none.

        Raises
        ------
        NoDistributions
            If an older release has trained the version.
        """
        training = version.distributions
        if training is None:
            raise NoDistributions(version.name)
        own = window if window and window.version == version.name else None
        counts = own.fitted(training.size) if own else np.zeros(training.size, dtype=np.int64)
        drifts = column_drifts(training, version.model.encoding, counts, own.looks if own else 1)
        since = own.found if own else {}
        dated = (
            replace(each, since=since.get(place)) if each.has_drifted else each for place, each in enumerate(drifts)
        )
        return cls(version.name, training.rows, own.rows if own else 0, tuple(dated), window=own)

    @property
    def drifted(self) -> tuple[str, ...]:
        """Names of the columns that have drifted."""
        return tuple(drift.name for drift in self.columns if drift.has_drifted)

    @property
    def level(self) -> DriftLevel:
        """How far the rows differ: a date moves on by itself, and few rows differ by chance."""
        excess = [drift.excess for drift in self.columns if drift.is_sure and drift.kind != "datetime"]
        return DriftLevel(len(self.drifted), max([0.0, *excess]))

    @property
    def since(self) -> float | None:
        """Unix time since when a column has drifted, None if none has, or that is not known."""
        return min((drift.since for drift in self.columns if drift.since is not None), default=None)
