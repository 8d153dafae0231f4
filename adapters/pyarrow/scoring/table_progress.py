"""Table progress: adds up the progress of files to that of their table."""

from collections.abc import Sequence

from domain.model.scoring import FileProgress, ScoringProgress
from domain.ports.scoring import OnScored


class TableProgress:
    """Receives the progress of each file, and reports that of the table.

    Parameters
    ----------
    rows : sequence of int
        Of each file; of CSV, an estimate, which the rows that are done never exceed.
    on_progress : callable
    """

    def __init__(self, rows: Sequence[int], on_progress: OnScored) -> None:
        self._rows, self._all_rows, self._on_progress = rows, sum(rows), on_progress
        self._done, self._done_rows, self._files = [0] * len(rows), 0, 0

    def __call__(self, file: FileProgress) -> None:
        """Report the progress of the table."""
        expected, before = self._rows[file.number], self._done[file.number]
        now = expected if file.is_complete else min(file.rows, expected)
        self._done[file.number] = now
        self._done_rows += now - before
        self._files += file.is_complete
        self._on_progress(ScoringProgress(self._done_rows, self._all_rows, self._files, len(self._rows)))
