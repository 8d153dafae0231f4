"""CompareTable: compares a table with the training rows of a version, without a server."""

import logging
from dataclasses import dataclass

from domain.data.errors import InvalidData
from domain.delivery.chosen_version import chosen_version
from domain.monitoring.drift import column_drifts
from domain.monitoring.drift_report import DriftReport
from domain.monitoring.errors import NoDistributions
from domain.ports import ModelStore, TableCounter
from domain.ports.scoring import OnScored

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CompareTable:
    """Compare a table with the training rows of the champion, or of a version of the caller's choice."""

    store: ModelStore
    counter: TableCounter

    def __call__(self, version: str | None, on_progress: OnScored) -> DriftReport:
        """Return the comparison.

        Raises
        ------
        NoModelLoaded, ModelNotFound, CorruptModel
            As `chosen_version` raises them.
        NoDistributions
            If an older release has trained the version.
        InvalidData
            As `TableCounter.count` raises it, or if the table has no rows.
        """
        chosen = chosen_version(version, self.store.load, self.store.champion)
        if chosen.distributions is None:
            raise NoDistributions(chosen.name)
        counted = self.counter.count(chosen.model, chosen.distributions, on_progress)
        if not counted.rows:
            raise InvalidData("the table has no rows to compare")
        drifts = column_drifts(chosen.distributions, chosen.model.encoding, counted.counts)
        report = DriftReport(chosen.name, chosen.distributions.rows, counted.rows, drifts, counted.unusable)
        log.info("table_compared", extra={"version": chosen.name, "rows": counted.rows, "drifted": len(report.drifted)})
        return report
