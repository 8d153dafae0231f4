"""ReportDrift: compares the rows that this host has answered with the training rows of its champion."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.model.model_version import ModelVersion
from domain.monitoring.drift_report import DriftReport
from domain.ports import DriftLog


@dataclass(frozen=True, slots=True)
class ReportDrift:
    """Compare the rows of the champion; `champion()` returns it, or raises `NoModelLoaded`."""

    champion: Callable[[], ModelVersion]
    log: DriftLog

    def __call__(self) -> DriftReport:
        """Return the comparison.

        Raises
        ------
        NoModelLoaded, NoDistributions
            If nothing is loaded, or an older release has trained the champion.
        FiguresUnavailable
            If the counts cannot be read now.
        """
        return DriftReport.of_window(self.champion(), self.log.read())
