"""MarkDrift: keeps how far rows have drifted by time, since when which columns have, and logs new ones."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from domain.errors import format_names
from domain.monitoring.drift_report import DriftReport
from domain.ports import DriftHistory, DriftLog

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MarkDrift:
    """Compare the rows of this host; keep how far they differ, and since when.

    The process that writes `log` and `history` runs it.

    Parameters
    ----------
    watch : callable
        Returns the comparison, None if there is nothing to compare.
    log : DriftLog
    history : DriftHistory
    unix_time : callable
    """

    watch: Callable[[], DriftReport | None]
    log: DriftLog
    history: DriftHistory
    unix_time: Callable[[], float]

    def __call__(self) -> None:
        """Mark the columns that have drifted now."""
        report = self.watch()
        if report is None or report.window is None:
            return
        drifted = {place: drift for place, drift in enumerate(report.columns) if drift.has_drifted}
        now = self.unix_time()
        self.log.mark(drifted.keys(), now)
        self.history.keep(report.level, now)
        new = [drift.name for place, drift in drifted.items() if place not in report.window.found]
        if new:
            log.warning("inputs_drifted", extra={"version": report.version, "columns": format_names(new)})
