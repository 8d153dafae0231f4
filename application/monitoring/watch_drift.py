"""WatchDrift: compares the rows that a host has answered, in a process that serves no model itself."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.errors import EndeavourError
from domain.model.model_version import ModelVersion
from domain.monitoring.drift_report import DriftReport
from domain.ports import DriftLog


@dataclass(frozen=True, slots=True)
class WatchDrift:
    """Compare the rows of the champion that is kept on this host; `kept_champion()` reads it.

    Without one, the server answers with the `bundled` version, unless that is None.
    """

    kept_champion: Callable[[], ModelVersion | None]
    bundled: ModelVersion | None
    log: DriftLog

    def __call__(self) -> DriftReport | None:
        """Return the comparison, None if there is nothing to compare or it cannot be read now."""
        try:
            champion = self.kept_champion() or self.bundled
            return DriftReport.of_window(champion, self.log.read()) if champion else None
        except EndeavourError:
            return None
