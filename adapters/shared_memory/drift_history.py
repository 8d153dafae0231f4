"""Drift history in memory that all processes of a host share."""

import numpy as np

from adapters.shared_memory.shared_table import SharedTable
from domain.monitoring.drift_series import DriftLevel, DriftSeries
from domain.ports import MINUTES, DriftHistory

_ROW = np.dtype([("minute", "<i8"), ("level", "<f8", (len(DriftLevel._fields),))])
# One row more is that of the incomplete minute.
_LAYOUT = np.dtype([("sequence", "<u8"), ("rows", _ROW, (MINUTES.periods + 1,))])


class SharedDriftHistory(DriftHistory):
    """A row for each minute of a day, 35 KB; the row of a minute holds its number. The parent process alone writes."""

    def __init__(self) -> None:
        self.table = SharedTable(_LAYOUT, "the drift of this host")
        self._rows = self.table.record["rows"][0]

    def keep(self, level: DriftLevel, at: float) -> None:
        """Replace the row of the minute."""
        minute = int(at // MINUTES.seconds)
        with self.table.writing():
            self._rows[minute % len(self._rows)] = (minute, level)

    def read(self, minutes: int, at: float) -> DriftSeries:
        """Return the rows; those of another round count for nothing."""
        end = int(at // MINUTES.seconds)
        wanted = np.arange(end - minutes, end)
        rows = self.table.consistent(lambda: self._rows[wanted % len(self._rows)])
        return DriftSeries(np.where((rows["minute"] == wanted)[:, None], rows["level"], np.nan))
