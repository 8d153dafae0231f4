"""MarkDrift: keeps since when columns of the champion have drifted, and logs new ones."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from domain.errors import format_names
from domain.monitoring.drift_report import DriftReport
from domain.ports import DriftLog

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MarkDrift:
    """Compare the rows of this host, and keep the time of what is found; the process that writes `log` runs it.

    Parameters
    ----------
    watch : callable
        Returns the comparison, None if there is nothing to compare.
    log : DriftLog
    unix_time : callable
    """

    watch: Callable[[], DriftReport | None]
    log: DriftLog
    unix_time: Callable[[], float]

    def __call__(self) -> None:
        """Mark the columns that have drifted now."""
        report = self.watch()
        if report is None or report.window is None:
            return
        drifted = {place: drift for place, drift in enumerate(report.columns) if drift.has_drifted}
        self.log.mark(drifted.keys(), self.unix_time())
        new = [drift.name for place, drift in drifted.items() if place not in report.window.found]
        if new:
            log.warning("inputs_drifted", extra={"version": report.version, "columns": format_names(new)})
